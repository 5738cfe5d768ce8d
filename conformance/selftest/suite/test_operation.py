"""How an operation is read, whatever travels where: in the body, in the query or in the path."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance import CONTRACT
from conformance.selftest.suite.runs import contract
from conformance.suite.contract import document
from conformance.suite.contract.nodes import ContractError
from conformance.suite.contract.operation import Operation
from conformance.suite.contract.schema import Schema
from conformance.suite.images import IMAGES
from conformance.suite.plan import planner
from conformance.suite.rules.api import Api
from conformance.suite.rules.catalogue import all_rules

TEXT: Mapping[str, object] = {"type": "string"}
KEY: list[object] = [{"Key": ["a"]}]
NONE: list[object] = []
NUMBER: Mapping[str, object] = {"type": "integer"}


def an_object(**properties: Mapping[str, object]) -> dict[str, object]:
    return {"schema": {"type": "object", "required": list(properties)[:1], "properties": properties}}


def read(operation: Mapping[str, object], **beside: object) -> Mapping[str, Operation]:
    """Return the operations of a contract that has one path with one operation, and the rules of each are made."""
    post: Mapping[str, object] = {"operationId": "make", "responses": None, **operation}
    found = document.parse(json.dumps({"paths": {"/things/{id}": {"post": post, **beside}}}).encode())
    for api in (Api(), IMAGES):
        rules = all_rules(found, api)
        assert {rule.operation for rule in rules} == set(found.operations)
        planner.make(found, api, rules, key=True)
    return found.operations


def keyword(schema: Schema | None, *place: str, name: str = "type") -> object:
    below = schema.below(place) if schema else None
    return below.keyword(name) if below else None


def test_each_media_type_of_a_body_is_an_operation_of_its_own() -> None:
    content = {
        "application/json": an_object(a=TEXT, b=NUMBER),
        "multipart/form-data": an_object(a={"type": "string", "format": "binary"}),
    }
    found = read({"requestBody": {"content": content}})
    assert {id_: made.media_type for id_, made in found.items()} == {
        "make": "application/json",
        "make+form-data": "multipart/form-data",
    }
    assert [list(made.request.properties) for made in found.values()] == [["a", "b"], ["a"]]
    assert [made.is_form for made in found.values()] == [False, True]
    assert [made.files for made in found.values()] == [(), ("a",)]


def test_a_second_media_type_in_the_contract_leaves_the_first_as_it_was() -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    line = "          multipart/form-data:\n"
    more = "          application/json:\n            schema: {type: object, properties: {prompt: {type: string}}}\n"
    after = text.index("      responses:", text.index(line))
    found = document.parse((text[:after] + more + text[after:]).encode())
    assert set(found.operations) == {*contract().operations, "createImageEdit+json"}
    assert found.operations["createImageEdit"].request == contract().operations["createImageEdit"].request


@pytest.mark.parametrize("body", [{}, {"schema": {}}, {"schema": {"type": "array"}}, {"schema": {"type": "string"}}])
def test_a_body_that_is_no_object_is_refused_in_one_sentence(body: dict[str, object]) -> None:
    with pytest.raises(ContractError, match=r"^[^\n]+$"):
        read({"requestBody": {"content": {"application/json": an_object(a=TEXT), "text/plain": body}}})


@pytest.mark.parametrize("body", [{}, {"requestBody": {}}, {"requestBody": {"content": {}}}])
def test_an_operation_may_have_no_body(body: dict[str, object]) -> None:
    (made,) = read(body).values()
    assert (made.media_type, made.is_form, made.body, dict(made.request.properties)) == (None, False, made.pointer, {})


def without(part: str) -> document.Contract:
    """Return the contract without a part of its first operation."""
    whole: Any = json.loads(json.dumps(contract().document))
    del whole["paths"]["/images/generations"]["post"][part]
    made = document.parse(json.dumps(whole).encode())
    planner.make(made, IMAGES, all_rules(made, IMAGES), key=True)
    return made


def test_an_operation_that_loses_its_body_or_its_answers_is_read_all_the_same() -> None:
    no_body, no_answers = (without(part).operations for part in ("requestBody", "responses"))
    assert (no_body["createImage"].media_type, dict(no_body["createImage"].request.properties)) == (None, {})
    assert no_body["createImage"].answer == contract().operations["createImage"].answer
    assert (no_answers["createImage"].answer, no_answers["createImage"].error) == (None, None)
    assert no_answers["createImage"].request == contract().operations["createImage"].request


@pytest.mark.parametrize(
    ("responses", "answer", "error", "types"),
    [
        ({}, None, None, ()),
        ({"204": {"description": "Nothing."}}, None, None, ()),
        ({"200": {"content": {"image/png": {}}}}, None, None, ("image/png",)),
        ({"200": {"content": {"application/json": {}}}}, None, None, ("application/json",)),
        ({"200": {"content": {"application/json": an_object(a=TEXT)}}}, "string", None, ("application/json",)),
        ({201: {"content": {"application/problem+json": an_object(a=TEXT)}}}, "string", None, None),
        ({"200": {"content": {"image/png": {}, "application/json": an_object(a=NUMBER)}}}, "integer", None, None),
        ({"2XX": {"content": {"application/json": an_object(a=TEXT)}}, "4XX": {}}, "string", None, None),
        ({"400": {"content": {"application/json": an_object(a=TEXT)}}}, None, "string", ()),
        ({"4XX": {"content": {"text/html": {}}}}, None, None, ()),
    ],
)
def test_what_an_operation_answers(
    responses: dict[Any, object], answer: str | None, error: str | None, types: tuple[str, ...] | None
) -> None:
    (made,) = read({"responses": responses}).values()
    assert (keyword(made.answer, "a"), keyword(made.error, "a")) == (answer, error)
    assert types is None or made.answer_types == types
    assert (made.success is None) is not any(str(status).startswith("2") for status in responses)
    assert (made.refusal is None) is not any(str(status).startswith("4") for status in responses)


def parameter(name: str, where: str, **parts: object) -> dict[str, object]:
    return {"name": name, "in": where, "schema": TEXT, **parts}


def test_parameters_are_fields_beside_those_of_the_body() -> None:
    parameters = [
        parameter("limit", "query", description="How many.", schema={**NUMBER, "description": "Not this."}),
        parameter("x-trace", "header"),
        parameter("session", "cookie"),
    ]
    body = {"content": {"application/json": an_object(a=TEXT)}}
    (made,) = read(
        {"parameters": parameters, "requestBody": body}, parameters=[parameter("id", "path", required=True)]
    ).values()
    assert dict(made.parameters) == {"id": "path", "limit": "query"}
    assert list(made.request.properties) == ["id", "limit", "a"]
    assert set(made.request.required) == {"id", "a"}
    assert [made.is_text(name) for name in made.request.properties] == [True, True, False]
    described = made.request.properties["limit"].description
    assert described is not None
    assert described.value == "How many."


@pytest.mark.parametrize("name", ["anyOf", "oneOf"])
@pytest.mark.parametrize("turned", [False, True])
def test_a_value_or_an_array_of_it_is_one_schema(*, name: str, turned: bool) -> None:
    branches = [{"type": "string", "maxLength": 5}, {"type": "array", "maxItems": 3, "items": {"minLength": 2}}]
    content = {"application/json": an_object(a={name: branches[::-1] if turned else branches})}
    (made,) = read({"requestBody": {"content": content}}).values()
    schema = made.request.properties["a"]
    assert {keyword.name: keyword.value for keyword in schema.keywords} == {
        "type": ["string", "array"],
        "maxLength": 5,
        "maxItems": 3,
    }
    assert schema.many
    assert schema.items is not None
    assert schema.items.keyword("minLength") == 2


@pytest.mark.parametrize("union", ["anyOf", "oneOf"])
def test_one_of_is_read_like_any_of_where_no_two_hold_at_once(union: str) -> None:
    branches = [{"type": "string", "enum": ["b", "c"]}, {"type": "null"}]
    (made,) = read({"requestBody": {"content": {"application/json": an_object(a={union: branches})}}}).values()
    schema = made.request.properties["a"]
    assert (schema.types, schema.keyword("enum"), schema.nullable is not None) == (("string",), ["b", "c"], True)


@pytest.mark.parametrize(
    ("security", "own", "expected"),
    [
        (None, None, None),
        (NONE, None, None),
        (KEY, None, "/security"),
        (KEY, NONE, None),
        (None, KEY, "/paths/~1things/get/security"),
    ],
)
def test_what_is_said_about_credentials(
    security: list[object] | None, own: list[object] | None, expected: str | None
) -> None:
    get: dict[str, object] = {"operationId": "list"}
    whole: dict[str, object] = {"paths": {"/things": {"get": get}}}
    for node, said in ((whole, security), (get, own)):
        if said is not None:
            node["security"] = said
    assert document.parse(json.dumps(whole).encode()).operations["list"].security == expected


@pytest.mark.parametrize(("found", "words"), [({"summary": "List."}, "List."), ({}, "GET /things")])
def test_an_operation_without_a_description_is_told_by_what_there_is(found: dict[str, object], words: str) -> None:
    whole = {"paths": {"/things": {"get": {"operationId": "list", **found}}}}
    assert document.parse(json.dumps(whole).encode()).operations["list"].description == words


def test_two_operations_of_one_id_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps({"paths": {f"/{one}": {"get": {"operationId": "a"}} for one in "xy"}}))
    with pytest.raises(ContractError, match="two operations of the contract are called a"):
        document.load(path)
