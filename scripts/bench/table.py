"""What was measured as rows of a table: of each round a pair of figures, of all rounds ratio, medians and spread."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import attrs

Pair: TypeAlias = tuple[float, float]
"""What one round gave: the figure of ours, and that of the other."""

_HEADING: Final = "| measured | beside | ratio | ours | theirs | goal |\n| --- | --- | --- | --- | --- | --- |"


@attrs.frozen
class Goal:
    """What a ratio is to come to, or be better than: ``most``, or else ``least``."""

    most: float | None = None
    least: float | None = None

    def told(self, ratio: float) -> str:
        """Say the goal, and that it is missed if it is."""
        if self.most is not None:
            return f"at most {self.most:g}x{'' if ratio <= self.most else ', missed'}"
        if self.least is not None:
            return f"at least {self.least:g}x{'' if ratio >= self.least else ', missed'}"
        return ""


_NONE: Final = Goal()


@attrs.frozen
class Row:
    """One thing that was measured in rounds: its anchor in the document, what, beside which other, and the unit."""

    anchor: str
    what: str
    beside: str
    unit: str
    pairs: Sequence[Pair]
    goal: Goal = _NONE

    @property
    def ratios(self) -> list[float]:
        """Ours to theirs, of each round."""
        return [ours / theirs if theirs else math.inf for ours, theirs in self.pairs]

    def markdown(self) -> str:
        """Return the row; the ratio stands as README quotes it."""
        ratios, whole = self.ratios, all(figure == int(figure) for pair in self.pairs for figure in pair)
        further = "{:.0f}" if whole else "{:#.3g}"
        cells = [
            f'<a id="{self.anchor}"></a>{self.what}',
            self.beside,
            _spread(ratios, "{:.2f}x", "{:.2f}"),
            *(
                _spread(figures, f"{further} {self.unit}".rstrip(), further)
                for figures in zip(*self.pairs, strict=True)
            ),
            self.goal.told(statistics.median(ratios)),
        ]
        return f"| {' | '.join(cells)} |"


def markdown(rows: Iterable[Row]) -> str:
    """Return the table of these rows."""
    return "\n".join([_HEADING, *(row.markdown() for row in rows)])


def _spread(figures: Sequence[float], first: str, further: str) -> str:
    """Tell the median, and the lowest and the highest if they differ."""
    told = _plain(first.format(statistics.median(figures)))
    low, high = (_plain(further.format(end)) for end in (min(figures), max(figures)))
    return told if low == high else f"{told} ({low} to {high})"


def _plain(figure: str) -> str:
    """Return a figure without an exponent, and without a point at its end."""
    number, space, unit = figure.partition(" ")
    if "e" in number:
        number = f"{float(number):.0f}"
    return f"{number.removesuffix('.')}{space}{unit}"
