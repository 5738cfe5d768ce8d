"""The controls of the form that tries an operation: one for each field, chosen by its schema."""

from __future__ import annotations

import json
from collections.abc import Iterator

from attrs import frozen

from conformance.suite.contract.document import Contract
from conformance.suite.contract.operation import Operation
from conformance.suite.contract.schema import Schema
from scripts.docs import examples

_LONG = 100


@frozen
class Control:
    """One control of a form.

    ``kind`` is ``file``, ``select``, ``number``, ``text`` or ``area``; ``reads`` says what its text stands for:
    ``json`` where it is JSON if it can be, else ``text``. ``options`` are values with their labels, ``suggestions``
    what a text may be among others.
    """

    name: str
    kind: str
    reads: str
    where: str
    required: bool
    value: str = ""
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    suggestions: tuple[str, ...] = ()
    accept: str = ""
    multiple: bool = False


def controls(contract: Contract, operation: Operation) -> Iterator[Control]:
    """Yield the controls of an operation's fields, in the order of the contract."""
    least = examples.least(contract, operation)
    for name, schema in operation.request.properties.items():
        required = name in operation.request.required
        where = operation.parameters.get(name, "form" if operation.is_form else "body")
        if examples.holds_files(schema):
            accept = ",".join(one for one in examples.media_types(contract, operation, name) if "octet" not in one)
            many = schema.many or "array" in schema.types
            yield Control(name, "file", "text", where, required, accept=accept, multiple=many)
            continue
        plain = operation.is_text(name) or schema.types == ("string",)
        given = least.get(name)
        yield Control(
            name=name,
            kind=_kind(schema),
            reads="text" if plain and not _choices(schema) else "json",
            where=where,
            required=required,
            value="" if given is None else _text(given),
            hint="" if schema.default is None else f"default: {_text(schema.default.value)}",
            options=tuple(_options(schema, as_text=operation.is_text(name))),
            suggestions=tuple(map(str, schema.known)),
        )


def _kind(schema: Schema) -> str:
    if _choices(schema):
        return "select"
    if {*schema.types} <= {"integer", "number"} and schema.types:
        return "number"
    long = {"array", "object"} & {*schema.types} or _length(schema) > _LONG
    return "area" if long else "text"


def _length(schema: Schema) -> int:
    length = schema.keyword("maxLength")
    return length if isinstance(length, int) else 0


def _choices(schema: Schema) -> tuple[object, ...]:
    """Return the values from which a caller chooses, none if there is no list of them."""
    listed = schema.keyword("enum")
    if isinstance(listed, list):
        return tuple(schema.names)
    only = schema.keyword("const")
    if only is not None:
        return (only,)
    return (True, False) if schema.types == ("boolean",) else ()


def _options(schema: Schema, *, as_text: bool) -> Iterator[tuple[str, str]]:
    """Yield the values of a select with their labels: as JSON, or as the text that stands for them."""
    choices = [value for value in _choices(schema) if value is not None]
    for value in choices:
        yield (_text(value) if as_text else json.dumps(value)), _text(value)
    if choices and schema.nullable is not None and not as_text:
        yield "null", "null"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
