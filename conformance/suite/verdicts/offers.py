"""What a server does not offer: an operation, a model, keys. That is no fault, and says nothing of rules about it.

That a model is not offered rests on refusals of requests that name it, and on one of two things that show that it was
refused for the model: the operation accepts other requests, or the answer speaks of the model. Where another operation
accepts the same model, the server does offer it, and to refuse it here is a fault.

That a server has no documented value of a field rests on the user, who names values of its own, and on its refusing
each documented one.
"""

from __future__ import annotations

from collections.abc import Sequence

from conformance.suite.contract.places import Fields
from conformance.suite.exchange.encoding import names_in
from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.words import why_blocked
from conformance.suite.plan.plan import Case, Context
from conformance.suite.rules.rule import Answers, Rule, Unless, Values
from conformance.suite.verdicts.evidence import Evidence
from conformance.suite.verdicts.verdict import Outcome

NONE_DOCUMENTED = "the server has values of its own, and refuses each that the documents name"
_NO_SUCH_OPERATION = (404, 405, 501)
_SHOWN = 5
_READ = 100_000
"""Bytes of a refusal in which the model is looked for."""


def operation_missing(evidence: Evidence, operation: str) -> str | None:
    """Return that the server does not offer an operation, or None."""
    entries = evidence.entries(operation)
    tried = [exchange for exchange in entries if exchange.answer]
    statuses = sorted({exchange.status for exchange in tried})
    whole = operation not in evidence.broken_off and not any(exchange.left_out for exchange in entries)
    if tried and whole and all(status in _NO_SUCH_OPERATION for status in statuses):
        # Some servers say so of a model in the same way.
        of_model = any(speaks_of_model(evidence, exchange) for exchange in tried)
        said = f"the server does not offer this operation (status {', '.join(map(str, statuses))})"
        return said + (hint(evidence, tried) if of_model else "")
    return None


def missing(evidence: Evidence, rule: Rule) -> tuple[Outcome, str] | None:
    """Return why a rule does not apply to what the server offers, or why that can't be told; None if it applies."""
    entered = evidence.entered(rule.operation)
    match rule.unless:
        case Unless.CONDITION if rule.condition is not None and evidence.selector in rule.condition.fields:
            mine = [one for one in entered if one[0].explicit and rule.condition.label in one[0].labels]
            if mine and all(tried and _all_refused(tried) for _, tried in mine):
                reason = f"the server does not offer the {evidence.selector} {rule.condition.label}"
                return _refused(evidence, rule.operation, mine, reason)
        case Unless.DEFAULT:
            named = [one for one in entered if one[0].default]
            if any(tried for _, tried in named) and all(_all_refused(tried) for _, tried in named):
                reason = f"the server does not offer the {evidence.selector} that an absent one stands for"
                return _refused(evidence, rule.operation, named, reason)
        case Unless.KEYS:
            sent = [e for e in evidence.recording.exchanges.values() if e.request.raw.authorization is not None]
            # If every request with a wrong key or none was accepted, the key was the user's own idea.
            if sent and all(exchange.accepted for exchange in sent):
                return Outcome.UNSUPPORTED, "the server asks for no key in any operation"
        case _:
            pass
    return None


def has_own(evidence: Evidence, rule: Rule) -> bool:
    """Whether a rule is about the documented values of a field for which the server has values of its own."""
    about = rule.about
    return isinstance(about, Values) and not about.null and about.name in evidence.plan.own


def none_documented(evidence: Evidence, rule: Rule) -> bool:
    """Whether a rule about answers rests on a documented value, and the server refuses all such values of the field."""
    if rule.unless is not Unless.DOCUMENTED or not isinstance(rule.about, Answers):
        return False
    own = {name: evidence.plan.own[name] for name in rule.about.fields or () if name in evidence.plan.own}
    tried = [
        exchange
        for exchange in evidence.of(rule.operation)
        for name, values in own.items()
        if exchange.valid and exchange.answer and exchange.request.fields.get(name) not in (None, *values)
    ]
    return bool(tried) and all(exchange.refused for exchange in tried)


def _refused(
    evidence: Evidence, operation: str, entered: Sequence[tuple[Context, list[Exchange]]], reason: str
) -> tuple[Outcome, str]:
    """Return that a model is not offered, for this reason, or that the refusals of these contexts don't show it."""
    refused = [exchange for _, tried in entered for exchange in tried]
    works = any(exchange.accepted for exchange in evidence.entries(operation))
    if not works and not any(speaks_of_model(evidence, exchange) for exchange in refused):
        return Outcome.BLOCKED, why_blocked(refused)
    elsewhere = next((other for context, _ in entered if (other := taken_by(evidence, context))), None)
    if elsewhere is None:
        return Outcome.UNSUPPORTED, reason + _own_models(evidence)
    return Outcome.BLOCKED, f"could not find out: the {evidence.selector} is refused, which {elsewhere} accepts"


def speaks_of_model(evidence: Evidence, exchange: Exchange) -> bool:
    """Whether a refusal speaks of the model: has the name of the field in it, or that of a model that was tried."""
    if evidence.selector is None or exchange.answer is None:
        return False
    tried = {one.request.fields.get(evidence.selector) for one in evidence.entries(exchange.request.operation)}
    names = {evidence.selector, *evidence.recording.header.models.values(), *map(str, tried - {None})}
    text = exchange.answer.body[:_READ].decode("utf-8", "replace").lower()
    return any(name.lower() in text for name in names)


def hint(evidence: Evidence, refused: Sequence[Exchange]) -> str:
    """Return what a user may do about valid requests that were refused, or an empty text."""
    own = _own_models(evidence) if any(one.refused for one in refused) else ""
    named = any(one.refused and speaks_of_model(evidence, one) for one in refused)
    return own or ("; if the server has models of its own, name one with MODEL" if named else "")


def _own_models(evidence: Evidence) -> str:
    """Return which models a server names that names none of the documented ones, if the user named none of them."""
    header, name = evidence.recording.header, evidence.selector or ""
    documented = {context.full.fields.get(name) for context in evidence.plan.contexts}
    if not header.offered or header.model or header.models or documented & {*header.offered}:
        return ""
    more = f" and {len(header.offered) - _SHOWN} more" if len(header.offered) > _SHOWN else ""
    names = f"; the server names {', '.join(header.offered[:_SHOWN])}{more}: pass "
    return names + (f"MODEL={header.offered[0]}" if len(header.offered) == 1 else "one of them as MODEL")


def taken_by(evidence: Evidence, context: Context) -> str | None:
    """Return another operation that accepted the model that a context names, or None."""
    name = evidence.selector or ""
    model = context.full.fields.get(name)
    if not context.explicit or model is None:
        return None
    called = _called(evidence, context.operation, model)
    for other in evidence.plan.contexts:
        asked = other.full.fields.get(name)
        same = other.operation != context.operation and other.explicit and asked == model
        if (
            same
            and called == _called(evidence, other.operation, asked)
            and any(exchange.accepted for exchange in evidence.made(other.ids))
        ):
            return other.operation
    return None


def _called(evidence: Evidence, operation: str, model: object) -> object:
    """Return under which name a model was asked for."""
    return names_in(operation, evidence.recording.header.models).get(str(model), model)


def is_refused_alone(evidence: Evidence, operation: str, refused: Sequence[Exchange]) -> bool:
    """Whether it is for the model that these were refused: but for that, one of them is part of an accepted request."""

    def rest(exchange: Exchange) -> Fields:
        return {name: value for name, value in exchange.request.fields.items() if name != evidence.selector}

    accepted = [rest(exchange) for exchange in evidence.entries(operation) if exchange.accepted]
    return any(rest(exchange).items() <= whole.items() for exchange in refused for whole in accepted)


def _all_refused(exchanges: list[Exchange]) -> bool:
    return all(exchange.refused for exchange in exchanges)


def only_with_others(evidence: Evidence, rule: Rule, case: Case) -> str | None:
    """Return that a case can be tried only in contexts that the server doesn't offer, or None.

    That one is not offered rests on refusals that came: what was not answered is no evidence of anything.
    """
    absent = [context for context, tried in evidence.entered(rule.operation) if tried and _all_refused(tried)]
    made = evidence.behind(case)
    offered = any(exchange.accepted for exchange in evidence.entries(rule.operation))
    if not (offered and made) or not _all_refused(made):
        return None
    found = [[context for context in absent if _is_in(context, one, evidence.selector)] for one in made]
    if not all(found):
        return None
    unnamed = all(not context.explicit for contexts in found for context in contexts)
    if unnamed:
        return f"the server refuses requests without a {evidence.selector}"
    return "the server does not offer the models that this is about"


def _is_in(context: Context, exchange: Exchange, selector: str | None) -> bool:
    """Whether the request of an exchange belongs to a context: it names the same model, or like it none."""
    fields = exchange.request.fields
    named = all(fields.get(name) == value for name, value in context.fields.items())
    return named and (context.explicit or selector not in fields)
