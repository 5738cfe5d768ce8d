"""A server with one fault is the correct one with one function replaced: each known fault can be told this way."""

import base64
import functools
import hashlib
import io
import time
from collections.abc import Callable
from typing import Any, TypeVar

import attrs
import httpx
import pytest
from PIL import Image
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp

from conformance.reference import (
    Behaviour,
    Limits,
    Operation,
    Order,
    Part,
    Picture,
    RefusedError,
    Values,
    create_app,
)
from conformance.selftest.reference.server import contents, edit, form, generate, images, opened, png, send, vary

CORRECT = Behaviour()
SEED = "0" * 32
MEBIBYTES_4 = 4 * 1024 * 1024
Shown = Callable[[ASGIApp], bool]
Value = TypeVar("Value")


def always(value: Value) -> Callable[..., Value]:
    """Make a function that returns this whatever it is given."""

    def answer(*_: object) -> Value:
        return value

    return answer


def refuse_values(field: str, is_bad: Callable[[Values], bool]) -> Behaviour:
    """Refuse a value that the contract admits."""

    def validate(operation: Operation, values: Values) -> Values:
        if is_bad(values):
            message = "No."
            raise RefusedError(message, field)
        return CORRECT.validate(operation, values)

    return Behaviour(validate=validate)


def admit_values(mend: Callable[[Values], Values]) -> Behaviour:
    """Replace a value that the contract doesn't admit by one that it does."""
    return Behaviour(validate=lambda operation, values: CORRECT.validate(operation, mend(values)))


def decode_anything(field: str, content: bytes, limits: Limits) -> Picture:
    del field, limits
    with Image.open(io.BytesIO(content)) as image:
        return Picture(image.convert("RGBA"), hashlib.sha256(content).hexdigest())


def image_first(content_type: str, body: bytes, limits: Limits) -> tuple[Part, ...]:
    parts = CORRECT.parse_form(content_type, body, limits)
    if parts[0].name != "image":
        message = "The image must come first."
        raise RefusedError(message, "image")
    return parts


def ask_for_key(request: Request, content: bytes) -> Response:
    if "authorization" not in request.headers:
        return JSONResponse({}, 401)
    return CORRECT.serve_image(request, content)


def status(code: int) -> Callable[[httpx.Response], bool]:
    return lambda answer: answer.status_code == code


def first(answer: httpx.Response) -> Any:  # noqa: ANN401 - the faulty image object
    return answer.json()["data"][0]


def b64(app: ASGIApp) -> str:
    return first(generate(app, response_format="b64_json"))["b64_json"]


def get(app: ASGIApp) -> httpx.Response:
    return send(app, "GET", first(generate(app))["url"])


def size(answer: httpx.Response, app: ASGIApp) -> tuple[int, int]:
    return opened(contents(answer, app)[0]).size


LIES: dict[str, tuple[Behaviour, Shown]] = {
    "created in milliseconds": (
        Behaviour(build_answer=lambda now, items: {"created": int(now * 1000), "data": list(items)}),
        lambda app: generate(app).json()["created"] > time.time() * 100,
    ),
    "a bare list": (
        Behaviour(build_answer=lambda _, items: list(items)),
        lambda app: isinstance(generate(app).json(), list),
    ),
    "both forms": (
        Behaviour(build_item=lambda _, url, b64_json: {"url": url(), "b64_json": b64_json()}),
        lambda app: set(first(generate(app))) == {"url", "b64_json"},
    ),
    "n ignored": (Behaviour(count_images=always(1)), lambda app: len(images(generate(app, n=3))) == 1),
    "n clamped": (
        admit_values(lambda values: {**values, "n": min(int(str(values.get("n", 1))), 10)}),
        lambda app: len(images(generate(app, n=50))) == 10,
    ),
    "size ignored": (
        Behaviour(choose_size=always((256, 256))),
        lambda app: size(generate(app, size="512x512"), app) == (256, 256),
    ),
    "unknown size replaced": (
        admit_values(lambda values: values if "x" in str(values.get("size")) else {**values, "size": "256x256"}),
        lambda app: size(generate(app, size="huge"), app) == (256, 256),
    ),
    "response_format ignored": (
        Behaviour(choose_response_format=always("url")),
        lambda app: "url" in first(generate(app, response_format="b64_json")),
    ),
    "null refused": (
        refuse_values("n", lambda values: values.get("n", 0) is None),
        lambda app: status(400)(generate(app, n=None)),
    ),
    "n required": (refuse_values("n", lambda values: "n" not in values), lambda app: status(400)(generate(app))),
    "user refused": (
        refuse_values("user", lambda values: "user" in values),
        lambda app: status(400)(generate(app, user="u")),
    ),
    "characters counted in bytes": (
        refuse_values("prompt", lambda values: len(str(values["prompt"]).encode()) > 1000),
        lambda app: status(400)(generate(app, prompt="é" * 600)),
    ),
    "JPEG accepted": (
        Behaviour(decode_file=decode_anything),
        lambda app: status(200)(vary(app, image=png((8, 8), "RGB", (1, 2, 3), "JPEG"))),
    ),
    "non-square accepted": (
        Behaviour(check_square=always(None)),
        lambda app: status(200)(vary(app, image=png((8, 9)))),
    ),
    "4 MiB accepted": (
        Behaviour(check_file_size=always(None)),
        lambda app: status(200)(vary(app, image=png() + bytes(MEBIBYTES_4))),
    ),
    "mask unchecked": (
        Behaviour(check_mask_size=always(None)),
        lambda app: status(200)(edit(app, mask=png((9, 8)))),
    ),
    "opaque accepted": (
        Behaviour(check_transparency=always(None)),
        lambda app: status(200)(edit(app, image=png(mode="RGB", colour=(1, 2, 3)))),
    ),
    "mask ignored": (
        Behaviour(draw=lambda order, index: CORRECT.draw(attrs.evolve(order, mask=None, seed=SEED), index)),
        lambda app: len({contents(edit(app, mask=mask), app)[0] for mask in (png(), png(colour=(1, 1, 1, 255)))}) == 1,
    ),
    "no image": (Behaviour(draw=always(b"no image")), lambda app: get(app).content == b"no image"),
    "key not checked": (
        Behaviour(check_credentials=always(None), api_key="k"),
        lambda app: status(200)(generate(app)),
    ),
    "unknown routes answered": (
        Behaviour(refuse=lambda error: JSONResponse({}) if error.status == 404 else CORRECT.refuse(error)),
        lambda app: status(200)(send(app, "GET", "/nothing")),
    ),
    "another envelope": (
        Behaviour(refuse=lambda error: JSONResponse({"detail": error.message}, error.status)),
        lambda app: set(generate(app, n=0).json()) == {"detail"},
    ),
    "500 on bad input": (
        Behaviour(refuse=lambda error: CORRECT.refuse(attrs.evolve(error, status=500))),
        lambda app: status(500)(generate(app, n=0)),
    ),
    "HTML errors": (
        Behaviour(refuse=lambda error: HTMLResponse("<h1>No</h1>", error.status)),
        lambda app: generate(app, n=0).text == "<h1>No</h1>",
    ),
    "order of parts": (
        Behaviour(parse_form=image_first),
        lambda app: status(400)(form(("prompt", b"a", None), ("image", png(), "i"), app=app)),
    ),
    "url relative": (
        Behaviour(build_url=lambda _, name, draw: CORRECT.build_url("", name, draw)),
        lambda app: first(generate(app))["url"].startswith("/v1/"),
    ),
    "url with data": (
        Behaviour(build_url=lambda _, __, draw: "data:image/png;base64," + base64.b64encode(draw()).decode()),
        lambda app: first(generate(app))["url"].startswith("data:"),
    ),
    "url needs a key": (Behaviour(serve_image=ask_for_key), lambda app: status(401)(get(app))),
    "url serves HTML": (Behaviour(serve_image=always(HTMLResponse("<p>"))), lambda app: get(app).text == "<p>"),
    "url dead": (
        Behaviour(build_url=lambda origin, _, draw: CORRECT.build_url(origin, "gone", draw)),
        lambda app: status(404)(get(app)),
    ),
    "b64 url-safe": (
        Behaviour(encode_base64=lambda content: base64.urlsafe_b64encode(content).decode()),
        lambda app: "-" in b64(app),
    ),
    "b64 with prefix": (
        Behaviour(encode_base64=lambda content: "data:image/png;base64," + CORRECT.encode_base64(content)),
        lambda app: b64(app).startswith("data:"),
    ),
    "b64 cut off": (
        Behaviour(encode_base64=lambda content: CORRECT.encode_base64(content)[:-9]),
        lambda app: len(b64(app)) % 4 != 0,
    ),
}


@pytest.mark.parametrize(("faulty", "shown"), LIES.values(), ids=LIES)
def test_a_fault_is_one_replaced_function(faulty: Behaviour, shown: Shown) -> None:
    assert shown(create_app(faulty))
    assert not _holds(shown, create_app(Behaviour(api_key=faulty.api_key)))


def _holds(shown: Shown, app: ASGIApp) -> bool:
    """Whether a fault shows; a correct server may lack even the fields that it would show in."""
    try:
        return shown(app)
    except (AssertionError, KeyError):
        return False


def test_what_is_drawn_is_all_in_the_order() -> None:
    seen: list[Order] = []

    def draw(order: Order, index: int) -> bytes:
        seen.append(order)
        return CORRECT.draw(order, index)

    app = create_app(attrs.evolve(CORRECT, draw=draw))
    images(generate(app, n=2, prompt="p", model="m", quality="hd", response_format="b64_json"))
    whole = Order("generations", "p", "m", "hd", "vivid", (256, 256), 2, "b64_json", seed=seen[0].seed)
    assert seen == [whole] * 2
    contents(generate(app, n=2, prompt="p", model="m", quality="hd"), app)
    assert seen[2:] == [attrs.evolve(whole, prompt="", model="", response_format="url")] * 2


def test_hundreds_of_servers_can_be_made() -> None:
    create = functools.partial(create_app, CORRECT)
    start = time.process_time()
    apps = [create() for _ in range(200)]
    assert len({id(app) for app in apps}) == 200
    assert time.process_time() - start < 200 * 0.02
