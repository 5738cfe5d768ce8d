"""Puts the plan of a run together, operation by operation.

Each operation is entered through one or more *contexts*, which differ in the model: the user's own, none at all, each
documented one. A context has a *full* request, which gives every parameter a valid value, and a *probe*, which gives
only what it must. An invalid request is the full request with one edit, and the full request is its twin.

Some exchanges are sent only if others came out in a certain way. That is part of the plan, as the *needs* of an
exchange: an edit needs its twin to be accepted; if a full or a shared request is refused, each of its parts is tried
alone; and a context is used for the general rules only if those before it are not offered. A rule about answers sends
nothing of its own: it is fed by the requests of the rules about what it depends on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.suite.contract.constraints import of_request
from conformance.suite.contract.document import Contract
from conformance.suite.plan import acceptance, refusals
from conformance.suite.plan.contexts import enter
from conformance.suite.plan.draft import Draft
from conformance.suite.plan.order import in_order
from conformance.suite.plan.plan import Case, Context, Plan, Planned
from conformance.suite.rules.api import Api
from conformance.suite.rules.catalogue import all_rules
from conformance.suite.rules.rule import (
    Absence,
    Answers,
    Breach,
    DefaultLimits,
    Edits,
    Random,
    Rule,
    Stable,
    Values,
    Want,
)


def make(contract: Contract, api: Api, rules: Sequence[Rule], model: str | None = None, *, key: bool = False) -> Plan:
    """Plan a run that finds out about these rules.

    ``model`` is what the user wants sent where the contract leaves it open; ``key`` says whether a key is sent.
    """
    exchanges: list[Planned] = []
    asked: set[str] = set()
    cases: dict[str, tuple[Case, ...]] = {}
    contexts: list[Context] = []
    left_out: dict[str, str] = {}
    every = all_rules(contract, api)
    for operation in contract.operations.values():
        mine = [rule for rule in rules if rule.operation == operation.id]
        if not mine:
            continue
        wanted = frozenset(rule.id for rule in mine)
        draft = Draft(contract, operation, api, of_request(contract, operation), wanted)
        draft.contexts = enter(draft, model)
        _fill(draft, mine, [rule for rule in every if rule.operation == operation.id], key=key)
        exchanges += draft.exchanges
        asked |= draft.asked
        cases |= {rule: tuple(found) for rule, found in draft.cases.items()}
        contexts += draft.contexts
        left_out |= {rule: why for rule, why in draft.left_out.items() if rule in wanted - draft.cases.keys()}
    ordered = in_order(exchanges, cases, contexts, every)
    own = {name: contract.undocumented(name) for name, _ in contract.own}
    return Plan(ordered, frozenset(asked), cases, tuple(contexts), left_out, own)


def _fill(draft: Draft, rules: Sequence[Rule], every: Sequence[Rule], *, key: bool) -> None:
    """Plan all that these rules of an operation need."""
    due = draft.wanted | {other.id for rule in rules for other in _feeding(rule, every)}
    acceptance.plan(draft, every, due)
    for rule in every:
        if rule.id in due:
            refusals.plan(draft, rule, key=key)
    if any(isinstance(rule.about, Answers | Random | Stable) for rule in rules):
        draft.asked |= {id_ for context in draft.contexts for id_ in context.ids}


def _feeding(rule: Rule, every: Sequence[Rule]) -> Iterator[Rule]:
    """Yield the rules whose requests bring the answers that a rule is about."""
    if not isinstance(rule.about, Answers):
        return
    for other in every:
        match other.about:
            case Breach() | DefaultLimits():
                feeds = rule.about.to_errors
            case Edits(Want.REFUSED, about_keys=False):
                feeds = rule.about.to_errors
            case Edits(Want.ACCEPTED, edits, about_keys=False):
                depends = set(() if rule.about.to_errors else rule.about.fields or ())
                feeds = any(depends & {*edit.fields} for edit in edits)
            case Values(name) | Absence(name):
                feeds = not rule.about.to_errors and (rule.about.fields is None or name in rule.about.fields)
            case _:
                feeds = False
        if feeds:
            yield other
