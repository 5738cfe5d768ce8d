"""Rules that come from schema keywords, found by walking the contract: no code for any one of them.

For each keyword of a request there is a rule that what breaks it is *refused*; for each field that its documented
values, its absence and, where documented, null are *accepted*; for each keyword of an answer that answers keep it.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from conformance.suite.contract.constraints import Constraint, of_answer, of_request
from conformance.suite.contract.document import Contract
from conformance.suite.contract.inside import inside
from conformance.suite.contract.operation import Operation
from conformance.suite.contract.places import ABSENT, EACH, Place, instances
from conformance.suite.contract.schema import Schema
from conformance.suite.exchange.view import Check, View
from conformance.suite.exchange.words import show
from conformance.suite.rules import titles
from conformance.suite.rules.api import Api
from conformance.suite.rules.rule import Absence, Answers, Breach, DefaultLimits, Level, Offered, Rule, Unless, Values

_A_FILE = object()
"""Stands for any file where only what may be beside it is asked."""


def about_requests(contract: Contract, operation: Operation, api: Api) -> Iterator[Rule]:
    """Yield the rules about what is refused and what is accepted."""
    for constraint in of_request(contract, operation):
        unless = Unless.CONDITION if constraint.condition else None
        yield Rule(constraint.id, Level.STRICT, operation.id, constraint.source, Breach(constraint), unless)
    for name, schema in operation.request.properties.items():
        yield from _acceptance(contract, operation, name, schema, api)
    for block in operation.request.blocks:
        for name, schema in block.properties.items():
            if schema.bounded:
                id_ = f"{operation.id}/{name}/accepted@{block.condition.label}"
                source = contract.source(schema.pointer)
                about, words = Values(name, block.condition), titles.accepted(name, schema)
                yield Rule(id_, Level.CORE, operation.id, source, about, Unless.CONDITION, title=words)
    yield from _default_limits(contract, operation, api)


def _acceptance(contract: Contract, operation: Operation, name: str, schema: Schema, api: Api) -> Iterator[Rule]:
    """Yield the core rules about one field: its values, its absence, and null."""
    sentences = str(schema.description.value) if schema.description else name
    source = contract.source(schema.description.pointer if schema.description else schema.pointer, sentences)
    required = name in operation.request.required
    # The value of a required field with nothing to choose from is in every request anyway. Which models there are is
    # for the server to say.
    given = name == api.selector or (required and not schema.bounded)
    if not given and inside(schema, file=_A_FILE) and (not schema.is_file or schema.many):
        words = titles.accepted(name, schema)
        yield Rule(f"{operation.id}/{name}/accepted", Level.CORE, operation.id, source, Values(name), title=words)
    if name == api.selector and schema.names:
        yield Rule(f"{operation.id}/{name}/accepted", Level.CORE, operation.id, source, Offered(name))
    if not required:
        unless = Unless.DEFAULT if name == api.selector else None
        yield Rule(f"{operation.id}/{name}/optional", Level.CORE, operation.id, source, Absence(name), unless)
    if schema.nullable is not None and not operation.is_text(name):
        null = contract.source(schema.nullable.pointer)
        also = (f"{null.pointer}/type",)
        yield Rule(
            f"{operation.id}/{name}/nullable", Level.CORE, operation.id, null, Values(name, null=True), also=also
        )


def _default_limits(contract: Contract, operation: Operation, api: Api) -> Iterator[Rule]:
    """Yield the rule that the limits of the default model hold when no model is given."""
    model = operation.request.properties.get(api.selector or "")
    if model is None or model.default is None or api.selector is None:
        return
    if any(block.condition.label == model.default.value for block in operation.request.blocks):
        id_, source = f"{operation.id}/{api.selector}/default", contract.source(model.default.pointer)
        yield Rule(id_, Level.STRICT, operation.id, source, DefaultLimits(api.selector), Unless.DEFAULT)


def about_answers(contract: Contract, operation: Operation) -> Iterator[Rule]:
    """Yield the rules that answers keep the schemas of the contract."""
    roots = (("response", operation.answer, Level.CORE), ("error", operation.error, Level.ADVICE))
    for prefix, schema, level in roots:
        if schema is None:
            continue
        for constraint in of_answer(contract, operation, schema, prefix):
            # What every answer must hold shows in any; an optional value may need any of the requests.
            fields = () if _is_always_there(schema, constraint) else None
            optional = _is_optional(schema, constraint.place) and not constraint.nullable
            about = Answers(_keeps(constraint, optional=optional), to_errors=prefix == "error", fields=fields)
            words = titles.kept(constraint, error=about.to_errors)
            yield Rule(constraint.id, level, operation.id, constraint.source, about, Unless.VALUE, title=words)
            if optional and constraint.breaks(None):
                id_ = f"{constraint.id.rpartition('/')[0]}/null"
                left_out = evolve(about, check=_left_out(constraint.place))
                words = titles.left_out(constraint.place)
                yield Rule(id_, Level.ADVICE, operation.id, constraint.source, left_out, Unless.VALUE, title=words)


def _is_always_there(schema: Schema, constraint: Constraint) -> bool:
    """Whether every step to a constraint's place is required and no array lies between."""
    place = constraint.place[:-1] if constraint.keyword == "required" else constraint.place
    for step in place:
        if step not in schema.required:
            return False
        schema = schema.properties[step]
    return True


def _is_optional(schema: Schema, place: Place) -> bool:
    """Whether a place is that of a member that an answer may leave out."""
    above = schema.below(place[:-1])
    return bool(place) and place[-1] != EACH and above is not None and place[-1] not in above.required


def _left_out(place: Place) -> Check:
    """Return the check that an optional member is left out where it is absent, not null."""

    def check(view: View) -> list[str] | None:
        found = list(instances(view.json, place, required=True)) if view.is_json else []
        return [f"{where} is null where it could be left out" for where, value in found if value is None] or (
            [] if found else None
        )

    return check


def _keeps(constraint: Constraint, *, optional: bool) -> Check:
    """Return the check that answers keep one keyword of the response schema.

    Null in place of an ``optional`` member says that it is absent: clients read it so, and a rule of its own advises
    against it. Where the schema allows null, it is a value like any other.
    """

    def check(view: View) -> list[str] | None:
        if not view.is_json:
            return None
        found = list(instances(view.json, constraint.place, required=constraint.keyword == "required"))
        if optional:
            found = [(where, value) for where, value in found if value is not None]
        if not found:
            return None
        if constraint.keyword == "required":
            return [f"{where} is missing" for where, value in found if value is ABSENT]
        return [
            f"{where} is {show(value)}, which breaks {constraint.source.text}"
            for where, value in found
            if constraint.breaks(value)
        ]

    return check
