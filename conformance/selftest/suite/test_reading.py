"""Shapes of a schema: those that are flattened without loss, and those that are refused rather than misread."""

from typing import Any

import pytest

from conformance.selftest.suite.schemas import read
from conformance.suite.contract.constraints import of_schema
from conformance.suite.contract.nodes import ContractError

OBJECT = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
NULL = {"type": "null"}


def test_a_nullable_object_keeps_its_members() -> None:
    schema = read({"anyOf": [OBJECT, NULL]})
    assert schema.nullable is not None
    assert (list(schema.properties), list(schema.required)) == (["a"], ["a"])


def test_what_stands_beside_a_reference_holds_too() -> None:
    schema = read({"$ref": "#/components/schemas/Name", "maxLength": 1}, Name={"type": "string", "minLength": 1})
    assert {keyword.name: keyword.value for keyword in schema.keywords} == {
        "type": "string",
        "minLength": 1,
        "maxLength": 1,
    }


@pytest.mark.parametrize(
    "nullable",
    [
        {"type": "string", "nullable": True},
        {"type": ["string", "null"]},
        {"anyOf": [{"type": "string"}, NULL]},
        {"oneOf": [{"type": "string"}, NULL]},
    ],
)
def test_null_is_let_through_however_it_is_written(nullable: dict[str, Any]) -> None:
    schema = read(nullable)
    assert schema.nullable is not None
    assert schema.types == ("string",)
    assert not any(constraint.violated_by_value(None) for constraint in of_schema(schema))


@pytest.mark.parametrize("union", ["anyOf", "oneOf"])
def test_a_value_or_a_list_of_it(union: str) -> None:
    single = {"type": "string", "enum": ["a", "b"]}
    schema = read({union: [single, {"type": "array", "maxItems": 2, "items": single}]})

    def broken(value: object) -> set[str]:
        return {constraint.id.strip("/") for constraint in of_schema(schema) if constraint.violated_by_value(value)}

    assert broken("a") == broken(["a", "b"]) == broken([]) == set()
    assert broken("c") == {"enum"}
    assert broken(["a", "c"]) == {"items/enum"}
    assert broken(["a", "b", "a"]) == {"maxItems"}
    assert broken(7) == {"type", "enum"}


def test_a_choice_of_members_is_a_keyword() -> None:
    schema = read(
        {"type": "object", "properties": {"a": {}, "b": {}}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}
    )
    (choice,) = [constraint for constraint in of_schema(schema) if constraint.keyword == "oneOf"]
    assert [choice.violated_by_value(value) for value in ({"a": 1}, {"b": 1}, {}, {"a": 1, "b": 1})] == [
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    "thing",
    [
        {"exclusiveMinimum": True},
        {"pattern": "["},
        {"type": "strin"},
        {"maxLength": "many"},
        {"enum": "a"},
        {"type": "string", "maxLength": -1},
    ],
)
def test_a_keyword_of_a_wrong_value_is_told_in_one_sentence(thing: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match=r"^the keyword '\w+' at /paths/[^\n]* of the contract is wrong: [^\n]+$"):
        read(thing)


MISREAD: list[tuple[dict[str, Any], str]] = [
    ({"anyOf": [{"type": "string"}], "oneOf": [{"type": "string"}]}, "can't flatten"),
    ({"anyOf": [{"type": "string", "maxLength": 1}, {"type": "integer"}]}, "can't flatten"),
    ({"anyOf": [{"type": "array"}, {"type": "array", "maxItems": 1}]}, "can't flatten"),
    ({"oneOf": [{"type": "string"}, {"type": "string", "enum": ["a"]}]}, "may hold at once"),
    ({"$ref": "#/components/schemas/Name", "properties": {"a": {}}}, "beside the reference"),
    ({"$ref": "#/components/schemas/Nobody"}, "nothing stands at /components/schemas/Nobody"),
    ({"$ref": "other.yaml#/Name"}, "leads nowhere inside it"),
    ({"$ref": "#/components/schemas/Loop"}, "leads nowhere inside it"),
    ({"$ref": "#/components/schemas/Tree"}, "holds itself"),
    ({"if": {"type": "string"}}, "can't read the keyword 'if'"),
    ({"allOf": [{"x-condition": "a", "if": {}, "then": {}}]}, "must be a block of a request's schema"),
]


@pytest.mark.parametrize(("thing", "words"), MISREAD)
def test_what_would_be_misread_is_refused(thing: dict[str, Any], words: str) -> None:
    components: dict[str, Any] = {
        "Name": {"type": "string"},
        "Loop": {"$ref": "#/components/schemas/Loop"},
        "Tree": {"type": "object", "properties": {"tree": {"$ref": "#/components/schemas/Tree"}}},
    }
    with pytest.raises(ContractError, match=words):
        read(thing, **components)
