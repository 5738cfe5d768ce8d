"""Puts a page together from a report and its recording, with as much of the exchanges as there is room for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import define, field, frozen

from conformance.suite.exchange.recording import Recording
from conformance.suite.plan.prepared import Prepared
from conformance.suite.report.page.exchanges import Shower
from conformance.suite.report.page.gallery import Gallery, Shelf
from conformance.suite.report.page.looks import Looks
from conformance.suite.report.page.room import Room
from conformance.suite.report.page.rules import Card, Evidence, Group, card, groups
from conformance.suite.report.page.snippet import Server, snippet
from conformance.suite.report.record import CauseEntry, Report, VerdictEntry
from conformance.suite.settings import Limits
from conformance.suite.verdicts.verdict import Outcome

_SIZES = 12
"""Kinds of images that came as they should, of which one is shown each."""


@frozen
class Cause:
    """A cause of the report, and the cards of its rules, that of its reproducer first."""

    entry: CauseEntry
    cards: tuple[Card, ...]


@frozen
class View:
    """All that a page shows beside the report itself; ``shelves`` are images that came as they should."""

    causes: tuple[Cause, ...]
    groups: tuple[Group, ...]
    shelves: tuple[tuple[str, Shelf], ...]


def view(report: Report, recording: Recording, prepared: Prepared, looks: Looks, room: Room) -> View:
    """Return what a page shows of a report and its recording with this room."""
    maker = _Maker(report, recording, prepared, looks, room)
    cards = maker.cards()
    causes = tuple(
        Cause(entry, tuple(cards[rule] for rule in dict.fromkeys((entry["reproducer"], *entry["rules"]))))
        for entry in report["causes"]
    )
    return View(causes, tuple(groups(cards.values())), tuple(maker.passed()))


@define
class _Maker:
    report: Report
    recording: Recording
    prepared: Prepared
    looks: Looks
    room: Room
    gallery: Gallery = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.gallery = Gallery.of(self.looks, self.room)

    def cards(self) -> Mapping[str, Card]:
        """Return the cards of all rules in the order of the report; the reproducers get their pictures first."""
        verdicts = {verdict["rule"]: verdict for verdict in self.report["verdicts"]}
        failing = [cause["reproducer"] for cause in self.report["causes"]]
        failing += [rule for rule, verdict in verdicts.items() if verdict["outcome"] == Outcome.FAIL]
        evidence = {rule: self._evidence(verdicts[rule]) for rule in dict.fromkeys(failing)}
        operations = tuple(dict.fromkeys(verdict["operation"] for verdict in verdicts.values()))
        broken = frozenset(evidence)
        return {
            rule: card(verdict, broken, operations, evidence.get(rule, Evidence()), self.room)
            for rule, verdict in verdicts.items()
        }

    def passed(self) -> Iterator[tuple[str, Shelf]]:
        """Yield images that came as they should, one exchange for each operation and size that was asked for."""
        failed = [verdict for verdict in self.report["verdicts"] if verdict["outcome"] == Outcome.FAIL]
        wrong = {id_ for verdict in failed for id_ in verdict["evidence"]}
        gallery = Gallery.of(self.looks, self.room)
        seen: set[tuple[str, str]] = set()
        passed = (verdict for verdict in self.report["verdicts"] if verdict["outcome"] == Outcome.PASS)
        for id_ in dict.fromkeys(id_ for verdict in passed for id_ in verdict["evidence"] if id_ not in wrong):
            made = self.recording.exchanges.get(id_)
            if made is None or not made.accepted or len(seen) >= _SIZES:
                continue
            kind = (made.request.operation, str(made.request.fields.get(self.prepared.api.sized or "")))
            if kind not in seen and (shelf := gallery.shelf(made)):
                seen.add(kind)
                yield made.request.operation, shelf

    def _evidence(self, verdict: VerdictEntry) -> Evidence:
        exchanges = self.recording.exchanges
        first = verdict["cases"][0] if verdict["cases"] else None
        made = exchanges.get(first["exchange"]) if first else None
        if first is None or made is None:
            return Evidence()
        operation = self.prepared.contract.operations[made.request.operation]
        aliases = self.prepared.api.aliases(self.recording.header.models, operation.id)
        shown = self._shower.exchange(made, exchanges.get(first["twin"] or ""), operation, aliases)
        program = snippet(made.request, operation, self._server, aliases, self.prepared.api.client)
        program = program if len(program) <= self.room.program else ""
        return Evidence(shown if self.room.text else None, program, self.gallery.shelf(made))

    @property
    def _shower(self) -> Shower:
        header = self.recording.header
        return Shower(header.url, header.headers, header.key_used, self.room.text, self.looks)

    @property
    def _server(self) -> Server:
        header = self.recording.header
        seconds = header.shape.timeout if header.shape else Limits().seconds
        return Server(header.url, header.headers, header.key_used, header.insecure, seconds)
