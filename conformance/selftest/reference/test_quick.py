"""The quick answer is the validator's: whatever the schema and the value, it never admits what has a fault."""

import subprocess
import sys
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.reference import Operation, load_contract
from conformance.reference.contract import find_operations
from conformance.reference.formats import FORMATS
from conformance.reference.quick import quick_check
from conformance.reference.schemas import faults, validator

OPERATIONS = {operation.kind: operation for operation in find_operations(load_contract())}
TYPES = ["string", "integer", "number", "boolean", "null", "array", "object"]
NAMES = ["a", "b"]
LEAVES = st.sampled_from([None, True, False, 0, 1, 1.0, 1.5, -1, 10**400, float("inf"), "", "a", "ab", "2024-01-31"])
VALUES = st.recursive(
    LEAVES,
    lambda below: st.one_of(st.lists(below, max_size=2), st.dictionaries(st.sampled_from(NAMES), below, max_size=2)),
    max_leaves=4,
)
SCHEMAS = st.recursive(
    st.one_of(
        st.booleans(),
        st.fixed_dictionaries(
            {},
            optional={
                "type": st.one_of(st.sampled_from(TYPES), st.lists(st.sampled_from(TYPES), min_size=1, unique=True)),
                "enum": st.lists(LEAVES, min_size=1, max_size=3),
                "minimum": st.sampled_from([0, 1, 1.5]),
                "maximum": st.sampled_from([0, 1, 1.5]),
                "minLength": st.integers(0, 2),
                "maxLength": st.integers(0, 2),
                "format": st.sampled_from(["date", "nothing"]),
                "required": st.lists(st.sampled_from(NAMES), max_size=2),
                "minItems": st.integers(0, 2),
                "description": st.just("a text"),
                "$ref": st.just("#/again"),
            },
        ),
    ),
    lambda below: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.sampled_from(NAMES), below, max_size=2),
            "allOf": st.lists(below, min_size=1, max_size=2),
            "anyOf": st.lists(below, min_size=1, max_size=2),
            "not": below,
            "if": below,
            "then": below,
            "else": below,
        },
    ),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "prompt": st.one_of(LEAVES, st.sampled_from(["x" * length for length in (999, 1000, 1001, 4000, 4001)])),
        "model": st.one_of(LEAVES, st.sampled_from(["dall-e-2", "dall-e-3", "sdxl"])),
        "n": st.one_of(LEAVES, st.integers(-1, 12)),
        "size": st.one_of(LEAVES, st.sampled_from(["256x256", "1024x1024", "1792x1024"])),
        "quality": st.one_of(LEAVES, st.sampled_from(["hd", "standard"])),
        "style": st.one_of(LEAVES, st.sampled_from(["vivid", "natural"])),
        "response_format": st.one_of(LEAVES, st.sampled_from(["url", "b64_json"])),
        "user": VALUES,
        "image": LEAVES,
        "other": VALUES,
    },
)


@given(SCHEMAS, SCHEMAS, VALUES)
@settings(max_examples=150, derandomize=True, database=None, deadline=None)
def test_what_is_surely_right_has_no_fault(schema: Any, again: Any, value: object) -> None:  # noqa: ANN401 - any schema
    document = {"schema": schema, "again": again}
    if quick_check(document, schema, lambda: FORMATS)(value):
        with suppress(RecursionError):  # a schema that is nothing but itself says nothing
            assert not list(faults(validator(document, "/schema", FORMATS), value))


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
@given(FIELDS)
@settings(max_examples=100, derandomize=True, database=None, deadline=None)
def test_a_request_that_is_surely_right_has_no_fault(operation: Operation, values: dict[str, Any]) -> None:
    right = not list(faults(operation.validator, values))
    assert right or not operation.surely_admits(values)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"n": 10, "size": "256x256", "user": "u", "response_format": "b64_json"},
        {"model": "sdxl", "quality": "hd", "style": None, "n": 3.0},
        {"model": "dall-e-3", "quality": "hd", "style": "natural", "size": "1792x1024"},
    ],
    ids=str,
)
def test_an_everyday_request_does_without_the_validator(values: dict[str, Any]) -> None:
    assert OPERATIONS["generations"].surely_admits({"prompt": "A cute baby sea otter"} | values)


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"$ref": "#/nowhere"},
        {"$ref": "other.json#/a"},
        {"$id": "http://a.test/", "$ref": "#/again"},
        {"$schema": "http://json-schema.org/draft-07/schema#", "type": "integer"},
        {"const": 1},
        {"oneOf": [True]},
        {"type": "unknown"},
        {"enum": [1, 2]},
    ],
    ids=str,
)
def test_where_it_is_not_sure_the_validator_is_asked(schema: dict[str, Any]) -> None:
    assert not quick_check({"schema": schema, "again": {"type": "integer"}}, schema, lambda: FORMATS)(1)


def test_a_server_starts_without_the_library_that_judges_schemas() -> None:
    code = "import sys, conformance.reference.__main__; sys.exit('jsonschema' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - this very interpreter
