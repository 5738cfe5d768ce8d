"""What a verdict can rest on: the exchanges that the run came to make, and the views of their answers."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from conformance.suite.exchange.recording import Exchange, Recording
from conformance.suite.exchange.view import View
from conformance.suite.plan.plan import Context, Plan
from conformance.suite.rules.rule import Answers, Rule


@frozen
class Evidence:
    """One recording beside the plan that it follows; ``selector`` is the field that chooses the model, if any."""

    plan: Plan = field(repr=False)
    recording: Recording
    selector: str | None = None
    _views: dict[str, View] = field(factory=dict[str, View], repr=False, init=False)

    def made(self, ids: Iterable[str]) -> list[Exchange]:
        """Return those of these exchanges that were made."""
        return [self.recording.exchanges[id_] for id_ in ids if id_ in self.recording.exchanges]

    def of(self, operation: str) -> list[Exchange]:
        """Return every exchange of an operation."""
        return [one for one in self.recording.exchanges.values() if one.request.operation == operation]

    def entered(self, operation: str) -> list[tuple[Context, list[Exchange]]]:
        """Return the contexts of an operation, each with the exchanges by which it was entered."""
        return [(one, self.made(one.ids)) for one in self.plan.contexts if one.operation == operation]

    def entries(self, operation: str) -> list[Exchange]:
        """Return the exchanges by which an operation was entered."""
        return [exchange for _, exchanges in self.entered(operation) for exchange in exchanges]

    def view(self, exchange: Exchange) -> View:
        """Return the view of an exchange, made once."""
        if exchange.id not in self._views:
            self._views[exchange.id] = View(exchange, self.recording.header.started)
        return self._views[exchange.id]


def findings(rule: Rule, view: View) -> list[str] | None:
    """Return what a rule about answers finds wrong in one, or None if it is not about this answer."""
    if not isinstance(rule.about, Answers) or view.is_error is not rule.about.to_errors:
        return None
    return rule.about.check(view) if view.exchange.valid or view.is_error else None
