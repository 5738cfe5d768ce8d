"""Says in a sentence what a server does that makes rules fail, and how servers usually mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from attrs import frozen

from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.words import count, cut, listed
from conformance.suite.report.groups import Group, grouped, shared_condition
from conformance.suite.rules.hints import HINTS, Kind
from conformance.suite.rules.rule import Level
from conformance.suite.rules.titles import title
from conformance.suite.verdicts.verdict import Verdict

_LONGEST = 120
"""Characters of what was found that stand in a title."""
_FEW = 2
"""So many fields are named in a title."""
_GRAVEST = (Kind.NOTHING, Kind.WHATEVER, Kind.UNSTEADY)
"""Kinds that hide what else may be wrong, and so are told first."""


_SENTENCES = {
    Kind.NOTHING: "No valid request is accepted",
    Kind.WHATEVER: "Whatever is asked gets a success",
    Kind.UNSTEADY: "The same request is answered now one way, now another",
    Kind.KEYS: "Requests without a right key are accepted",
    Kind.ERROR_ANSWERED: "Valid requests get {status} with an error body",
    Kind.IGNORED: "{subject} is ignored",
    Kind.ANSWERS: "In answers, {found}",
    Kind.ERRORS: "Error answers are not of the usual form: {found}",
}
_PREDICATES = {
    Kind.REFUSED: ("the server answers {status}", "are refused with {status}"),
    Kind.BREAKS: ("the server fails with {status}", "make the server fail with {status}"),
    Kind.TAKEN: ("the server accepts it", "are accepted"),
    Kind.ERROR_AS_SUCCESS: ("the server answers {status} with an error body", "get {status} with an error body"),
    Kind.FAILS: ("the server fails with {status}", "make the server fail with {status}"),
    Kind.REDIRECTED: ("the server redirects with {status}", "are redirected with {status}"),
    Kind.HANGS: ("the server never answers", "are never answered"),
}
"""What the server does, behind the title of a rule, and what becomes of several kinds of requests."""


@frozen
class Cause:
    """Failures that one fault explains.

    ``title`` says in a sentence what the server does, ``hint`` how servers usually mend it, ``rules`` are the failed
    rules, of which the ``reproducer`` shows it best, and ``level`` is the gravest of theirs.
    """

    title: str
    kind: Kind
    hint: str
    level: Level
    rules: tuple[str, ...]
    reproducer: str


def causes(
    verdicts: Sequence[Verdict], exchanges: Mapping[str, Exchange], hints: Mapping[str, str] | None = None
) -> tuple[Cause, ...]:
    """Return the causes of all failures, the most harmful first; each failed rule belongs to one of them.

    ``hints`` are those of the API, by a pattern of rule ids without the operation; they go before the general ones.
    """
    found = [_cause(group, hints or {}) for group in grouped(verdicts, exchanges)]
    return tuple(sorted(found, key=_harm))


def _harm(cause: Cause) -> tuple[int, bool, int]:
    """Order by level, then by whether it hides other faults, then by how many rules it breaks."""
    return list(Level).index(cause.level), cause.kind not in _GRAVEST, -len(cause.rules)


def _cause(group: Group, hints: Mapping[str, str]) -> Cause:
    rules = [one.rule for one in group.failures]
    first = rules[0]
    name = first.id.partition("/")[2] if group.kind is Kind.ANSWERS else ""
    own = next((hint for pattern, hint in hints.items() if fnmatchcase(name, pattern)), None)
    return Cause(
        title=f"{_sentence(group)}{_extent(group)}",
        kind=group.kind,
        hint=own or HINTS[group.kind],
        level=group.level,
        rules=tuple(rule.id for rule in rules),
        reproducer=first.id,
    )


def _extent(group: Group) -> str:
    """Say how many rules it breaks, in how many operations, if they are more than one."""
    operations = len({one.rule.operation for one in group.failures})
    said = [count(len(group.failures), "rule"), *([count(operations, "operation")] if operations > 1 else [])]
    return f" ({', '.join(said)})" if len(group.failures) > 1 else ""


def _sentence(group: Group) -> str:
    if group.kind in _SENTENCES:
        return _SENTENCES[group.kind].format(**_facts(group))
    if len({one.rule.id.partition("/")[2] for one in group.failures}) == 1:
        return f"{_capital(title(group.failures[0].rule))}, but {_PREDICATES[group.kind][0].format(**_facts(group))}"
    return f"{_which(group)} {_PREDICATES[group.kind][1].format(**_facts(group))}"


def _facts(group: Group) -> dict[str, str]:
    statuses = dict.fromkeys(str(one.shown.status) for one in group.failures if one.shown.status)
    first = group.failures[0]
    return {
        "status": " or ".join(statuses),
        "found": cut(first.verdict.actual, _LONGEST),
        "subject": first.subject,
    }


def _which(group: Group) -> str:
    """Say which requests come out wrong."""
    valid = group.kind in (Kind.REFUSED, Kind.BREAKS)
    about, condition = group.subjects, shared_condition(group.failures)
    if condition is not None:
        return f"{'Valid' if valid else 'Wrong'} values of {listed(about)} with {condition}"
    if len(about) > _FEW or all(one.shown.request.raw.leads_elsewhere for one in group.failures):
        return f"{'Valid' if valid else 'Invalid'} requests"
    if any(one.shown.request.raw.body is not None or one.shown.request.raw.damage for one in group.failures):
        return "Unusual bodies" if valid else "Malformed bodies"
    return f"{'Valid' if valid else 'Wrong'} values of {listed(about)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
