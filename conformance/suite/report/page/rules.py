"""A rule of the report with its evidence, and the rules in groups: the failures first, the passes last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from attrs import frozen

from conformance.suite.exchange.words import cut, visible
from conformance.suite.report.page.exchanges import Shown
from conformance.suite.report.page.gallery import Shelf
from conformance.suite.report.page.marking import Piece, clause, difference
from conformance.suite.report.page.room import Room
from conformance.suite.report.record import VerdictEntry, also, counts_against
from conformance.suite.rules.rule import Level
from conformance.suite.verdicts.verdict import Outcome

_LABEL = 160
_SAMPLES = re.compile(r", on \d+ samples?$")
"""What two reasons differ in that are the same."""
_ORDER = (
    *(Outcome.BROKEN, Outcome.FAIL, Outcome.BLOCKED),
    *(Outcome.NOT_JUDGED, Outcome.UNSUPPORTED, Outcome.PASS),
)


@frozen
class Link:
    """A link to a rule, in these words."""

    words: str
    href: str


@frozen
class Evidence:
    """What shows a failure: the exchange, a program that makes its request again, and pictures."""

    shown: Shown | None = None
    snippet: str = ""
    shelf: Shelf | None = None


@frozen
class Card:
    """One rule as it is shown; ``elsewhere`` are the operations in which it fails too."""

    entry: VerdictEntry
    anchor: str
    href: str
    message: str
    known: str
    sentence: tuple[Piece, ...]
    expected: tuple[Piece, ...]
    got: tuple[Piece, ...]
    also: tuple[str, ...]
    elsewhere: tuple[Link, ...]
    curl: str
    evidence: Evidence

    @property
    def counts(self) -> bool:
        """Whether it makes the server not conformant."""
        return counts_against(self.entry)


@frozen
class Group:
    """Rules with one outcome, in one operation or for one reason; ``label`` says which."""

    outcome: str
    label: str
    anchor: str
    cards: tuple[Card, ...]


def anchor(rule: str) -> str:
    """Return the id of a rule's element: that of the rule, in which no space may stand."""
    return "-".join(rule.split())


def link(rule: str, words: str = "") -> Link:
    """Return the link to a rule."""
    return Link(words or rule, f"#{quote(anchor(rule), safe='/@:+,=')}")


def card(
    entry: VerdictEntry, failing: frozenset[str], operations: Iterable[str], evidence: Evidence, room: Room
) -> Card:
    """Put a rule together; ``failing`` are the ids of all rules that fail."""
    most, curl = room.sentence, entry["curl"] or ""
    operation, _, name = entry["rule"].partition("/")
    others = [other for other in operations if other != operation and f"{other}/{name}" in failing]
    what = entry["cases"][0]["what"] if entry["cases"] else ""
    expected, got = difference(cut(what, most), cut(entry["expected"], most), cut(entry["actual"], most))
    made = link(entry["rule"])
    return Card(
        entry,
        anchor(entry["rule"]),
        made.href,
        cut(entry["message"], most),
        cut(entry["known"] or "", most),
        clause(entry["source"]["text"], entry["source"]["clause"]),
        expected,
        got,
        tuple(cut(line, most) for line in also(entry)),
        tuple(link(f"{other}/{name}", other) for other in others if entry["rule"] in failing),
        curl if len(curl) <= room.program else "",
        evidence,
    )


def groups(cards: Iterable[Card]) -> Iterator[Group]:
    """Yield the groups: failures and passes by operation, what was not found out by its reason."""
    every = sorted(cards, key=_severity)
    for outcome in _ORDER:
        yield from _groups(outcome, [one for one in every if one.entry["outcome"] == outcome])


def _groups(outcome: Outcome, cards: list[Card]) -> Iterator[Group]:
    by = "operation" if outcome in (Outcome.FAIL, Outcome.PASS) else "message"
    found: dict[str, list[Card]] = {}
    for one in cards:
        found.setdefault(_SAMPLES.sub("", one.entry[by]), []).append(one)
    for number, (label, some) in enumerate(found.items(), 1):
        yield Group(outcome, visible(cut(label, _LABEL)), f"{outcome.replace(' ', '-')}-{number}", tuple(some))


def _severity(shown: Card) -> tuple[bool, int]:
    return not shown.counts, list(Level).index(Level(shown.entry["level"]))
