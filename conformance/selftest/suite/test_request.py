"""Requests on the wire, read back by other parsers than those that wrote them, and as JSON in a recording."""

import json
from typing import Any

import pytest

from conformance.selftest.suite import forms
from conformance.selftest.suite.runs import operation, plan
from conformance.suite.contract.places import ABSENT
from conformance.suite.exchange.codec import CODEC, codec
from conformance.suite.exchange.encoding import Encoded, as_read, encode, form_text, renamed
from conformance.suite.exchange.request import Damage, Raw, Request
from conformance.suite.exchange.upload import Upload
from conformance.suite.images import IMAGES
from conformance.suite.images.files import CLEAR, OPAQUE
from conformance.suite.images.pictures import Picture

BODIES: list[dict[str, Any]] = [
    {},
    {"prompt": "A cute baby sea otter", "n": 2, "size": None},
    {"prompt": '\N{OTTER}\N{COMBINING DOT ABOVE} "quoted" \\ / \t\n'},
    {"prompt": ["text"], "n": 1.5, "user": {"key": True}},
]
READER = codec(IMAGES.contents)
OTTER = Request("createImage", {"prompt": "otter", "model": "dall-e-3"})
EDIT = Request("createImageEdit", {"image": CLEAR, "prompt": "otter", "n": 2, "model": "dall-e-2"})


def encoded(request: Request, **names: str) -> Encoded:
    own = {key.replace("_", "-"): name for key, name in names.items()}
    return encode(request, operation(request.operation), {"model": own})


def parts(request: Request, **names: str) -> list[forms.Part]:
    made = encoded(request, **names)
    return forms.parse(made.content_type or "", made.body)


@pytest.mark.parametrize("fields", BODIES)
def test_json(fields: dict[str, Any]) -> None:
    made = encoded(Request("createImage", fields))
    assert (made.method, made.path, made.content_type) == ("POST", "/images/generations", "application/json")
    assert json.loads(made.body) == fields


def test_form() -> None:
    assert parts(EDIT) == [
        forms.Part("prompt", None, None, b"otter"),
        forms.Part("n", None, None, b"2"),
        forms.Part("model", None, None, b"dall-e-2"),
        forms.Part("image", "image.png", "image/png", CLEAR.encode()),
    ]


@pytest.mark.parametrize(
    "prompt",
    ["", " ", "two\r\nlines", '"quotes"; name="image"', "\N{OTTER}" * 3, "--boundary--", "images-conformance", "\\"],
)
def test_a_text_stays_one_part(prompt: str) -> None:
    found = parts(EDIT.edited({"prompt": prompt}))
    assert [part.name for part in found] == ["prompt", "n", "model", "image"]
    assert found[0].content == prompt.encode()


@pytest.mark.parametrize(
    ("filename", "content_type"),
    [("upload", "application/octet-stream"), ("/home/otter/My pictures/otter (1).png", "image/png")],
)
def test_a_file_keeps_its_label(filename: str, content_type: str) -> None:
    picture = Picture(hole=True)
    found = parts(EDIT.edited({"image": Upload(picture, filename, content_type)}))
    image = next(part for part in found if part.name == "image")
    assert image == forms.Part("image", filename, content_type, picture.encode())


def test_plain_values_go_before_files_and_both_in_their_own_order() -> None:
    fields = {"mask": CLEAR, "n": 2, "image": OPAQUE, "prompt": "otter"}
    assert [part.name for part in parts(Request(EDIT.operation, fields))] == ["n", "prompt", "mask", "image"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (("model", "mask", "prompt"), ["model", "prompt", "n", "image"]),
        (("image",), ["image", "prompt", "n", "model"]),
        (("n", "image", "model"), ["n", "image", "model", "prompt"]),
    ],
)
def test_parts_in_another_order(order: tuple[str, ...], expected: list[str]) -> None:
    request = Request(EDIT.operation, EDIT.fields, Raw(order=order))
    assert [part.name for part in parts(request)] == expected
    assert {part.name: part for part in parts(request)} == {part.name: part for part in parts(EDIT)}


@pytest.mark.parametrize(
    ("names", "expected"), [({}, "dall-e-3"), ({"dall_e_3": "own"}, "own"), ({"dall_e_2": "own"}, "dall-e-3")]
)
def test_a_model_goes_by_the_name_that_the_server_has_for_it(names: dict[str, str], expected: str) -> None:
    assert json.loads(encoded(OTTER, **names).body)["model"] == expected
    assert OTTER.fields["model"] == "dall-e-3"


def test_a_model_of_a_form_too() -> None:
    found = {part.name: part for part in parts(EDIT, dall_e_2="own")}
    assert found["model"].content == b"own"
    assert found == {part.name: part for part in parts(EDIT)} | {"model": found["model"]}


@pytest.mark.parametrize("model", [7, None, ["dall-e-3"], True])
def test_what_is_no_model_name_is_left_alone(model: object) -> None:
    assert renamed({"model": model}, {"model": {"dall-e-3": "own"}}) == {"model": model}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (Raw(body=b"[]", content_type="text/plain"), Encoded("POST", "/images/generations", "text/plain", b"[]")),
        (Raw(body=b"", content_type=""), Encoded("POST", "/images/generations", "", b"")),
        (Raw(body=b"x"), Encoded("POST", "/images/generations", None, b"x")),
    ],
)
def test_a_raw_body_replaces_the_fields(raw: Raw, expected: Encoded) -> None:
    assert encoded(Request("createImage", {"prompt": "otter"}, raw)) == expected


@pytest.mark.parametrize(
    ("damage", "fields", "expected"),
    [
        (Damage(), {"n": 1}, b'{"n": 1}'),
        (Damage(keep=0), {"n": 1}, b""),
        (Damage(keep=0.5), {"n": 1}, b'{"n"'),
        (Damage(b'"a": 1e999'), {"n": 1}, b'{"n": 1, "a": 1e999}'),
        (Damage(b'"a": "\xff"'), {}, b'{"a": "\xff"}'),
        (Damage(b'"a": [[[['), {"model": "dall-e-2"}, b'{"model": "own", "a": [[[[}'),
        (Damage(b'"a": 1', keep=0.5), {"n": 1}, b'{"n": 1,'),
    ],
)
def test_a_body_is_damaged_once_it_is_encoded(damage: Damage, fields: dict[str, object], expected: bytes) -> None:
    made = encoded(Request("createImage", fields, Raw(damage=damage)), dall_e_2="own")
    assert made == Encoded("POST", "/images/generations", "application/json", expected)


def test_a_damaged_form_is_the_beginning_of_the_whole_one() -> None:
    whole, cut = encoded(EDIT), encoded(Request(EDIT.operation, EDIT.fields, Raw(damage=Damage(keep=0.9))))
    assert cut.content_type == whole.content_type
    assert cut.body == whole.body[: int(len(whole.body) * 0.9)]


@pytest.mark.parametrize("content_type", ["", "multipart/form-data"])
def test_another_media_type_keeps_the_body(content_type: str) -> None:
    made = encoded(Request(EDIT.operation, EDIT.fields, Raw(content_type=content_type)))
    assert made == Encoded("POST", "/images/edits", content_type, encoded(EDIT).body)


def test_another_method_and_path_keep_the_fields() -> None:
    made = encoded(Request("createImage", {"prompt": "otter"}, Raw(method="PUT", path="/no/such")))
    assert (made.method, made.path, json.loads(made.body)) == ("PUT", "/no/such", {"prompt": "otter"})


@pytest.mark.parametrize("request_", [planned.request for planned in plan().exchanges[::20]], ids=lambda _: "")
def test_planned_requests_survive_json(request_: Request) -> None:
    again = READER.structure(json.loads(json.dumps(CODEC.unstructure(request_))), Request)
    assert again == request_
    assert again.key == request_.key
    assert encode(again, operation(again.operation), {}) == encode(request_, operation(again.operation), {})


@pytest.mark.parametrize(
    "raw",
    [
        Raw(),
        Raw(body=bytes(range(256)), content_type="a/b", method="PUT", path="/x", authorization="Bearer x"),
        Raw(body=b"", authorization="", order=("a", "b")),
        Raw(damage=Damage(bytes(range(256)), 0.5)),
        Raw(content_type=""),
    ],
)
def test_raw_parts_survive_json(raw: Raw) -> None:
    assert READER.structure(json.loads(json.dumps(CODEC.unstructure(raw))), Raw) == raw
    assert raw.is_plain is (raw == Raw())


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("prompt", "seal", {"prompt": "seal", "model": "dall-e-3"}),
        ("n", None, {"prompt": "otter", "model": "dall-e-3", "n": None}),
        ("model", ABSENT, {"prompt": "otter"}),
        ("n", ABSENT, {"prompt": "otter", "model": "dall-e-3"}),
    ],
)
def test_edited(name: str, value: object, expected: dict[str, object]) -> None:
    assert OTTER.edited({name: value}).fields == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"n": 1}, {"n": "1"}),
        ({"n": 1}, {"n": 1.0}),
        ({"n": 1}, {"n": True}),
        ({"n": None}, {}),
        ({"image": CLEAR}, {"image": OPAQUE}),
    ],
)
def test_keys_tell_requests_apart(one: dict[str, object], other: dict[str, object]) -> None:
    assert Request("createImage", one).key != Request("createImage", other).key


@pytest.mark.parametrize(("value", "text"), [("a", "a"), (1, "1"), (1.5, "1.5"), (True, "true"), ([1], "[1]")])
def test_form_text(value: object, text: str) -> None:
    assert form_text(value) == text


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [("n", "2", 2), ("n", "-3", -3), ("n", "1.5", 1.5), ("n", "two", "two"), ("n", "", ""), ("user", "2", "2")],
)
def test_as_read(field: str, text: str, value: object) -> None:
    assert as_read(operation("createImageEdit").request.properties[field], text) == value
