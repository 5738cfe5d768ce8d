"""Where each field travels: in the path, in the query, as JSON, or as parts of a form."""

import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from conformance.selftest.suite import forms
from conformance.suite.contract import document
from conformance.suite.contract.operation import Operation
from conformance.suite.exchange.encoding import Encoded, as_read, encode, parts, renamed, target
from conformance.suite.exchange.request import Raw, Request
from conformance.suite.exchange.upload import Text, Upload

TEXT: dict[str, Any] = {"type": "string"}
FILE: dict[str, Any] = {"type": "string", "format": "binary"}
ONE, TWO = Upload(Text("one"), "1.txt"), Upload(Text("two"), "2.txt")
PLACES = {"id": "path", "part": "path", "limit": "query", "tags": "query"}
SCHEMAS: dict[str, Any] = {"limit": {"type": "integer"}, "tags": {"type": "array", "items": TEXT}}


def operation(media_type: str | None = None) -> Operation:
    properties = {"prompt": TEXT, "files": {"type": "array", "items": FILE}, "file": FILE}
    content = {media_type: {"schema": {"type": "object", "properties": properties}}} if media_type else {}
    parameters = [
        {"name": name, "in": where, "schema": SCHEMAS.get(name, TEXT), "required": where == "path"}
        for name, where in PLACES.items()
    ]
    post = {"operationId": "make", "parameters": parameters, "requestBody": {"content": content}}
    whole = {"paths": {"/things/{id}/parts/{part}": {"post": post}}}
    return document.parse(json.dumps(whole).encode()).operations["make"]


def sent(media_type: str | None, raw: Raw | None = None, **fields: object) -> Encoded:
    made = Request("make", {"id": "7", "part": "8", **fields}, raw or Raw())
    return encode(made, operation(media_type), {})


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("7", "7"),
        (7, "7"),
        (True, "true"),
        ("a b", "a%20b"),
        ("a/b", "a%2Fb"),
        ("..", ".."),
        ("a?b#c", "a%3Fb%23c"),
        ("100%", "100%25"),
        ("\N{OTTER}", "%F0%9F%A6%A6"),
        ("{part}", "%7Bpart%7D"),
    ],
)
def test_a_field_in_the_path(value: object, segment: str) -> None:
    path = target({"id": value, "part": "8"}, operation())
    assert path == f"/things/{segment}/parts/8"
    assert unquote(path.split("/")[2]) == (value if isinstance(value, str) else json.dumps(value))


@pytest.mark.parametrize(
    ("fields", "query"),
    [
        ({}, []),
        ({"limit": 5}, [("limit", "5")]),
        ({"limit": "a&b=c d+\N{OTTER}"}, [("limit", "a&b=c d+\N{OTTER}")]),
        ({"limit": False, "tags": None}, [("limit", "false"), ("tags", "null")]),
        ({"tags": ["a", "b", 3]}, [("tags", "a"), ("tags", "b"), ("tags", "3")]),
        ({"tags": []}, []),
        ({"limit": ""}, [("limit", "")]),
        ({"prompt": "otter", "other": 1}, []),
    ],
)
def test_fields_in_the_query(fields: dict[str, object], query: list[tuple[str, str]]) -> None:
    path = urlsplit(target({"id": "7", "part": "8", **fields}, operation()))
    assert parse_qsl(path.query, keep_blank_values=True, strict_parsing=bool(query)) == query
    assert ("?" in target({"id": "7", "part": "8", **fields}, operation())) is bool(query)


def test_what_travels_elsewhere_is_not_in_a_json_body() -> None:
    made = sent("application/json", limit=5, prompt="otter")
    assert (made.method, made.path) == ("POST", "/things/7/parts/8?limit=5")
    assert (made.content_type, json.loads(made.body)) == ("application/json", {"prompt": "otter"})


def test_what_travels_elsewhere_is_no_part_of_a_form() -> None:
    made = sent("multipart/form-data", limit=5, prompt="otter", file=ONE)
    assert made.path == "/things/7/parts/8?limit=5"
    assert [part.name for part in forms.parse(made.content_type or "", made.body)] == ["prompt", "file"]


def test_an_operation_without_a_body_sends_none() -> None:
    assert sent(None, limit=5) == Encoded("POST", "/things/7/parts/8?limit=5", None, b"")


def test_a_path_of_its_own_replaces_the_query_too() -> None:
    assert sent("application/json", Raw(path="/no/such"), limit=5, prompt="otter").path == "/no/such"


def test_a_body_of_its_own_leaves_path_and_query() -> None:
    made = sent("application/json", Raw(body=b"{", content_type="a/b"), limit=5, prompt="otter")
    assert made == Encoded("POST", "/things/7/parts/8?limit=5", "a/b", b"{")


@pytest.mark.parametrize(
    ("fields", "order", "expected"),
    [
        ({"files": [ONE, TWO], "prompt": "a"}, (), [("prompt", "a"), ("files[]", ONE), ("files[]", TWO)]),
        ({"file": ONE, "tags": ["a", 2]}, (), [("tags[]", "a"), ("tags[]", 2), ("file", ONE)]),
        ({"file": ONE, "prompt": "a"}, ("file",), [("file", ONE), ("prompt", "a")]),
        ({"prompt": "a", "files": [ONE]}, ("files",), [("files[]", ONE), ("prompt", "a")]),
        ({"prompt": "a"}, ("no", "prompt"), [("prompt", "a")]),
        ({"files": []}, (), []),
        ({"prompt": None}, (), [("prompt", None)]),
    ],
)
def test_parts(fields: dict[str, object], order: tuple[str, ...], expected: list[tuple[str, object]]) -> None:
    assert parts(fields, order) == expected


def test_a_list_of_files_is_a_part_for_each() -> None:
    made = sent("multipart/form-data", files=[ONE, TWO], prompt="otter")
    assert forms.parse(made.content_type or "", made.body) == [
        forms.Part("prompt", None, None, b"otter"),
        forms.Part("files[]", "1.txt", "text/plain", b"one"),
        forms.Part("files[]", "2.txt", "text/plain", b"two"),
    ]


ALIASES = {"prompt": {"otter": "seal", "seal": "otter"}, "id": {"7": "seven"}}


def test_renamed() -> None:
    fields = {"prompt": "otter", "id": "8", "other": "otter", "file": ONE, "tags": ["otter"]}
    assert renamed(fields, ALIASES) == {**fields, "prompt": "seal"}
    assert fields["prompt"] == "otter"


def test_what_is_renamed_is_renamed_wherever_it_travels() -> None:
    made = encode(Request("make", {"id": "7", "part": "8", "prompt": "seal"}), operation("application/json"), ALIASES)
    assert (made.path, json.loads(made.body)) == ("/things/seven/parts/8", {"prompt": "otter"})


READINGS: list[tuple[dict[str, Any], object, object]] = [
    ({"type": "integer"}, "2", 2),
    ({"type": "integer"}, 2, 2),
    ({"type": "number"}, "-1.5", -1.5),
    ({"type": ["integer", "null"]}, "2", 2),
    ({"type": "integer"}, "2x", "2x"),
    ({"type": "integer"}, "1e5", "1e5"),
    ({"type": "integer"}, "true", "true"),
    ({"type": "integer"}, None, "null"),
    ({"type": "boolean"}, "true", True),
    ({"type": "boolean"}, False, False),
    ({"type": "boolean"}, "1", "1"),
    ({"type": "boolean"}, "True", "True"),
    ({"type": "string"}, 2, "2"),
    ({"type": "string"}, True, "true"),
    ({"type": "string"}, ["a"], '["a"]'),
    ({"type": "string"}, {"a": 1}, '{"a": 1}'),
    ({}, 2, "2"),
    ({"type": "array", "items": {"type": "integer"}}, ["1", 2, "x"], [1, 2, "x"]),
    ({"type": "array"}, ["1"], ["1"]),
    ({"type": "string", "format": "binary"}, ONE, ONE),
]


@pytest.mark.parametrize(("schema", "value", "expected"), READINGS)
def test_as_read(schema: dict[str, Any], value: object, expected: object) -> None:
    post = {"operationId": "make", "parameters": [{"name": "a", "in": "query", "schema": schema}]}
    found = document.parse(json.dumps({"paths": {"/a": {"post": post}}}).encode()).operations["make"]
    read = as_read(found.request.properties["a"], value)
    assert (read, type(read)) == (expected, type(expected))
