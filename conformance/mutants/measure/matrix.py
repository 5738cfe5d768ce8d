"""Tries everything out, on all cores, and sums up what came of it."""

from __future__ import annotations

import os
import statistics
import warnings
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor

import attrs

from conformance.mutants import catalogue
from conformance.mutants.measure import bars, survivors, trial
from conformance.mutants.measure.bars import Outcome
from conformance.mutants.measure.fits import WIDEST
from conformance.mutants.measure.trial import matches, try_benign, try_mutant

TOGETHER = "*/together-*"
"""The mutants whose fault shows only where two things come together."""
MOST_UNRELATED = 0.02
"""Share of the mutants found beside which unrelated core or strict rules may fail."""
MOST_CAUSES = 2
"""Causes by which one fault is to be explained, in this share of the mutants; in the median it is one."""
OF_FEW_CAUSES = 0.95
_AT_ONCE = 8


@attrs.frozen
class Matrix:
    """The outcome of every trial, the rules that no mutant breaks, and what is wrong with ``survivors.toml``.

    ``unbroken`` are those without a reason, ``excused`` those with one, and ``stale`` the entries of the file that mean
    nothing any more.
    """

    mutants: tuple[Outcome, ...]
    benign: tuple[Outcome, ...] = ()
    unbroken: tuple[str, ...] = ()
    excused: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()

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
            "found_by_random_requests_alone": sum(outcome.finding.examples == trial.BY_DEFAULT for outcome in killed),
            "by_more_than_by_default": sum(outcome.finding.examples > trial.BY_DEFAULT for outcome in killed),
            "fits_too_wide": sum(outcome.fit.width > WIDEST for outcome in self.mutants),
            "fits_without_a_rule": sum(bool(outcome.fit.nameless) for outcome in self.mutants),
            "rules_unbroken": len(self.unbroken),
            "rules_excused": len(self.excused),
            "benign": len(self.benign),
            "benign_accused": sum(bool(outcome.finding.failed) for outcome in self.benign),
            "broken": sum(bool(outcome.finding.broken) for outcome in (*self.mutants, *self.benign)),
        }

    @property
    def causes(self) -> Counter[int]:
        """Return how many mutants that were found show so many causes, by that number."""
        return Counter(len(outcome.finding.causes) for outcome in self.mutants if outcome.finding.killers)

    @property
    def median_causes(self) -> float:
        """How many causes a mutant that was found shows in the median."""
        return statistics.median(self.causes.elements()) if self.causes else 0

    @property
    def few_causes(self) -> float:
        """The share of the mutants that were found which show no more causes than there should be."""
        found = self.causes.total()
        return sum(n for causes, n in self.causes.items() if causes <= MOST_CAUSES) / found if found else 1.0

    @property
    def holds(self) -> bool:
        """Whether all bars hold; unrelated failures may stay below their share."""
        counts = self.counts
        return (
            not any(outcome.complaints for outcome in (*self.mutants, *self.benign))
            and not self.unbroken
            and not self.stale
            and counts["killed_by_a_fitting_rule"] == counts["mutants"] - counts["equivalent"]
            and self.few_causes >= OF_FEW_CAUSES
            and self.median_causes <= 1
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
    return summed_up(outcomes, accused, whole=pattern == "*")


def summed_up(mutants: tuple[Outcome, ...], benign: tuple[Outcome, ...], *, whole: bool) -> Matrix:
    """Sum up the outcomes; only those of ``whole`` catalogues say which rules and entries nothing answers to."""
    if not whole:
        return Matrix(mutants, benign)
    broken = {rule for outcome in mutants for rule in outcome.fitting}
    excused = survivors.unbroken()
    unbroken = [rule for rule in trial.rules() if rule not in broken]
    stale = [f"{pattern}, which is no mutant" for pattern in survivors.unused([outcome.id for outcome in mutants])]
    stale += [f"{rule}, which is no rule" for rule in excused if rule not in trial.rules()]
    stale += [f"{rule}, which a mutant breaks" for rule in excused if rule in broken]
    return Matrix(
        mutants,
        benign,
        unbroken=tuple(rule for rule in unbroken if rule not in excused),
        excused=tuple(rule for rule in unbroken if rule in excused),
        stale=tuple(stale),
    )


def try_mutant_by_id(id_: str) -> Outcome:
    """Try out one mutant."""
    mutant = catalogue.mutants()[id_]
    return bars.of_mutant(mutant, try_mutant(mutant))


def try_benign_by_id(id_: str) -> Outcome:
    """Try out one correct server."""
    server = catalogue.benign_servers()[id_]
    return bars.of_benign(server, try_benign(server))


def _quiet() -> None:
    warnings.simplefilter("ignore")
