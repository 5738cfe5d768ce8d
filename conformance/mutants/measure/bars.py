"""What must come of a trial: every mutant found by one of the few rules about its lie, no correct server accused."""

from __future__ import annotations

import attrs

from conformance.mutants.measure import fits, survivors, trial
from conformance.mutants.measure.fits import Fit
from conformance.mutants.measure.trial import Finding
from conformance.mutants.mutant import Benign, Mutant

LEAST_PASSED = 50
"""A correct server that fewer rules pass was not really tested."""


_FIT = Fit()


@attrs.frozen
class Outcome:
    """What came of one trial: the finding, what it shows, and the complaints about the suite, none if all is well.

    That unrelated rules fail too is a complaint of its own kind, ``tolerable`` as long as it is true of few mutants.
    """

    id: str
    finding: Finding
    fit: Fit = _FIT
    fitting: tuple[str, ...] = ()
    unrelated: tuple[str, ...] = ()
    reason: str | None = None
    complaints: tuple[str, ...] = ()
    tolerable: tuple[str, ...] = ()


def of_mutant(mutant: Mutant, finding: Finding) -> Outcome:
    """Hold what the suite said of a mutant against the bars."""
    reason = survivors.reason(survivors.survivors(), mutant.id)
    beside = survivors.reason(survivors.besides(), mutant.id)
    fit = fits.of_mutant(mutant, trial.rules())
    fitting, unrelated = finding.fitting(mutant.fits), finding.unrelated((*mutant.fits, *mutant.consequences))
    complaints = [*fit.complaints, *(f"broken: {rule}" for rule in finding.broken)]
    tolerable: list[str] = []
    if finding.could_not_run:
        complaints.append(f"could not run: {finding.could_not_run}")
    elif finding.broken:
        # What is broken must be mended before anything else can be said.
        pass
    elif reason is not None and finding.killers:
        complaints.append(f"listed as a survivor, but found by {_some(finding.killers)}")
    elif reason is None and not finding.killers:
        complaints.append("survives")
    elif reason is None and not fitting:
        complaints.append(f"found only by rules that are about something else: {_some(finding.killers)}")
    elif unrelated and beside is None:
        tolerable.append(f"rules about something else fail too: {_some(unrelated)}")
    if beside is not None and not unrelated:
        complaints.append("listed as found by unrelated rules too, but is not")
    return Outcome(mutant.id, finding, fit, fitting, unrelated, reason, tuple(complaints), tuple(tolerable))


def of_benign(server: Benign, finding: Finding) -> Outcome:
    """Hold what the suite said of a correct server against the bars."""
    complaints = [f"broken: {rule}" for rule in finding.broken]
    complaints += [f"falsely accused: {rule}" for rule in finding.failed]
    if finding.could_not_run:
        complaints.append(f"could not run: {finding.could_not_run}")
    elif unclear := tuple(rule for rule in finding.unclear if not trial.matches(rule, server.undecided)):
        complaints.append(f"a correct server is left unclear: {_some(unclear)}")
    elif decided := tuple(
        one for one in server.undecided if not any(trial.matches(r, (one,)) for r in finding.unclear)
    ):
        complaints.append(f"listed as undecided, but is decided: {_some(decided)}")
    elif finding.passed < LEAST_PASSED:
        complaints.append(f"only {finding.passed} rules pass")
    return Outcome(server.id, finding, complaints=tuple(complaints))


def _some(rules: tuple[str, ...]) -> str:
    more = f" and {len(rules) - 3} more" if len(rules) > 3 else ""  # noqa: PLR2004 - as many as fit on a line
    return ", ".join(rules[:3]) + more
