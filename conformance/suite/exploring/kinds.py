"""The kinds of value that a field may have: left out, null, each documented value, and texts that are out of the usual.

Values of one kind are alike as far as the contract can say, so that one of them stands for all beside another field.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from attrs import frozen

from conformance.suite.contract.examples import text
from conformance.suite.contract.inside import inside
from conformance.suite.contract.places import ABSENT, Fields, is_file
from conformance.suite.contract.schema import Schema
from conformance.suite.exploring.settling import Known

MISSING = ("absent", "null")
"""The kinds that are no value."""
_DIGIT = "0"
"""The shortest text; some take it for a number, and some for none at all."""
_ODD = '"50%" it\'s <5 & {x} $y \\z #1 a+b; né e\N{COMBINING ACUTE ACCENT} שלום مرحبا 漢字 \N{OTTER} '
"""What breaks a text that is pasted into a template, a query, a log or a path, and a few scripts and directions."""
_LONG = 300
"""More characters than many programs have room for where they think of a line, and fewer than any documented limit."""
_LONG_NAME = 64
"""As many characters as may be expected where no limit is documented: those of a SHA-256 in hexadecimal."""


@frozen
class Kind:
    """Values of a field that are alike; ``ABSENT`` stands for its absence."""

    label: str
    values: tuple[object, ...]


def kinds(known: Known, name: str) -> tuple[Kind, ...]:
    """Return the kinds of value that a field may have in some request."""
    found: dict[str, list[object]] = {}
    for value in _values(known, name):
        found.setdefault(label(known, name, value), []).append(value)
    return tuple(Kind(one, tuple(values)) for one, values in found.items())


def labels(known: Known, fields: Fields) -> dict[str, str]:
    """Return the kind of value of each field in a request."""
    return {name: label(known, name, fields.get(name, ABSENT)) for name in known.operation.request.properties}


def label(known: Known, name: str, value: object) -> str:
    """Return the kind of value that a value is of."""
    schema = known.operation.request.properties[name]
    if value is ABSENT or value is None:
        return MISSING[value is None]
    if is_file(value):
        return "usual file" if value == known.api.sample(known.operation, name) else "other file"
    least = schema.keyword("minimum")
    if isinstance(value, int) and isinstance(least, int) and not isinstance(value, bool) and not schema.names:
        return "least" if value == least else "more"
    if not isinstance(value, str) or not _is_free(schema) or name == known.api.selector:
        return json.dumps(value, sort_keys=True, default=repr)
    if len(value) == 1:
        return "short"
    return "odd" if set(value) >= set(_ODD) else "plain"


def _values(known: Known, name: str) -> Iterator[object]:
    """Yield a field's values, the usual ones first."""
    operation = known.operation
    schema = operation.request.properties[name]
    if name == known.api.selector:
        yield from (ABSENT if model is None else model for model in known.models)
        return
    if name not in operation.request.required:
        yield ABSENT
    if schema.nullable is not None and not operation.is_text(name):
        yield None
    if _is_free(schema):
        limited = any(c.keyword == "maxLength" and c.place == (name,) for c in known.constraints)
        yield from (schema.example or text(20), _DIGIT, _ODD + text((_LONG if limited else _LONG_NAME) - len(_ODD)))
        return
    file = known.api.sample(operation, name) if schema.is_file else None
    if name in known.own and name in known.full:
        yield known.full[name]
    else:
        yield from inside(schema, file)
    if schema.is_file and not schema.many:
        yield from known.api.uploads
    least = schema.keyword("minimum")
    if isinstance(least, int) and "integer" in schema.types:
        yield least + 1


def _is_free(schema: Schema) -> bool:
    """Whether a field takes any text, but for its length."""
    asking = {keyword.name for keyword in schema.keywords} - {"type", "minLength", "maxLength"}
    return schema.types == ("string",) and not asking and not schema.names
