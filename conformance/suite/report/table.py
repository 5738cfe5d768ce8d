"""The table of a result: how many rules of each operation and level came to which outcome.

It is made for a terminal of 60 columns. Columns that would hold nothing but zeros are left out; headings of two lines
are used where one line has no room, and where the table has none at all, each of its rows becomes a sentence.
"""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from conformance.suite.report.names import short_names
from conformance.suite.report.record import Report
from conformance.suite.rules.rule import Level
from conformance.suite.verdicts.verdict import Outcome

STYLES = {
    Outcome.PASS: "green",
    Outcome.FAIL: "red",
    Outcome.BLOCKED: "yellow",
    Outcome.NOT_JUDGED: "dim",
    Outcome.UNSUPPORTED: "dim",
    Outcome.BROKEN: "magenta",
}
_IN_TWO = {Outcome.NOT_JUDGED: "not\njudged", Outcome.UNSUPPORTED: "unsup-\nported"}

_Row = tuple[str, str, dict[Outcome, int]]


def table(console: Console, report: Report) -> RenderableType:
    """Return the table in the best shape for the width of the console."""
    rows = _rows(report)
    outcomes = [outcome for outcome in Outcome if outcome is Outcome.PASS or any(row[2][outcome] for row in rows)]
    for headings in ({}, _IN_TWO):
        made = _table(rows, {outcome: headings.get(outcome, outcome.value) for outcome in outcomes})
        if console.measure(made, options=console.options.update(max_width=10_000)).maximum <= console.width:
            return made
    return Text("\n").join(_sentence(*row) for row in rows)


def _rows(report: Report) -> list[_Row]:
    """Return operation, level and numbers in the order of the contract, the gravest level first."""
    places: dict[str, list[str]] = {}
    counts: dict[tuple[str, Level], dict[Outcome, int]] = {}
    for verdict in report["verdicts"]:
        places.setdefault(verdict["operation"], []).append(verdict["source"]["pointer"])
        row = counts.setdefault((verdict["operation"], Level(verdict["level"])), dict.fromkeys(Outcome, 0))
        row[Outcome(verdict["outcome"])] += 1
    names = short_names(places)
    order = [(operation, level) for operation in places for level in Level]
    return [(names[key[0]], key[1].value, counts[key]) for key in order if key in counts]


def _table(rows: list[_Row], headings: dict[Outcome, str]) -> Table:
    made = Table(box=SIMPLE_HEAD, padding=0)
    made.add_column("operation", no_wrap=True)
    made.add_column("level", no_wrap=True)
    for heading in headings.values():
        made.add_column(heading, justify="right", no_wrap=True, vertical="bottom")
    shown = ""
    for name, level, row in rows:
        cells = [Text(str(row[outcome]), STYLES[outcome] if row[outcome] else "dim") for outcome in headings]
        made.add_row(name if name != shown else "", level, *cells)
        shown = name
    return made


def _sentence(name: str, level: str, row: dict[Outcome, int]) -> Text:
    return Text(f"{name} {level}: {', '.join(f'{number} {outcome}' for outcome, number in row.items() if number)}")
