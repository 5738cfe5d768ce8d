"""What a server does not offer: an operation, a model, keys. That is no fault, and says nothing of rules about it."""

from __future__ import annotations

from conformance.suite.exchange.recording import Exchange
from conformance.suite.plan.plan import Case, Context
from conformance.suite.rules.rule import Rule, Unless
from conformance.suite.verdicts.evidence import Evidence

_NO_SUCH_OPERATION = (404, 405, 501)


def operation_missing(evidence: Evidence, operation: str) -> str | None:
    """Return that the server does not offer an operation, or None."""
    tried = [exchange for exchange in evidence.entries(operation) if exchange.answer]
    statuses = sorted({exchange.status for exchange in tried})
    if tried and all(status in _NO_SUCH_OPERATION for status in statuses):
        return f"the server does not offer this operation (status {', '.join(map(str, statuses))})"
    return None


def missing(evidence: Evidence, rule: Rule) -> str | None:
    """Return why a rule does not apply to what the server offers, or None."""
    entered = evidence.entered(rule.operation)
    match rule.unless:
        case Unless.CONDITION if rule.condition is not None and evidence.selector in rule.condition.fields:
            mine = [tried for context, tried in entered if context.explicit and rule.condition.label in context.labels]
            if mine and all(tried and _all_refused(tried) for tried in mine):
                return f"the server does not offer the {evidence.selector} {rule.condition.label}"
        case Unless.DEFAULT:
            named = [tried for context, tried in entered if context.default]
            if any(named) and all(_all_refused(tried) for tried in named):
                return f"the server does not offer the {evidence.selector} that an absent one stands for"
        case Unless.KEYS:
            sent = [e for e in evidence.recording.exchanges.values() if e.request.raw.authorization is not None]
            # If every request with a wrong key or none was accepted, the key was the user's own idea.
            if sent and all(exchange.accepted for exchange in sent):
                return "the server asks for no key in any operation"
        case _:
            pass
    return None


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
    elsewhere = [one for one in made if not any(_is_in(context, one, evidence.selector) for context in absent)]
    return None if elsewhere else "the server does not offer the models that this is about"


def _is_in(context: Context, exchange: Exchange, selector: str | None) -> bool:
    """Whether the request of an exchange belongs to a context: it names the same model, or like it none."""
    fields = exchange.request.fields
    named = all(fields.get(name) == value for name, value in context.fields.items())
    return named and (context.explicit or selector not in fields)
