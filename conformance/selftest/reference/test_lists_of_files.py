"""A form may gain fields for files: one, several, or either, and each image keeps the rules about images."""

from typing import Any

import pytest
from starlette.types import ASGIApp

from conformance.reference import Behaviour, create_app, load_contract
from conformance.selftest.reference.kinds import FIELD, gaining
from conformance.selftest.reference.server import SMALL, contents, form, images, png, refused_param

EDIT = "CreateImageEditRequest"
FILE = {"type": "string", "format": "binary"}
FILES = {"type": "array", "items": FILE, "maxItems": 16}
CLEAR = png()
OPAQUE = png(colour=(1, 2, 3, 255))


def with_images(schema: Any) -> ASGIApp:  # noqa: ANN401 - a schema
    """Make a server whose edits take images of this schema."""
    contract = load_contract()
    properties = contract["components"]["schemas"][EDIT]["properties"]
    return gaining({}, EDIT, properties={**properties, "image": schema})


def edit(app: ASGIApp, *files: tuple[str, bytes]) -> Any:  # noqa: ANN401 - the answer
    texts = [("prompt", b"a", None), ("size", SMALL.encode(), None)]
    return form(*texts, *((name, content, "file") for name, content in files), app=app)


@pytest.mark.parametrize("union", ["oneOf", "anyOf"])
@pytest.mark.parametrize("name", ["image", "image[]"])
def test_one_image_or_up_to_16(union: str, name: str) -> None:
    app = with_images({union: [FILE, FILES]})
    for count in (1, 2, 16):
        assert images(edit(app, *[(name, CLEAR)] * count))
    assert refused_param(edit(app, *[(name, CLEAR)] * 17)) == "image"


def test_there_is_room_for_as_many_images_as_the_contract_admits() -> None:
    app = with_images({"anyOf": [FILE, FILES]})
    large = CLEAR + bytes(3 * 1024 * 1024)
    assert images(edit(app, *[("image[]", large)] * 16))


def test_several_images_at_least() -> None:
    app = with_images({**FILES, "minItems": 2})
    assert images(edit(app, ("image", CLEAR), ("image[]", CLEAR)))
    assert refused_param(edit(app, ("image[]", CLEAR))) == "image"


@pytest.mark.parametrize("bad", [b"no image", png((8, 9)), CLEAR + bytes(4 * 1024 * 1024)], ids=range(3))
def test_each_image_keeps_the_rules_about_images(bad: bytes) -> None:
    app = with_images({"anyOf": [FILE, FILES]})
    assert refused_param(edit(app, ("image[]", CLEAR), ("image[]", bad))) == "image"


def test_the_mask_belongs_to_the_first_image() -> None:
    app = with_images(FILES)
    first, second = ("image[]", png((8, 8))), ("image[]", png((16, 16)))
    assert images(edit(app, first, second, ("mask", png((8, 8)))))
    assert refused_param(edit(app, first, second, ("mask", png((16, 16))))) == "mask"
    assert refused_param(edit(app, ("image[]", OPAQUE), ("image[]", CLEAR))) == "image"
    alone, both = edit(app, first), edit(app, first, second)
    assert contents(alone, app) == contents(both, app)


@pytest.mark.parametrize("schema", [FILE, FILES, {"oneOf": [FILE, FILES]}, {"anyOf": [FILE, {"type": "null"}]}])
def test_a_new_file_may_be_anything_but_text(schema: Any) -> None:  # noqa: ANN401 - a schema
    app = gaining(schema, EDIT)
    assert images(edit(app, ("image", CLEAR), (FIELD, b"\x00\xff any bytes")))
    image, novel = ("image", CLEAR, "i"), (FIELD, b"text", None)
    assert refused_param(form(image, ("prompt", b"a", None), novel, app=app)) == FIELD


def test_a_file_or_its_address() -> None:
    app = gaining({"anyOf": [FILE, {"type": "string", "format": "uri"}]}, EDIT)
    image, prompt, size = ("image", CLEAR, "i"), ("prompt", b"a", None), ("size", SMALL.encode(), None)
    assert images(form(image, prompt, size, (FIELD, b"any bytes", "file"), app=app))
    assert images(form(image, prompt, size, (FIELD, b"https://a.example/b", None), app=app))
    assert refused_param(form(image, prompt, size, (FIELD, b"no address", None), app=app)) == FIELD


@pytest.mark.parametrize("kind", ["integer", "boolean", "array", "string", "object"])
def test_a_text_is_not_sent_as_a_file(kind: str) -> None:
    app = gaining({"type": kind}, EDIT)
    assert refused_param(edit(app, ("image", CLEAR), (FIELD, b"1"))) == FIELD


def test_a_file_is_one_also_if_only_its_encoding_says_so() -> None:
    contract = load_contract()
    path = contract["paths"]["/images/edits"]
    media = path["post"]["requestBody"]["content"]["multipart/form-data"]
    schema = {
        "type": "object",
        "properties": {"image": FILE, "prompt": {}, "size": {"type": "string"}, FIELD: {}, "notes": {}},
    }
    encoding = {FIELD: {"contentType": "audio/wav"}, "notes": {"contentType": "text/plain, application/json"}}
    body = {"content": {"multipart/form-data": {**media, "schema": schema, "encoding": encoding}}}
    changed = {**path, "post": {**path["post"], "requestBody": body}}
    app = create_app(Behaviour(contract={**contract, "paths": {**contract["paths"], "/images/edits": changed}}))
    image, prompt = ("image", CLEAR, "i"), ("prompt", b"a", None)
    assert images(form(image, prompt, (FIELD, b"RIFF", "a.wav"), ("notes", b"a", None), app=app))
    assert refused_param(form(image, prompt, (FIELD, b"text", None), app=app)) == FIELD
    assert refused_param(form(image, prompt, ("notes", b"a", "notes.txt"), app=app)) == "notes"
