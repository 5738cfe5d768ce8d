"""What a verdict can rest on: the exchanges that the run came to make, and the views of their answers."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from typing import TypeAlias

from attrs import evolve, field, frozen

from conformance.suite.exchange.recording import Exchange, Recording
from conformance.suite.exchange.view import CouldNotTell, View
from conformance.suite.plan.plan import Case, Context, Plan
from conformance.suite.rules.rule import Answers, Rule
from conformance.suite.sending.schedule import TIMES, TIMES_IF_UNSTEADY
from conformance.suite.verdicts.rulings import is_unsteady, unsteady_file

Views: TypeAlias = dict[tuple[str, int], View]
"""The views of the answers of an exchange, by its id and how often it had been sent."""

Answered: TypeAlias = tuple[Exchange, tuple[View, ...]]
"""An exchange that got an answer, and the view of what came each time that it was sent."""


@frozen(slots=False)
class Evidence:
    """One recording beside the plan that it follows; ``selector`` is the field that chooses the model, if any.

    ``views`` holds the views made so far, and may be that of an earlier state of the same recording.
    """

    plan: Plan = field(repr=False)
    recording: Recording
    selector: str | None = None
    views: Views = field(factory=dict, repr=False)
    _answered: dict[tuple[str, bool], list[Answered]] = field(factory=dict, repr=False, init=False)

    @cached_property
    def times(self) -> int:
        """How often a request must have failed to be held against the server."""
        made = self.recording.exchanges.values()
        unsteady = any(is_unsteady(exchange) or unsteady_file(exchange) for exchange in made)
        return TIMES_IF_UNSTEADY if unsteady else TIMES

    @cached_property
    def times_lost(self) -> int:
        """How often one must have been lost for it: more often where another came through when it was sent again."""
        made = self.recording.exchanges.values()
        by_chance = any(one.lost for exchange in made if exchange.answer is not None for one in exchange.sendings)
        return TIMES_IF_UNSTEADY if by_chance else TIMES

    @cached_property
    def broken_off(self) -> frozenset[str]:
        """The operations of which an exchange was due that is missing, because the run was interrupted."""
        planned = {one.id: one for one in self.plan.exchanges}
        due: dict[str, bool] = {}

        def accepted(id_: str) -> bool:
            exchange = self.recording.exchanges.get(id_)
            if exchange is not None and not exchange.interrupted:
                return exchange.accepted
            if id_ not in due:
                due[id_] = all(need.holds(accepted) for need in planned[id_].needs)
            return False

        for id_ in self.plan.wanted:
            accepted(id_)
        return frozenset(planned[id_].request.operation for id_, missing in due.items() if missing)

    @property
    def why_broken_off(self) -> str:
        """Why what is missing could not be found out."""
        what = "the run was interrupted" if self.recording.interrupted else "the recording breaks off"
        return f"could not find out: {what} before all answers came"

    def made(self, ids: Iterable[str]) -> list[Exchange]:
        """Return those of these exchanges that were made."""
        return [self.recording.exchanges[id_] for id_ in ids if id_ in self.recording.exchanges]

    def behind(self, case: Case) -> list[Exchange]:
        """Return what was made to find out about a case, and what kept the rest of it from being made."""
        wanted = {id_ for attempt in case.attempts for id_ in (attempt.twin, attempt.exchange) if id_}
        needed = {id_ for one in self.plan.exchanges if one.id in wanted for need in one.needs for id_ in need.ids}
        kept_back = [one for one in self.made(sorted(needed - wanted)) if one.valid and not one.accepted]
        return [*self.made(sorted(wanted)), *kept_back]

    def of(self, operation: str) -> list[Exchange]:
        """Return every exchange of an operation."""
        return [one for one in self.recording.exchanges.values() if one.request.operation == operation]

    def answered(self, operation: str, *, errors: bool) -> list[Answered]:
        """Return the exchanges of an operation that rules about answers look at: those about successes, or errors."""
        if (operation, errors) not in self._answered:
            self._answered[operation, errors] = [
                (exchange, tuple(self.view(one) for one in exchange.sendings))
                for exchange in self.of(operation)
                if exchange.answer is not None
                and self.view(exchange).is_error is errors
                and (exchange.valid or errors)
                and not exchange.request.raw.leads_elsewhere
            ]
        return self._answered[operation, errors]

    def entered(self, operation: str) -> list[tuple[Context, list[Exchange]]]:
        """Return the contexts of an operation, each with the exchanges by which it was entered."""
        return [(one, self.made(one.ids)) for one in self.plan.contexts if one.operation == operation]

    def entries(self, operation: str) -> list[Exchange]:
        """Return the exchanges by which an operation was entered."""
        return [exchange for _, exchanges in self.entered(operation) for exchange in exchanges]

    def look(self, rules: Iterable[Rule]) -> None:
        """Ask the rules' checks about the answers, one answer after the other: a parsed one may take much memory."""
        asking: dict[tuple[str, bool], list[Rule]] = {}
        for rule in rules:
            if isinstance(rule.about, Answers):
                asking.setdefault((rule.operation, rule.about.to_errors), []).append(rule)
        for (operation, errors), mine in asking.items():
            for view in (view for _, views in self.answered(operation, errors=errors) for view in views):
                for rule in mine:
                    with suppress(Exception):  # the judge meets it again, and says whose rule it is
                        findings(rule, view)
                view.forget()

    def view(self, exchange: Exchange) -> View:
        """Return the view of one sending of an exchange, made once."""
        key = exchange.id, len(exchange.sendings)
        if key not in self.views:
            self.views[key] = View(exchange, exchange.since or self.recording.header.started)
        return self.views[key]

    def view_of_what_came(self, exchange: Exchange) -> View:
        """Return the view of one sending as if the files that did not come had never been asked for."""
        came = tuple(fetch for fetch in exchange.fetches if fetch.answer is not None)
        whole = self.view(exchange)
        return whole if len(came) == len(exchange.fetches) else View(evolve(exchange, fetches=came), whole.now)


def in_order(recording: Recording) -> Recording:
    """Return a recording with its exchanges in a fixed order: the planned by id, then random ones by id.

    The order in which answers come back differs from run to run, and what else is planned with the rules that are asked
    for; what is told of the same answers does not.
    """
    exchanges = sorted(recording.exchanges.values(), key=lambda exchange: (exchange.random, exchange.id))
    return evolve(recording, exchanges={exchange.id: exchange for exchange in exchanges})


def breaks(rule: Rule, view: View) -> bool:
    """Whether an answer can be seen to break a rule."""
    try:
        return bool(findings(rule, view))
    except CouldNotTell:
        return False


def findings(rule: Rule, view: View) -> list[str] | None:
    """Return what a rule about answers finds wrong in one, or None if it is not about this answer.

    Raises CouldNotTell if it is, but can't be seen from here.
    """
    if not isinstance(rule.about, Answers) or view.is_error is not rule.about.to_errors:
        return None
    if view.exchange.request.raw.leads_elsewhere:
        return None
    return view.found(rule.about.check) if view.exchange.valid or view.is_error else None
