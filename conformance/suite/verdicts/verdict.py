"""The outcome of one rule on one recording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from attrs import frozen

from conformance.suite.exchange.recording import Exchange
from conformance.suite.rules.rule import Rule


class Outcome(StrEnum):
    """What became of a rule.

    What could not be found out is ``blocked`` if the server kept it from being decided, and ``not judged`` if the
    user's own limits did.
    """

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    BLOCKED = "blocked"
    NOT_JUDGED = "not judged"
    UNSUPPORTED = "unsupported"
    BROKEN = "broken"


@frozen
class Shown:
    """One thing that was found wrong: in which case or in how many answers, what, and the exchange that shows it.

    ``twin`` is the accepted exchange that differs from it in one thing, if the rule is about a refusal.
    """

    what: str
    actual: str
    exchange: str
    twin: str | None = None


@frozen
class Verdict:
    """The outcome of one rule, with what it rests on.

    ``samples`` counts the exchanges that gave evidence, ``evidence`` names those that show the outcome. ``cases`` are
    what was found wrong, the first of which the message tells; ``left_out`` counts those that are not listed.
    ``doubtful`` names the exchanges of which one has to be sent again, the best first, before the server can be held to
    break the rule.
    """

    rule: Rule
    outcome: Outcome
    message: str
    expected: str = ""
    actual: str = ""
    samples: int = 0
    evidence: tuple[str, ...] = ()
    cases: tuple[Shown, ...] = ()
    left_out: int = 0
    doubtful: tuple[str, ...] = ()


def passed(rule: Rule, exchanges: Sequence[Exchange]) -> Verdict:
    """Return the verdict that a rule was kept in these exchanges."""
    evidence = tuple(dict.fromkeys(exchange.id for exchange in exchanges))
    return Verdict(rule, Outcome.PASS, on(len(evidence)), samples=len(evidence), evidence=evidence)


def doubted(rule: Rule, what: str, exchanges: Iterable[Exchange]) -> Verdict:
    """Return the verdict that a rule was seen broken in one of these exchanges, but not often enough to say so."""
    message = f"could not find out: {what}; it was not sent again to see whether that is always so"
    return Verdict(rule, Outcome.BLOCKED, message, doubtful=tuple(exchange.id for exchange in exchanges))


def on(samples: int) -> str:
    """Say on how many samples a verdict rests."""
    return f"on {samples} sample{'' if samples == 1 else 's'}"


def by_outcome(verdicts: Iterable[Verdict]) -> Mapping[Outcome, list[Verdict]]:
    """Group verdicts by outcome."""
    groups: dict[Outcome, list[Verdict]] = {outcome: [] for outcome in Outcome}
    for verdict in verdicts:
        groups[verdict.outcome].append(verdict)
    return groups
