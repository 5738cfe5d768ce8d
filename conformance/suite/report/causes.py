"""Groups the failures of a run into causes: what one fault of the server explains.

A pure function over verdicts: it looks at what was seen and at what the rules are about, and sends nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from conformance.suite.exchange.words import count
from conformance.suite.rules.rule import Level
from conformance.suite.verdicts.verdict import Outcome, Verdict


@frozen
class Cause:
    """Failures that one fault explains.

    ``title`` says in a sentence what the server does, ``hint`` how servers usually mend it (empty if there is nothing
    to say), ``rules`` are the failed rules, of which the ``reproducer`` shows it best, and ``level`` is the gravest of
    theirs. ``kind`` names the row of the table of hints.
    """

    title: str
    kind: str
    hint: str
    level: Level
    rules: tuple[str, ...]
    reproducer: str


def causes(verdicts: Sequence[Verdict]) -> tuple[Cause, ...]:
    """Return the causes of all failures, the most harmful first; each failed rule belongs to one of them."""
    groups: dict[tuple[str, Level], list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.outcome is Outcome.FAIL:
            groups.setdefault((verdict.rule.id.partition("/")[2], verdict.rule.level), []).append(verdict)
    ordered = sorted(groups.items(), key=lambda item: (list(Level).index(item[0][1]), -len(item[1])))
    return tuple(
        Cause(
            title=f"{name} fails ({count(len(failed), 'rule')})",
            kind="other",
            hint="",
            level=level,
            rules=tuple(verdict.rule.id for verdict in failed),
            reproducer=failed[0].rule.id,
        )
        for (name, level), failed in ordered
    )
