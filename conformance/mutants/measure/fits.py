"""What the fits of a mutant must be like, so that not just any rule finds it: this needs no trial."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from conformance.mutants.measure import survivors
from conformance.mutants.measure.trial import matches
from conformance.mutants.mutant import Mutant

WIDEST = 10
"""Rules that may be about one lie at most."""


@attrs.frozen
class Fit:
    """How many of the rules that judge a mutant its fits match, and the patterns that match no rule at all."""

    width: int = 0
    nameless: tuple[str, ...] = ()

    @property
    def complaints(self) -> tuple[str, ...]:
        """Say what is wrong with the fits, if anything is."""
        found = [f"{pattern} is the id of no rule" for pattern in self.nameless]
        return (*found, f"its fits match {self.width} rules") if self.width > WIDEST else tuple(found)


def of_mutant(mutant: Mutant, rules: Sequence[str]) -> Fit:
    """Return how the fits of a mutant stand to the ids of all rules."""
    judging = [rule for rule in rules if not mutant.only or matches(rule, mutant.only)]
    width = sum(matches(rule, mutant.fits) for rule in judging)
    if survivors.reason(survivors.survivors(), mutant.id) is not None:
        # There need be no rule about a lie that can't be told from the truth.
        return Fit(width)
    return Fit(width, tuple(pattern for pattern in mutant.fits if not any(matches(rule, (pattern,)) for rule in rules)))
