"""The validator that is exact where the library's is not; ``schemas`` says in what, and loads it when it is needed."""

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final, cast

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend  # pyright: ignore[reportUnknownVariableType] - its stubs leave it untyped
from referencing import Registry
from referencing.jsonschema import DRAFT202012, Schema, SchemaRegistry

from conformance.reference.patterns import compiled
from conformance.reference.values import JsonValue, Node

_EMPTY: Final[SchemaRegistry] = Registry()
_URI: Final = "urn:contract"
_NOTHING: Final[Node] = {"not": {}}


def exact_validator(document: Node, pointer: str, formats: FormatChecker) -> Draft202012Validator:
    """Make the judge of the schema at a JSON pointer in a document, with references into the whole of it."""
    registry = _EMPTY.with_resource(_URI, DRAFT202012.create_resource(cast("Schema", document)))
    return _EXACT({"$ref": f"{_URI}#{pointer}"}, registry=registry, format_checker=formats)


def _properties(
    judge: Draft202012Validator, properties: Mapping[str, Node | bool], value: JsonValue, _: Node
) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        for name, schema in properties.items():
            if name in value:
                below = _NOTHING if schema is False else schema
                yield from judge.descend(value[name], below, path=name, schema_path=name)  # pyright: ignore[reportUnknownMemberType] - its stubs leave a type open


def _pattern(judge: Draft202012Validator, pattern: str, value: JsonValue, _: Node) -> Iterator[ValidationError]:
    if judge.is_type(value, "string") and not compiled(pattern).search(cast("str", value)):
        yield ValidationError(f"does not match {pattern!r}")


def _multiple_of(judge: Draft202012Validator, step: float, value: JsonValue, _: Node) -> Iterator[ValidationError]:
    if judge.is_type(value, "number") and not _is_multiple(cast("float", value), step):
        yield ValidationError(f"is not a multiple of {step}")


def _is_multiple(value: float, step: float) -> bool:
    return math.isfinite(value) and (Fraction(repr(value)) / Fraction(repr(step))).denominator == 1


_EXACT: Final = cast(
    "type[Draft202012Validator]",
    extend(Draft202012Validator, {"properties": _properties, "pattern": _pattern, "multipleOf": _multiple_of}),
)
