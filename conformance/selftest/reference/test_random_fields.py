"""Whatever field a contract gains, the server judges it as another validator does, in JSON and in a form.

The schemas are put together at random from every kind of keyword, with small bounds, and the values from a small stock,
so that about as many are kept as broken.
"""

from collections.abc import Callable
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp

from conformance.selftest.reference.kinds import (
    FIELD,
    Schema,
    gaining,
    is_kept,
    is_kept_in_form,
    send_form,
    send_json,
)
from conformance.selftest.reference.server import images, refused_param

Schemas = st.SearchStrategy[dict[str, Any]]

texts = st.sampled_from(["", "a", "b", "ab", "abc", "a1", "2024-01-31", "https://a.example/b", "\U0001f9a6"])
numbers = st.sampled_from([-1, 0, 0.1, 0.3, 0.5, 1, 1.0, 2, 3, 4.5, 10])
scalars = texts | numbers | st.booleans() | st.none()
small = st.integers(0, 3)


def optional(type_: str, **keywords: st.SearchStrategy[Any]) -> Schemas:
    """Make schemas of a type with up to two of these keywords."""
    return st.lists(st.sampled_from(sorted(keywords)), max_size=2, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({"type": st.just(type_)} | {name: keywords[name] for name in chosen})
    )


numeric = {
    "minimum": numbers,
    "maximum": numbers,
    "exclusiveMinimum": numbers,
    "exclusiveMaximum": numbers,
    "multipleOf": st.sampled_from([0.1, 0.5, 2, 3]),
    "enum": st.lists(numbers, min_size=1, max_size=3),
    "not": st.fixed_dictionaries({"const": numbers}),
}
plain: Schemas = st.one_of(
    optional(
        "string",
        minLength=small,
        maxLength=small,
        pattern=st.sampled_from(["^a", "b$", r"\d", "^[a-z]+$"]),
        format=st.sampled_from(["date", "uri", "email", "date-time"]),
        enum=st.lists(texts, min_size=1, max_size=3),
        const=texts,
    ),
    optional("integer", **numeric),
    optional("number", **numeric),
    st.sampled_from(
        [{"type": "boolean"}, {"const": True}, {"type": ["integer", "null"]}, {"type": ["boolean", "null"]}]
    ),
)
arrays: Schemas = plain.flatmap(
    lambda items: optional(
        "array",
        minItems=small,
        maxItems=st.integers(1, 3),
        uniqueItems=st.booleans(),
        contains=st.just(items),
        items=st.just(items),
    ).map(lambda schema: {"items": items} | schema)
)
objects: Schemas = optional(
    "object",
    properties=st.fixed_dictionaries({}, optional={"a": plain, "b": plain | arrays}),
    required=st.lists(st.sampled_from(["a", "b"]), unique=True),
    additionalProperties=st.booleans() | plain,
    minProperties=small,
    maxProperties=small,
)
unions: Schemas = st.tuples(st.sampled_from(["anyOf", "oneOf"]), plain, arrays).map(
    lambda drawn: {drawn[0]: [drawn[1], {"type": "array", "items": drawn[1], "maxItems": 2}]}
) | plain.map(lambda schema: {"anyOf": [schema, {"type": "null"}]})
schemas = plain | arrays | objects | unions
values = (
    scalars
    | st.lists(scalars, max_size=3)
    | st.dictionaries(st.sampled_from(["a", "b", "c"]), scalars | st.lists(scalars, max_size=2), max_size=3)
)


def hold(
    request: str, send: Callable[[ASGIApp, object], httpx.Response], keeps: Callable[[Schema, object], bool]
) -> None:
    """Hold the server to the other validator's judgement, and that one to having said both yes and no often."""
    judged: list[bool] = []

    @settings(derandomize=True, database=None, deadline=None, max_examples=150)
    @given(schemas, st.lists(values, min_size=8, max_size=8))
    def check(schema: Schema, drawn: list[object]) -> None:
        app = gaining(schema, request)
        for value in drawn:
            # A form can't tell an empty list.
            if value == [] and send is send_form:
                continue
            answer = send(app, value)
            judged.append(keeps(schema, value))
            if judged[-1]:
                assert images(answer)
            else:
                assert refused_param(answer) == FIELD

    check()
    assert 0.1 < sum(judged) / len(judged) < 0.9


def test_any_new_field_of_a_json_body() -> None:
    hold("CreateImageRequest", send_json, is_kept)


def test_any_new_field_of_a_form() -> None:
    hold("CreateImageEditRequest", send_form, is_kept_in_form)
