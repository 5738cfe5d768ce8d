"""What a run came to, in figures: how much was judged in each operation at each level, and why the rest was not."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from conformance.suite.exchange.recording import Header
from conformance.suite.exchange.words import count
from conformance.suite.report import terminal
from conformance.suite.report.record import DECIDED, RESULTS, Report, counts_against
from conformance.suite.rules.rule import Level
from conformance.suite.verdicts.verdict import Outcome


@frozen
class Part:
    """A part of a bar: an outcome, how many rules have it, and where the part begins and how long it is, in percent."""

    outcome: str
    count: int
    start: float
    length: float


@frozen
class Bar:
    """How much was judged of an operation at a level."""

    operation: str
    level: str
    judged: int
    of: int
    parts: tuple[Part, ...]


def headline(report: Report) -> str:
    """Say what a run came to; that something was not judged is said first."""
    words = RESULTS[report["outcome"]]
    return words if report["complete"] or report["outcome"] == "fail" else f"{terminal.judged(report)}: {words}"


def why(report: Report) -> str:
    """Say in a sentence how many rules fail, and which of these make no difference."""
    failed = [verdict for verdict in report["verdicts"] if verdict["outcome"] == Outcome.FAIL]
    against = sum(map(counts_against, failed))
    known = sum(verdict["known"] is not None for verdict in failed)
    advice = len(failed) - against - known
    many = count(against, "core or strict rule") if against else "no core or strict rule"
    parts = [f"{many} {'fail' if against > 1 else 'fails'}"]
    parts += [f"{count(known, 'known failure')}"] if known else []
    parts += [f"{advice} of advice"] if advice else []
    if headline(report) == RESULTS[report["outcome"]]:
        parts[-1] += f"; {terminal.judged(report)}"
    return f"{', '.join(parts)}."


def environment(header: Header) -> Iterator[str]:
    """Yield the environment variables that a run like this one needs."""
    if header.key_used and not header.embedded:
        yield "OPENAI_API_KEY"
    if header.headers:
        yield "IMAGES_HEADERS"


def bars(report: Report) -> Iterator[Bar]:
    """Yield a bar for each operation and level that has rules."""
    operations = dict.fromkeys(verdict["operation"] for verdict in report["verdicts"])
    for operation in operations:
        for level in Level:
            found = [v["outcome"] for v in report["verdicts"] if v["operation"] == operation and v["level"] == level]
            if found:
                judged = sum(map(found.count, DECIDED))
                yield Bar(operation, level, judged, len(found), tuple(_parts(found)))


def _parts(outcomes: list[str]) -> Iterator[Part]:
    start = 0.0
    for outcome in Outcome:
        if number := outcomes.count(outcome):
            length = 100 * number / len(outcomes)
            yield Part(outcome, number, round(start, 3), round(length, 3))
            start += length
