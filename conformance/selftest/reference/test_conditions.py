"""What one field may be can depend on any other, in each way that JSON Schema has to say so."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from conformance.selftest.reference.kinds import gaining, listed, text
from conformance.selftest.reference.server import SMALL, form, generate, images, png, refused_param

Fields = dict[str, Any]

EDIT = "CreateImageEditRequest"
GENERATION = "CreateImageRequest"
CONDITIONS: Mapping[str, tuple[Fields, Fields, Fields, str | None]] = {
    # keywords of the request, fields that keep them, fields that break them, who is blamed
    "a value limits another": (
        {
            "if": {"required": ["user"], "properties": {"user": {"const": "a"}}},
            "then": {"properties": {"n": {"maximum": 2}}},
        },
        {"user": "a", "n": 2},
        {"user": "a", "n": 3},
        "n",
    ),
    "a number limits another field": (
        {
            "if": {"properties": {"n": {"minimum": 2}}, "required": ["n"]},
            "then": {"properties": {"user": {"enum": ["many"]}}},
        },
        {"n": 2, "user": "many"},
        {"n": 2, "user": "few"},
        "user",
    ),
    "a value asks for another": (
        {"if": {"required": ["novel"], "properties": {"novel": {"const": True}}}, "then": {"required": ["user"]}},
        {"novel": False},
        {"novel": True},
        "user",
    ),
    "else": (
        {"if": {"required": ["novel"]}, "else": {"required": ["user"]}},
        {"novel": True},
        {"n": 1},
        "user",
    ),
    "a value forbids another": (
        {"if": {"required": ["novel"]}, "then": {"properties": {"user": False}}},
        {"novel": True},
        {"novel": True, "user": "a"},
        "user",
    ),
    "a value forbids another by not": (
        {"if": {"required": ["novel"]}, "then": {"not": {"required": ["user"]}}},
        {"novel": True},
        {"novel": True, "user": "a"},
        "user",
    ),
    "two fields exclude each other": (
        {"not": {"required": ["novel", "user"]}},
        {"novel": True},
        {"novel": True, "user": "a"},
        "user",
    ),
    "dependentRequired": (
        {"dependentRequired": {"novel": ["user"]}},
        {"novel": True, "user": "a"},
        {"novel": True},
        "user",
    ),
    "dependentSchemas": (
        {"dependentSchemas": {"novel": {"properties": {"n": {"maximum": 2}}}}},
        {"novel": True, "n": 2},
        {"novel": True, "n": 3},
        "n",
    ),
    "a field that stands only under a condition": (
        {"if": {"required": ["novel"]}, "then": {"properties": {"other": {"type": "integer"}}}},
        {"novel": True, "other": 3},
        {"novel": True, "other": "a"},
        "other",
    ),
    "a field that stands only under dependentSchemas": (
        {"dependentSchemas": {"novel": {"properties": {"other": {"type": "array", "items": {"type": "integer"}}}}}},
        {"novel": True, "other": [1, 2]},
        {"novel": True, "other": ["a", "b"]},
        "other",
    ),
    "a field that stands in a combined schema": (
        {"allOf": [{"properties": {"other": {"type": "integer"}}}, {"properties": {"other": {"maximum": 3}}}]},
        {"other": 3},
        {"other": 4},
        "other",
    ),
    "one of two kinds of request": (
        {
            "anyOf": [
                {"required": ["other"], "properties": {"other": {"type": "integer"}}},
                {"required": ["user"], "properties": {"user": {"const": "a"}}},
            ]
        },
        {"other": 3},
        {"user": "b"},
        "other",
    ),
    "no other fields": (
        {"allOf": [], "unevaluatedProperties": False},
        {"novel": True},
        {"novel": True, "other": "a"},
        "other",
    ),
    "names of fields": ({"propertyNames": {"maxLength": 15}}, {"novel": True}, {"a" * 16: "a"}, "a" * 16),
    "not these together": (
        {"if": {"required": ["novel", "user"]}, "then": False},
        {"novel": True},
        {"novel": True, "user": "a"},
        None,
    ),
}


def edit_with(fields: Fields, app: ASGIApp) -> httpx.Response:
    texts = {"prompt": "a", "size": SMALL} | fields
    parts = [(name, text(item).encode(), None) for name, value in texts.items() for item in listed(value)]
    return form(("image", png(), "i"), *parts, app=app)


@pytest.mark.parametrize(("keywords", "kept", "broken", "blamed"), CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition_on_other_fields(keywords: Fields, kept: Fields, broken: Fields, blamed: str | None) -> None:
    app = gaining({"type": "boolean"}, GENERATION, **keywords)
    assert images(generate(app, **kept))
    assert refused_param(generate(app, **broken)) == blamed
    app = gaining({"type": "boolean"}, EDIT, **keywords)
    assert images(edit_with(kept, app))
    assert refused_param(edit_with(broken, app)) == blamed
