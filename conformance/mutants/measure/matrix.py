"""Tries everything out, on all cores, and sums up what came of it."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor

import attrs

from conformance.mutants import catalogue
from conformance.mutants.measure import bars, survivors
from conformance.mutants.measure.bars import Outcome
from conformance.mutants.measure.trial import URL, matches, try_benign, try_mutant
from conformance.suite import run
from conformance.suite.settings import Settings, Target

MOST_UNRELATED = 0.02
"""Share of the mutants found beside which unrelated core or strict rules may fail."""
_AT_ONCE = 8


@attrs.frozen
class Matrix:
    """The outcome of every trial, and the rules that no mutant breaks."""

    mutants: tuple[Outcome, ...]
    benign: tuple[Outcome, ...]
    unbroken: tuple[str, ...]
    unused: tuple[str, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """Return the figures that the bars are about."""
        killed = [outcome for outcome in self.mutants if outcome.finding.killers]
        return {
            "mutants": len(self.mutants),
            "equivalent": sum(outcome.reason is not None for outcome in self.mutants),
            "killed": len(killed),
            "killed_by_a_fitting_rule": sum(bool(outcome.fitting) for outcome in killed),
            "killed_with_unrelated_failures": sum(bool(outcome.unrelated) for outcome in killed),
            "benign": len(self.benign),
            "benign_accused": sum(bool(outcome.finding.failed) for outcome in self.benign),
            "broken": sum(bool(outcome.finding.broken) for outcome in (*self.mutants, *self.benign)),
        }

    @property
    def holds(self) -> bool:
        """Whether all bars hold; unrelated failures may stay below their share."""
        counts = self.counts
        bad = [outcome for outcome in (*self.mutants, *self.benign) if outcome.complaints and not outcome.unrelated]
        return (
            not bad
            and not self.unused
            and counts["killed_by_a_fitting_rule"] == counts["mutants"] - counts["equivalent"]
            and counts["killed_with_unrelated_failures"] <= MOST_UNRELATED * max(1, counts["killed"])
        )


def measure(pattern: str = "*", workers: int | None = None) -> Matrix:
    """Try out every mutant and every correct server whose id matches the pattern."""
    mutants = [id_ for id_ in catalogue.mutants() if matches(id_, (pattern,))]
    benign = [id_ for id_ in catalogue.benign_servers() if matches(id_, (pattern,))]
    with ProcessPoolExecutor(workers or os.cpu_count(), initializer=_quiet) as pool:
        # Those on the network take longest, so they are begun first.
        servers = pool.map(try_benign_by_id, reversed(benign))
        outcomes = tuple(pool.map(try_mutant_by_id, mutants, chunksize=_AT_ONCE))
        accused = tuple(reversed(list(servers)))
    whole = pattern == "*"
    return Matrix(
        outcomes,
        accused,
        tuple(_unbroken(outcomes)) if whole else (),
        survivors.unused(tuple(mutants)) if whole else (),
    )


def try_mutant_by_id(id_: str) -> Outcome:
    """Try out one mutant."""
    mutant = catalogue.mutants()[id_]
    return bars.of_mutant(mutant, try_mutant(mutant))


def try_benign_by_id(id_: str) -> Outcome:
    """Try out one correct server."""
    server = catalogue.benign_servers()[id_]
    return bars.of_benign(server, try_benign(server))


def rules_hit(outcomes: tuple[Outcome, ...]) -> Counter[str]:
    """Count for each rule the mutants that it finds by right."""
    return Counter(rule for outcome in outcomes for rule in outcome.fitting)


def _unbroken(outcomes: tuple[Outcome, ...]) -> Iterator[str]:
    """Yield the rules that no mutant breaks: nobody knows whether they would be noticed to be gone."""
    hit = rules_hit(outcomes)
    for rule in run.prepare(Settings(Target(URL, key="key"), examples=0)).rules:
        # The property stage is left out here: it repeats what the planned part finds.
        if rule.id not in hit and "/property/" not in rule.id:
            yield rule.id


def _quiet() -> None:
    warnings.simplefilter("ignore")
