"""openapi.yaml itself, how it is read, and what becomes of a contract that can't be."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import openapi_spec_validator
import pytest
import yaml

from conformance import CONTRACT
from conformance.selftest.suite.runs import contract, operation, rules
from conformance.suite.contract import document
from conformance.suite.contract.nodes import ContractError, escape, unescape
from conformance.suite.contract.schema import UNREAD, Schema

LINES = CONTRACT.read_text(encoding="utf-8").splitlines()
DOCUMENT: Any = yaml.safe_load(CONTRACT.read_bytes())


def test_is_valid_openapi() -> None:
    openapi_spec_validator.validate(DOCUMENT)


def test_has_neither_anchor_nor_alias() -> None:
    tokens = yaml.scan(CONTRACT.read_bytes())
    assert not [token for token in tokens if isinstance(token, yaml.AnchorToken | yaml.AliasToken)]


def mappings(node: object, pointer: str = "") -> Iterator[tuple[str, dict[str, object]]]:
    if isinstance(node, dict):
        found = cast("dict[str, object]", node)
        yield pointer, found
        for name, below in found.items():
            yield from mappings(below, f"{pointer}/{escape(name)}")
    elif isinstance(node, list):
        for index, below in enumerate(cast("list[object]", node)):
            yield from mappings(below, f"{pointer}/{index}")


def test_every_default_stands_in_a_named_component() -> None:
    # A client generator sends a default that stands anywhere else on the wire.
    found = [pointer for pointer, node in mappings(DOCUMENT) if "default" in node]
    assert found
    assert all(pointer.startswith("/components/schemas/") and pointer.count("/") == 3 for pointer in found)


def test_every_reference_leads_somewhere() -> None:
    for _, node in mappings(DOCUMENT):
        if "$ref" in node:
            assert contract().at(str(node["$ref"]).removeprefix("#"))


def test_each_line_shows_what_stands_at_the_pointer() -> None:
    for pointer, line in contract().lines.items():
        name = unescape(pointer.rsplit("/", 1)[1])
        shown = LINES[line - 1].strip().removeprefix("- ")
        if name.isdigit() and not shown.startswith((f"'{name}':", f"{name}:")):
            value = contract().at(pointer)
            first = next(iter(cast("dict[str, object]", value))) if isinstance(value, dict) else value
            assert ("null" if first is None else str(first)) in shown, pointer
        else:
            assert f"{name}:" in shown.replace("'", ""), pointer


def test_each_rule_quotes_its_source() -> None:
    for rule in rules():
        assert contract().lines[rule.source.pointer] == rule.source.line
        assert rule.source.text.strip()


def test_the_hash_is_of_the_file() -> None:
    assert document.load(CONTRACT).sha256 == document.parse(CONTRACT.read_bytes()).sha256
    assert document.parse(CONTRACT.read_bytes() + b"# more\n").sha256 != contract().sha256


def schema_of(text: str) -> Schema:
    """Read a small contract whose request has one field of this schema."""
    return read(text).operations["make"].request.properties["field"]


def read(text: str, parts: str = "") -> document.Contract:
    json = "{content: {application/json: {schema: {type: object}}}}"
    return document.parse(
        f"""
paths:
  /things:
    post:
      operationId: make
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                field: {text}
              {parts}
      responses: {{'200': {json}, 4XX: {json}}}
components:
  schemas:
    Named: {{type: string, enum: [a, b], default: a, description: Named., example: b}}
    Again: {{$ref: '#/components/schemas/Named'}}
    Loose: {{anyOf: [{{type: string}}, {{$ref: '#/components/schemas/Named'}}], default: b}}
    Loop: {{$ref: '#/components/schemas/Round'}}
    Round: {{$ref: '#/components/schemas/Loop'}}
    Tree: {{type: object, properties: {{name: {{type: string}}, child: {{$ref: '#/components/schemas/Tree'}}}}}}
    Nest: {{type: array, items: {{$ref: '#/components/schemas/Nest'}}}}
""".encode()
    )


NAMED = "'#/components/schemas/Named'"
FLAT: list[tuple[str, dict[str, object], bool]] = [
    ("{type: string, maxLength: 3}", {"type": "string", "maxLength": 3}, False),
    ("{type: [string, 'null']}", {"type": "string"}, True),
    ("{type: [string, integer]}", {"type": ["string", "integer"]}, False),
    ("{type: [string, integer, 'null']}", {"type": ["string", "integer"]}, True),
    ("{type: 'null'}", {"type": "null"}, False),
    (f"{{$ref: {NAMED}}}", {"type": "string", "enum": ["a", "b"]}, False),
    ("{$ref: '#/components/schemas/Again'}", {"type": "string", "enum": ["a", "b"]}, False),
    (f"{{anyOf: [{{$ref: {NAMED}}}, {{type: 'null'}}]}}", {"type": "string", "enum": ["a", "b"]}, True),
    (f"{{anyOf: [{{type: 'null'}}, {{$ref: {NAMED}}}]}}", {"type": "string", "enum": ["a", "b"]}, True),
    ("{anyOf: [{type: string}], maxLength: 5}", {"type": "string", "maxLength": 5}, False),
    ("{$ref: '#/components/schemas/Loose'}", {"type": "string"}, False),
    ("{type: string, title: T, x-note: n, deprecated: true}", {"type": "string"}, False),
]


@pytest.mark.parametrize(("text", "keywords", "nullable"), FLAT)
def test_flat(*, text: str, keywords: dict[str, object], nullable: bool) -> None:
    schema = schema_of(text)
    assert {keyword.name: keyword.value for keyword in schema.keywords} == keywords
    assert (schema.nullable is not None) is nullable


@pytest.mark.parametrize(("text", "keywords", "nullable"), FLAT)
def test_flat_keywords_remember_where_they_stand(*, text: str, keywords: dict[str, object], nullable: bool) -> None:
    del keywords, nullable
    found = read(text)
    for keyword in found.operations["make"].request.properties["field"].keywords:
        value = found.at(keyword.pointer)
        assert value == keyword.value or keyword.value in cast("list[object]", value) or keyword.name == "type"
        assert keyword.pointer.endswith(f"/{keyword.name}")


def test_names_that_a_field_knows() -> None:
    assert schema_of("{$ref: '#/components/schemas/Loose'}").known == ("a", "b")


def test_annotations_come_through_a_nullable_reference() -> None:
    schema = schema_of(f"{{anyOf: [{{$ref: {NAMED}}}, {{type: 'null'}}], description: Own.}}")
    assert schema.description is not None
    assert (schema.description.value, schema.example) == ("Own.", "b")
    assert schema.default is not None
    assert schema.default.value == "a"


def test_a_description_beside_a_reference_comes_first() -> None:
    described = schema_of(f"{{$ref: {NAMED}, description: Own.}}").description
    assert described is not None
    assert described.value == "Own."


def test_block() -> None:
    parts = "allOf: [{x-condition: short, if: {required: [field]}, then: {properties: {field: {maxLength: 2}}}}]"
    (block,) = read("{type: string}", parts).operations["make"].request.blocks
    assert (block.condition.label, block.condition.schema) == ("short", {"required": ["field"]})
    assert block.properties["field"].keyword("maxLength") == 2
    assert not block.required


def test_a_block_may_ask_for_a_field() -> None:
    parts = "allOf: [{x-condition: a, if: {properties: {field: {const: b}}}, then: {required: [other]}}]"
    (block,) = read("{type: string}", parts).operations["make"].request.blocks
    assert block.condition.fields == {"field"}
    assert list(block.required) == ["other"]
    assert not block.properties


def test_required_points_at_the_name() -> None:
    assert operation().request.required == {"prompt": "/components/schemas/CreateImageRequest/required/0"}


@pytest.mark.parametrize("part", ["plain", "a/b", "a~b", "~1", "/", "~0~1/"])
def test_escaping(part: str) -> None:
    assert unescape(escape(part)) == part
    assert "/" not in escape(part)


@pytest.mark.parametrize(
    "text",
    [
        "{anyOf: [{type: string, maxLength: 2}, {type: string}]}",
        "{anyOf: [{type: string}, {type: integer}]}",
        "{oneOf: [{type: string}, {type: integer}]}",
        "{anyOf: [{type: array, items: {type: string}}, {type: array, items: {type: integer}}]}",
        "{oneOf: [{type: array, items: {type: string}}, {type: array, maxItems: 2}, {type: string}]}",
        "[type, string]",
    ],
)
def test_a_schema_of_unknown_shape_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ContractError, match=r"^[^\n]+$"):
        schema_of(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{$ref: '#/components/schemas/Missing'}", "nothing stands at /components/schemas/Missing"),
        ("{$ref: 'other.yaml#/components/schemas/Named'}", "leads nowhere"),
        ("{$ref: '#/components/schemas/Loop'}", "leads nowhere"),
        ("{$ref: '#/components/schemas/Tree'}", "/components/schemas/Tree of the contract holds itself"),
        ("{$ref: '#/components/schemas/Nest'}", "/components/schemas/Nest of the contract holds itself"),
        ("{anyOf: [{$ref: '#/components/schemas/Tree'}, {type: 'null'}]}", "holds itself"),
    ],
)
def test_a_reference_that_leads_nowhere_or_into_itself_is_refused_in_one_sentence(text: str, words: str) -> None:
    with pytest.raises(ContractError, match=rf"^[^\n]*{words}[^\n]*$"):
        schema_of(text)


IN_SHAPES = ["{type: string, %s: 3}", "{anyOf: [{type: string, %s: 3}, {type: 'null'}]}", "{%s: 3}"]


@pytest.mark.parametrize("shape", IN_SHAPES)
@pytest.mark.parametrize("name", sorted(UNREAD))
def test_a_keyword_that_the_suite_can_not_read_is_refused_in_one_sentence(name: str, shape: str) -> None:
    with pytest.raises(ContractError, match=rf"^[^\n]*'{re.escape(name)}' at /[^\n]+ of the contract$"):
        schema_of(shape % name)


@pytest.mark.parametrize("shape", IN_SHAPES)
def test_a_keyword_that_json_schema_does_not_know_asks_nothing(shape: str) -> None:
    assert {keyword.name for keyword in schema_of(shape % "minWords").keywords} <= {"type"}


@pytest.mark.parametrize(
    "parts",
    [
        "allOf: [{if: {}, then: {}}]",
        "allOf: [{x-condition: a, then: {}}]",
        "allOf: [{x-condition: a, if: {}}]",
        "allOf: [{x-condition: a, if: {}, then: {}, else: {}}]",
        "allOf: [{type: object}]",
    ],
)
def test_a_block_of_unknown_shape_is_refused_in_one_sentence(parts: str) -> None:
    with pytest.raises(ContractError, match=r"^[^\n]+$"):
        read("{type: string}", parts)


@pytest.mark.parametrize("text", [b"", b"5", b"[]", b"paths: 5", b"paths: {/x: 5}", b"a: [", b"\xff\xfe\x00", b"a: *b"])
def test_a_file_that_is_no_contract_is_refused_in_one_sentence(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_bytes(text)
    with pytest.raises(ContractError, match=r"^[^\n]+$"):
        document.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"no-such\.yaml"):
        document.load(tmp_path / "no-such.yaml")


def test_a_block_below_the_request_is_refused() -> None:
    with pytest.raises(ContractError, match=r"^[^\n]+$"):
        schema_of("{type: object, allOf: [{x-condition: a, if: {}, then: {}}]}")


def test_nothing_at_a_pointer_is_an_error() -> None:
    with pytest.raises(ContractError, match="/no/such"):
        contract().source("/no/such")
