"""What is written down is read back as it was: requests, files among their fields, exchanges."""

import json
from typing import Any

import pytest
from attrs import frozen
from cattrs.errors import ClassValidationError

from conformance.suite.exchange.codec import CODEC, codec
from conformance.suite.exchange.recording import Answer, Exchange, Fetch
from conformance.suite.exchange.request import Raw, Request
from conformance.suite.exchange.upload import Text, Upload
from conformance.suite.images.pictures import Picture, png


@frozen
class Tone:
    """The recipe of a file that this module alone knows."""

    seconds: float
    notes: tuple[str, ...] = ()

    def encode(self) -> bytes:
        """Return the file's bytes."""
        return b"beep" * int(self.seconds)

    def words(self) -> str:
        """Describe the file in a few words."""
        return "a tone"


TEXT = Upload(Text("text\n\N{OTTER}"), "a.txt", "text/plain")
PICTURE = png(Picture(64, 32, hole=True, file_bytes=5000, keep=0.5))
TONE = Upload(Tone(1.5))
READER = codec((Picture, Tone))

FIELDS: list[dict[str, object]] = [
    {},
    {"a": None, "b": True, "c": 1, "d": 1.0, "e": "1", "f": [], "g": {}},
    {"a": ["text", 1, None, ["nested"]], "b": {"c": {"d": [1, {"e": None}]}}},
    {"a": "\N{OTTER}\n\0", "b": "\ud83e", "": "no name"},
    {"image": PICTURE, "text": TEXT},
    {"images": [PICTURE, TEXT, "text"], "deep": {"file": PICTURE, "files": [{"file": TEXT}]}},
    {"a": 10**400, "b": 1e300, "c": -0.0},
]


def again(value: object, type_: Any) -> Any:  # noqa: ANN401 - whatever is written
    return READER.structure(json.loads(json.dumps(CODEC.unstructure(value))), type_)


@pytest.mark.parametrize("fields", FIELDS)
def test_fields_come_back(fields: dict[str, object]) -> None:
    request = Request("make", fields)
    found = again(request, Request)
    assert found == request
    assert found.key == request.key
    assert repr(found.fields) == repr(fields)


@pytest.mark.parametrize("body", [None, b"", bytes(range(256)), "\N{OTTER}".encode()])
def test_bytes_come_back(body: bytes | None) -> None:
    answer = Answer(200, (("a", "b"), ("A", "caf\xe9")), body or b"")
    exchange = Exchange(
        "a",
        Request("make", {}, Raw(body=body, authorization="", order=("b", "a"))),
        valid=False,
        answer=answer,
        seconds=0.25,
        fetches=(Fetch("http://i.test/1", answer), Fetch("http://i.test/2", None, "no connection")),
        random=True,
    )
    assert again(exchange, Exchange) == exchange


def test_what_no_server_answered_comes_back() -> None:
    exchange = Exchange("a", Request("make", {}), valid=True, answer=None, failure="no connection")
    assert again(exchange, Exchange) == exchange


def test_a_recipe_is_its_fields_beside_its_kind() -> None:
    written = CODEC.unstructure(Request("make", {"image": PICTURE, "text": TEXT}))["fields"]
    recipe = {"width": 64, "height": 32, "hole": True, "image_format": "PNG", "file_bytes": 5000, "keep": 0.5}
    recipe |= {"colours": "RGB", "deep": 8, "interlaced": False, "noted": False}
    content = {"kind": "Picture", **recipe}
    assert written["image"] == {"$file": {"content": content, "filename": "image.png", "content_type": "image/png"}}
    assert written["text"]["$file"]["content"] == {"kind": "Text", "text": "text\n\N{OTTER}"}


def test_a_recipe_of_another_api_is_written_and_read_too() -> None:
    found = again(Request("make", {"sound": TONE}), Request).fields["sound"]
    assert (type(found.content), found.encode(), found.content.seconds) == (Tone, TONE.encode(), 1.5)


def test_a_recipe_that_is_not_known_can_be_written_but_not_read() -> None:
    written = CODEC.unstructure(Request("make", {"image": PICTURE}))
    with pytest.raises(ClassValidationError):
        CODEC.structure(written, Request)


@pytest.mark.parametrize(
    "file", [5, {}, {"content": {}}, {"content": {"kind": "Text"}}, {"content": {"kind": "Text", "size": 5}}]
)
def test_what_is_no_recipe_is_not_read(file: object) -> None:
    with pytest.raises(ClassValidationError):
        READER.structure({"operation": "make", "fields": {"image": {"$file": file}}, "raw": {}}, Request)
