"""What the client puts on the wire: every byte of it, for requests with the fewest fields and with all of them."""

import copy
import pickle
from collections.abc import Callable
from io import BytesIO

import httpx
import pytest
from openai_images_client.api.images import create_image, create_image_edit, create_image_variation
from openai_images_client.models import CreateImageEditRequest, CreateImageRequest, CreateImageVariationRequest
from openai_images_client.types import UNSET, File

from conformance.selftest.client.wire import (
    CALLS,
    EDIT,
    GENERATION,
    TOKEN,
    VARIATION,
    WAYS,
    AnyCall,
    Call,
    Server,
    Way,
    blocking,
    boundary,
    form,
    png,
)

FULL_GENERATION = Call(
    create_image,
    CreateImageRequest(
        prompt="Ein Otter 🦦\n",
        model="dall-e-3",
        n=1,
        quality="hd",
        response_format="b64_json",
        size="1792x1024",
        style="natural",
        user="user-1",
    ),
)
NULLS = Call(create_image, CreateImageRequest(prompt="x", n=None, response_format=None, size=None, style=None))
FULL_EDIT = Call(
    create_image_edit,
    CreateImageEditRequest(
        image=png(b"i"),
        prompt="Ein Otter 🦦",
        mask=png(b"m", "mask.png"),
        model="dall-e-2",
        n=10,
        size="256x256",
        response_format="url",
        user="user-1",
    ),
)
FULL_VARIATION = Call(
    create_image_variation,
    CreateImageVariationRequest(
        image=png(b"i"), model="own-model", n=2, response_format="b64_json", size="512x512", user="u"
    ),
)


@pytest.fixture(params=WAYS, ids=["blocking", "asynchronous"])
def way(request: pytest.FixtureRequest) -> Way:
    return request.param


def _sent(call: AnyCall, way: Way) -> httpx.Request:
    server = Server()
    way(call, server.client())
    return server.request


@pytest.mark.parametrize(
    ("call", "body"),
    [
        pytest.param(GENERATION, b'{"prompt":"A sea otter"}', id="minimal"),
        pytest.param(
            FULL_GENERATION,
            '{"prompt":"Ein Otter 🦦\\n","model":"dall-e-3","n":1,"quality":"hd","response_format":"b64_json",'
            '"size":"1792x1024","style":"natural","user":"user-1"}'.encode(),
            id="full",
        ),
        pytest.param(NULLS, b'{"prompt":"x","n":null,"response_format":null,"size":null,"style":null}', id="nulls"),
    ],
)
def test_generation(call: AnyCall, body: bytes, way: Way) -> None:
    request = _sent(call, way)
    assert (request.method, str(request.url)) == ("POST", "http://server.test/v1/images/generations")
    assert request.headers["authorization"] == "Bearer sk-secret"
    assert request.headers["content-type"] == "application/json"
    assert request.content == body


def _part(name: str, content: str, file_name: str | None = None) -> bytes:
    file = f'; filename="{file_name}"' if file_name else ""
    kind = "image/png" if file_name else "text/plain"
    return (
        f'--BOUNDARY\r\nContent-Disposition: form-data; name="{name}"{file}\r\n'
        f"Content-Type: {kind}\r\n\r\n{content}\r\n"
    ).encode("latin-1" if file_name else "utf-8")


@pytest.mark.parametrize(
    ("call", "path", "parts"),
    [
        pytest.param(
            EDIT,
            "edits",
            [_part("image", "\x89PNG\r\n1", "otter.png"), _part("prompt", "A sea otter")],
            id="minimal edit",
        ),
        pytest.param(
            FULL_EDIT,
            "edits",
            [
                _part("image", "i", "otter.png"),
                _part("prompt", "Ein Otter 🦦"),
                _part("mask", "m", "mask.png"),
                _part("model", "dall-e-2"),
                _part("n", "10"),
                _part("size", "256x256"),
                _part("response_format", "url"),
                _part("user", "user-1"),
            ],
            id="full edit",
        ),
        pytest.param(VARIATION, "variations", [_part("image", "\x89PNG\r\n1", "otter.png")], id="minimal variation"),
        pytest.param(
            FULL_VARIATION,
            "variations",
            [
                _part("image", "i", "otter.png"),
                _part("model", "own-model"),
                _part("n", "2"),
                _part("response_format", "b64_json"),
                _part("size", "512x512"),
                _part("user", "u"),
            ],
            id="full variation",
        ),
    ],
)
def test_form(call: AnyCall, path: str, parts: list[bytes], way: Way) -> None:
    request = _sent(call, way)
    assert (request.method, str(request.url)) == ("POST", f"http://server.test/v1/images/{path}")
    assert request.headers["authorization"] == "Bearer sk-secret"
    assert request.content.replace(boundary(request).encode(), b"BOUNDARY") == b"".join([*parts, b"--BOUNDARY--\r\n"])


def test_boundary_is_never_the_same() -> None:
    server = Server()
    for _ in range(20):
        blocking(EDIT, server.client())
    boundaries = {boundary(request) for request in server.requests}
    assert len(boundaries) == 20
    assert all(len(value) >= 32 for value in boundaries)


def test_prompt_cannot_add_a_field(way: Way) -> None:
    server = Server()
    way(EDIT, server.client())
    last = boundary(server.request)
    lines = [f'\r\n--{value}\r\nContent-Disposition: form-data; name="n"\r\n\r\n10\r\n' for value in ("+++", last)]
    prompt = f"x{''.join(lines)}--+++--\r\n"
    request = _sent(Call(create_image_edit, CreateImageEditRequest(image=png(), prompt=prompt)), way)
    assert form(request) == [("image", "otter.png", b"\x89PNG\r\n1"), ("prompt", None, prompt.encode())]


def test_content_type_of_the_client_does_not_replace_the_boundary(way: Way) -> None:
    server = Server()
    way(EDIT, server.client(headers={"Content-Type": "application/json"}))
    assert form(server.request)[1] == ("prompt", None, b"A sea otter")


def test_file_name_cannot_add_a_header() -> None:
    name = 'a"; name="prompt\r\nX: y\r\n\r\n.png'
    request = _sent(Call(create_image_variation, CreateImageVariationRequest(image=png(file_name=name))), blocking)
    head, _, _ = request.content.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[1:] == [
        b'Content-Disposition: form-data; name="image"; filename="a%22; name=%22prompt%0D%0AX: y%0D%0A%0D%0A.png"',
        b"Content-Type: image/png",
    ]


def test_name_of_an_additional_field_cannot_add_a_header() -> None:
    body = CreateImageVariationRequest(image=png(b"i"))
    body['x"\r\nX: y'] = "1"
    request = _sent(Call(create_image_variation, body), blocking)
    assert b'name="x%22%0D%0AX: y"\r\nContent-Type: text/plain\r\n\r\n1\r\n' in request.content


def test_mime_type_cannot_add_a_header() -> None:
    file = File(payload=BytesIO(), file_name="a.png", mime_type='image/png\r\nContent-Disposition: form-data; name="n"')
    call = Call(create_image_variation, CreateImageVariationRequest(image=file))
    with pytest.raises(ValueError, match="mime_type holds a character that would end its header"):
        blocking(call, Server().client())


def test_unicode_file_name_arrives() -> None:
    body = CreateImageVariationRequest(image=png(b"i", "Ötter 🦦.png"))
    request = _sent(Call(create_image_variation, body), blocking)
    assert form(request) == [("image", "Ötter 🦦.png", b"i")]


def test_file_without_a_name_is_still_a_file() -> None:
    body = CreateImageVariationRequest(image=File(payload=BytesIO(b"i")))
    request = _sent(Call(create_image_variation, body), blocking)
    assert form(request) == [("image", "upload", b"i")]
    assert b"Content-Type: application/octet-stream\r\n" in request.content


@pytest.mark.parametrize("call", CALLS)
def test_body_can_be_sent_twice(call: AnyCall, way: Way) -> None:
    first, second = _sent(call, way), _sent(call, way)
    if call is GENERATION:
        assert first.content == second.content
    else:
        assert form(first) == form(second) != []


def _pickled(body: CreateImageRequest) -> CreateImageRequest:
    return pickle.loads(pickle.dumps(body))  # noqa: S301 - made in the same line


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, _pickled])
def test_copy_sends_nothing_unset(copied: Callable[[CreateImageRequest], CreateImageRequest]) -> None:
    body = copied(GENERATION.body)
    assert body.size is UNSET
    assert body == GENERATION.body
    assert _sent(Call(create_image, body), blocking).content == b'{"prompt":"A sea otter"}'


def test_empty_prefix_sends_the_token_alone() -> None:
    server = Server()
    blocking(GENERATION, server.client(prefix=""))
    assert server.request.headers["authorization"] == TOKEN


@pytest.mark.parametrize("base_url", ["http://server.test/v1", "http://server.test/v1/"])
def test_base_url_with_and_without_a_final_slash(base_url: str) -> None:
    server = Server()
    blocking(GENERATION, server.client(base_url=base_url))
    assert str(server.request.url) == "http://server.test/v1/images/generations"
