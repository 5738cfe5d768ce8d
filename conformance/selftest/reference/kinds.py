"""Fields that a contract might gain: their schemas, a server of such a contract, and how their values are sent.

Whether a value keeps a schema is said by another validator than the server's. A form says less than JSON: a value is
kept there too if the text that stands for it is, because nothing tells the number 5 from the text "5".
"""

import json
from collections.abc import Mapping
from typing import Any, Final, cast

import attrs
import httpx
import jsonschema_rs
from starlette.types import ASGIApp

from conformance.reference import Behaviour, create_app, load_contract
from conformance.selftest.reference.server import SMALL, form, generate, png

FIELD: Final = "novel"
Schema = Mapping[str, Any]


@attrs.frozen
class Kind:
    """A schema, values that keep it and values that break it, as JSON values."""

    schema: Schema
    keeps: tuple[Any, ...]
    breaks: tuple[Any, ...]


def gaining(schema: Schema, request: str, **more: Any) -> ASGIApp:  # noqa: ANN401 - keywords of a request schema
    """Make a server of the contract in which a request schema has one field more, and perhaps other keywords."""
    contract = load_contract()
    schemas = contract["components"]["schemas"]
    changed = {**schemas[request], "properties": {**schemas[request]["properties"], FIELD: schema}, **more}
    components = {**contract["components"], "schemas": {**schemas, request: changed}}
    return create_app(Behaviour(contract={**contract, "components": components}))


def is_kept(schema: Schema, value: object) -> bool:
    """Whether a value keeps a schema by itself."""
    whole = {**schema, "components": load_contract()["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True).is_valid(value)


def is_kept_in_form(schema: Schema, value: object) -> bool:
    """Whether a value keeps a schema as a form tells it, where it may be a text, and a text alone a list of one."""
    meant = listed(value)
    told = [text(item) for item in meant]
    readings: list[object] = [meant, told, *((meant[0], told[0]) if len(meant) == 1 else ())]
    return any(is_kept(schema, reading) for reading in readings)


def send_json(app: ASGIApp, value: object) -> httpx.Response:
    return generate(app, **{FIELD: value})


def send_form(app: ASGIApp, value: object, name: str = FIELD) -> httpx.Response:
    """Send a value in an edit; a list as one part for each item."""
    parts = [(name, text(item).encode(), None) for item in listed(value)]
    image = ("image", png(), "image.png")
    return form(image, ("prompt", b"a", None), ("size", SMALL.encode(), None), *parts, app=app)


def listed(value: object) -> list[object]:
    """Take a list for its items and anything else for one."""
    return cast("list[object]", value) if isinstance(value, list) else [value]


def text(value: object) -> str:
    """Write a value the way a form carries it."""
    return value if isinstance(value, str) else json.dumps(value)


_TEXTS: Final = {"type": "string", "enum": ["a", "b"]}
KINDS: Final[Mapping[str, Kind]] = {
    "string": Kind({"type": "string"}, ("", "a", "5", "\U0001f9a6"), (5, 1.5, True, None, ["a", "b"], {"a": 1})),
    "integer": Kind({"type": "integer"}, (0, -3, 2.0, 10**18), ("a", "", 1.5, True, None, [1, 2], {}, " 1", "01")),
    "number": Kind({"type": "number"}, (0, 0.5, -1e-3, 1e30), ("a", "", False, None, [0.5, 1], {}, "0x1", ".5")),
    "boolean": Kind({"type": "boolean"}, (True, False), ("yes", "True", "", 0, 1, None, [True, False], " true")),
    "null": Kind({"type": "null"}, (None,), (0, "", "none", False, {}, ["a", "b"])),
    "array": Kind({"type": "array"}, (["a"], [1, "b"], [None, {}]), (None, {"a": 1})),
    "array of strings": Kind({"type": "array", "items": {"type": "string"}}, (["a"], ["a", "5"]), (None, {}, 5)),
    "array of integers": Kind(
        {"type": "array", "items": {"type": "integer"}}, ([1], [1, 2]), (["a"], [1, "x"], [1.5], {}, [None])
    ),
    "array of booleans": Kind({"type": "array", "items": {"type": "boolean"}}, ([True, False],), (["yes"], [True, 1])),
    "array of arrays": Kind(
        {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}, ([[1], [2, 3]],), ([["a"]], [1, 2])
    ),
    "array of objects": Kind(
        {"type": "array", "items": {"type": "object", "required": ["a"]}}, ([{"a": 1}, {"a": 2}],), ([{}], [1], ["a"])
    ),
    "array of texts and numbers": Kind(
        {
            "type": "array",
            "items": {"anyOf": [{"type": "string", "pattern": "^[0-9]{4}$"}, {"type": "integer", "maximum": 9}]},
        },
        (["2024", 5], [5, "2024"]),
        ([55], ["x", 5]),
    ),
    "tuple": Kind(
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
        (["5", 5], ["a", 1]),
        (["a", "b"], ["a", 1, 2]),
    ),
    "object": Kind({"type": "object"}, ({}, {"a": [1, {"b": None}]}), ("a", 5, None, ["a", "b"], True)),
    "nested object": Kind(
        {
            "type": "object",
            "required": ["width"],
            "properties": {"width": {"type": "integer", "minimum": 1}, "tags": {"type": "array", "items": _TEXTS}},
        },
        ({"width": 1}, {"width": 2, "tags": ["a", "b"]}),
        ({}, {"width": 0}, {"width": "1"}, {"width": 1, "tags": ["c"]}, {"width": 1, "tags": "a"}),
    ),
    "reference": Kind({"$ref": "#/components/schemas/ImageCount"}, (1, 10), (0, 11, 1.5, "a", None)),
    "nullable integer": Kind({"type": ["integer", "null"]}, (1, None), ("a", 1.5, True, {})),
    "nullable enum": Kind({"anyOf": [_TEXTS, {"type": "null"}]}, ("a", None), ("c", 1, True, {})),
    "integer or word": Kind({"anyOf": [{"type": "integer", "minimum": 1}, {"const": "auto"}]}, (1, "auto"), (0, "all")),
    "one or an array": Kind(
        {"oneOf": [_TEXTS, {"type": "array", "items": _TEXTS, "maxItems": 2}]},
        ("a", ["b"], ["a", "b"]),
        ("c", ["c"], ["a", "b", "a"], 5, None, {}),
    ),
    "one number or an array": Kind(
        {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}, "minItems": 2}]},
        (1, [1, 2]),
        ("a", ["a", 1], 1.5, None, {}),
    ),
    "enum": Kind(_TEXTS, ("a", "b"), ("A", "", "c", 1, None, True)),
    "enum of integers": Kind({"type": "integer", "enum": [1, 4]}, (1, 4), (2, "a", 1.5)),
    "enum of many types": Kind({"enum": ["a", 1, True, None]}, ("a", 1, True, None), ("b", 2, False, {})),
    "const": Kind({"const": "a"}, ("a",), ("b", 1, True, None)),
    "const true": Kind({"const": True}, (True,), (False, "yes", 1)),
    "const list": Kind({"const": [1, "a"]}, ([1, "a"],), ([1, "b"], 1, [1])),
    "not": Kind({"type": "string", "not": {"enum": ["a"]}}, ("b",), ("a",)),
    "not an integer": Kind({"type": "integer", "not": {"const": 3}}, (2,), (3, "a")),
    "minimum": Kind({"type": "integer", "minimum": 3}, (3, 4), (2, -1)),
    "maximum": Kind({"type": "number", "maximum": 0.5}, (0.5, 0, -1), (0.51, 1)),
    "exclusiveMinimum": Kind({"type": "number", "exclusiveMinimum": 0}, (0.1,), (0, -1)),
    "exclusiveMaximum": Kind({"type": "integer", "exclusiveMaximum": 3}, (2,), (3, 4)),
    "multipleOf": Kind({"type": "integer", "multipleOf": 8}, (0, 8, 1024), (4, 9)),
    "multipleOf a fraction": Kind({"type": "number", "multipleOf": 0.1}, (0.3, 1, 1e300), (0.35, 0.01)),
    "minLength": Kind({"type": "string", "minLength": 2}, ("ab", "\U0001f9a6" * 2), ("a", "", "\U0001f9a6")),
    "maxLength": Kind({"type": "string", "maxLength": 2}, ("", "\U0001f9a6" * 2), ("abc",)),
    "pattern": Kind({"type": "string", "pattern": r"^\d+x\d+$"}, ("1x1", "12x34"), ("1x", "1x1\n", "٣x٣")),
    "pattern of letters": Kind({"type": "string", "pattern": r"^[\p{L} ]+$"}, ("é a",), ("1", "")),
    "minItems": Kind({"type": "array", "minItems": 2}, (["a", "b"],), (["a"],)),
    "maxItems": Kind({"type": "array", "maxItems": 2}, (["a"], ["a", "b"]), (["a", "b", "c"],)),
    "uniqueItems": Kind(
        {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}, ([1, 2],), ([1, 1], [1, 2, 1.0])
    ),
    "contains": Kind({"type": "array", "contains": {"const": 3}}, ([3], ["a", 3]), (["a"], [1, 2])),
    "maxContains": Kind(
        {"type": "array", "contains": {"const": "a"}, "maxContains": 1}, (["a"], ["a", "b"]), (["a", "a"], ["b"])
    ),
    "required": Kind({"type": "object", "required": ["a"]}, ({"a": None},), ({}, {"b": 1})),
    "minProperties": Kind({"type": "object", "minProperties": 1}, ({"a": 1},), ({},)),
    "maxProperties": Kind({"type": "object", "maxProperties": 1}, ({}, {"a": 1}), ({"a": 1, "b": 2},)),
    "additionalProperties": Kind(
        {"type": "object", "properties": {"a": {}}, "additionalProperties": False}, ({}, {"a": 1}), ({"b": 1},)
    ),
    "additionalProperties of a kind": Kind(
        {"type": "object", "additionalProperties": {"type": "string"}}, ({"a": "b"},), ({"a": 1},)
    ),
    "patternProperties": Kind(
        {"type": "object", "patternProperties": {"^x-": {"type": "integer"}}}, ({"x-a": 1},), ({"x-a": "b"},)
    ),
    "propertyNames": Kind({"type": "object", "propertyNames": {"maxLength": 1}}, ({"a": 1},), ({"ab": 1},)),
    "allOf": Kind({"allOf": [{"type": "integer"}, {"minimum": 1}, {"maximum": 3}]}, (1, 3), (0, 4, "a")),
    "if": Kind(
        {"type": "object", "if": {"required": ["a"]}, "then": {"required": ["b"]}}, ({}, {"a": 1, "b": 1}), ({"a": 1},)
    ),
}
