"""Lies about the images of an answer: their URLs, their base64, and what the files are."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import attrs
from PIL import Image
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from conformance.mutants.mutant import FORMS, KEY, Lie, behaving
from conformance.reference import Limits, Operation, Order, Values
from conformance.reference.answers import build_url, encode_base64
from conformance.reference.drawing import draw, encode_png, paint
from conformance.reference.orders import choose_size
from conformance.reference.values import Size

_URL = ("response/data/items/url/format", "response/data/items/url/absolute")
_FETCHED = ("response/data/items/url/fetchable",)
_FILE = ("response/data/items/url/image",)
_B64 = ("response/data/items/b64_json/base64",)
_CONTENT = ("response/data/items/b64_json/image",)
_FILES = "/v1/images/files"


def lies() -> tuple[Lie, ...]:
    """Return the lies of this module."""
    return (*_urls(), *_served(), *_encoded(), *_drawn())


def _urls() -> tuple[Lie, ...]:
    def at(change: Callable[[str, str, Callable[[], bytes]], str]) -> Callable[[], Any]:
        return behaving(build_url=change)

    def data_url(_: str, __: str, draw: Callable[[], bytes]) -> str:
        return "data:image/png;base64," + encode_base64(draw())

    return (
        Lie("url-data", "url is a data URI", at(data_url), _URL),
        Lie("url-relative", "url is a path", at(lambda _, name, __: f"{_FILES}/{name}.png"), _URL),
        Lie("url-bare-name", "url is a file name", at(lambda _, name, __: f"{name}.png"), _URL),
        Lie(
            "url-no-scheme",
            "url lacks its scheme",
            at(lambda _, name, __: f"//reference.test{_FILES}/{name}.png"),
            _URL,
        ),
        Lie("url-ftp", "url is an FTP address", at(lambda _, name, __: f"ftp://reference.test/{name}.png"), _URL),
        Lie("url-file", "url is a path on the server", at(lambda _, name, __: f"file:///tmp/{name}.png"), _URL),
        Lie("url-empty", "url is empty", at(lambda _, __, ___: ""), _URL),
        Lie("url-space", "url has a space", at(lambda o, n, d: build_url(o, n, d) + "?name=my otter.png"), _URL),
        Lie("url-unreachable", "url is on a host that nobody knows", at(_unknown_host), _FETCHED),
        Lie(
            "url-unreachable-size-wrong",
            "without size an image is 512x512, and its URL is on a host that nobody knows",
            behaving(build_url=_unknown_host, choose_size=_small_by_default),
            ("size/default",),
            consequences=_FETCHED,
        ),
        Lie("url-dead", "url leads to nothing", at(lambda origin, _, __: f"{origin}{_FILES}/none.png"), _FETCHED),
        Lie("url-no-host", "url has no host", at(lambda _, name, __: f"http://{_FILES}/{name}.png"), _URL),
    )


def _unknown_host(_: str, name: str, draw: Callable[[], bytes]) -> str:
    return build_url("http://images.invalid", name, draw)


def _small_by_default(operation: Operation, values: Values, limits: Limits) -> Size:
    return choose_size(operation, values, limits) if "size" in values else (512, 512)


def _served() -> tuple[Lie, ...]:
    def serving(serve: Callable[[Request, bytes], Response]) -> Callable[[], Any]:
        return behaving(serve_image=serve)

    def locked(request: Request, content: bytes) -> Response:
        if "authorization" not in request.headers:
            return Response("A key is needed.", 401)
        return Response(content, media_type="image/png")

    def keyed(request: Request, content: bytes) -> Response:
        return locked(request, content)

    png = "image/png"
    return (
        Lie("file-404", "the image behind url is gone at once", serving(lambda _, __: Response("", 404)), _FETCHED),
        Lie(
            "file-500", "the image behind url makes the server fail", serving(lambda _, __: Response("", 500)), _FETCHED
        ),
        Lie("file-html", "url serves a page", serving(lambda _, __: HTMLResponse("<html>An image</html>")), _FILE),
        Lie("file-empty", "url serves nothing", serving(lambda _, __: Response(b"", media_type=png)), _FILE),
        Lie(
            "file-cut",
            "url serves half of the image",
            serving(lambda _, c: Response(c[: len(c) // 2], media_type=png)),
            _FILE,
        ),
        Lie(
            "file-base64", "url serves base64", serving(lambda _, c: Response(encode_base64(c), media_type=png)), _FILE
        ),
        Lie(
            "file-json",
            "url serves JSON",
            serving(lambda _, c: Response(f'{{"b64_json": "{encode_base64(c)}"}}')),
            _FILE,
        ),
        Lie("file-loop", "url redirects to itself", serving(lambda r, _: RedirectResponse(str(r.url))), _FETCHED),
        Lie("file-locked", "url asks for a key", serving(locked), _FETCHED),
        Lie(
            "file-asks-key",
            "url asks for the key that the operations take",
            behaving_with_key(keyed),
            _FETCHED,
            key=KEY,
        ),
    )


def behaving_with_key(serve: Callable[[Request, bytes], Response]) -> Callable[[], Any]:
    """Return what makes a server that asks for the key, and for files serves them in this way."""
    return behaving(api_key=KEY, serve_image=serve)


def _encoded() -> tuple[Lie, ...]:
    def encoding(change: Callable[[bytes], str]) -> Callable[[], Any]:
        return behaving(encode_base64=change)

    def urlsafe(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).decode()

    def without_padding(content: bytes) -> str:
        # The file is lengthened behind its end so that there is padding to leave out.
        return encode_base64(content + b"\0" * (1 + -len(content) % 3)).rstrip("=")

    return (
        Lie("base64-urlsafe", "b64_json is in the URL-safe alphabet", encoding(urlsafe), _B64),
        Lie(
            "base64-prefixed",
            "b64_json has a data: prefix",
            encoding(lambda c: "data:image/png;base64," + encode_base64(c)),
            _B64,
        ),
        Lie("base64-wrapped", "b64_json has line breaks", encoding(lambda c: base64.encodebytes(c).decode()), _B64),
        Lie(
            "base64-cut", "b64_json is cut off", encoding(lambda c: encode_base64(c)[: len(c) // 2 // 4 * 4]), _CONTENT
        ),
        Lie("base64-unpadded", "b64_json lacks its padding", encoding(without_padding), _B64),
        Lie("base64-quoted", "b64_json is in quotes", encoding(lambda c: f'"{encode_base64(c)}"'), _B64),
        Lie("base64-python", "b64_json is a bytes literal", encoding(lambda c: f"b'{encode_base64(c)}'"), _B64),
        Lie("base64-hex", "b64_json is hexadecimal", encoding(lambda c: c.hex()), (*_B64, *_CONTENT)),
        Lie(
            "base64-twice",
            "b64_json is encoded twice",
            encoding(lambda c: encode_base64(encode_base64(c).encode())),
            _CONTENT,
        ),
        Lie("base64-empty", "b64_json is empty", encoding(lambda _: ""), _CONTENT),
        Lie(
            "base64-text",
            "b64_json is the text of an error",
            encoding(lambda _: encode_base64(b"CUDA out of memory")),
            _CONTENT,
        ),
        Lie("base64-space", "b64_json ends in a line break", encoding(lambda c: encode_base64(c) + "\n"), _B64),
    )


def _drawn() -> tuple[Lie, ...]:
    def drawing(change: Callable[[Order, int], bytes]) -> Callable[[], Any]:
        return behaving(draw=change)

    def inverted_mask(order: Order, index: int) -> bytes:
        """Draw everything anew, and so outside the mask too."""
        return encode_png(Image.new("RGB", order.size, (index * 20, 200, 40)))

    def other_corner(order: Order, index: int) -> bytes:
        return encode_png(paint(order, index).convert("RGB").transpose(Image.Transpose.FLIP_LEFT_RIGHT))

    def as_uploaded(order: Order, index: int) -> bytes:
        return draw(attrs.evolve(order, size=order.image.pixels.size) if order.image else order, index)

    def never_smaller(order: Order, index: int) -> bytes:
        uploaded = order.image.pixels.size if order.image else order.size
        return draw(attrs.evolve(order, size=max(order.size, uploaded)), index)

    images = (*_FILE, *_CONTENT)
    return (
        Lie("image-text", "an image is a text", drawing(lambda o, i: f"{o.seed} {i}".encode()), images),
        Lie(
            "image-svg",
            "an image is an SVG text",
            drawing(lambda o, i: f"<svg><title>{o.seed} {i}</title></svg>".encode()),
            images,
        ),
        Lie("image-cut", "an image is cut off", drawing(lambda o, i: (c := draw(o, i))[: len(c) * 2 // 3]), images),
        Lie(
            "image-json",
            "an image is the JSON of an error",
            drawing(lambda o, i: f'{{"error": "{o.size} {i}"}}'.encode()),
            images,
        ),
        Lie(
            "size-of-the-upload",
            "an image is as large as the one that was uploaded",
            drawing(as_uploaded),
            ("response/data/items/dimensions",),
            FORMS,
            consequences=("size/default",),
        ),
        Lie(
            "size-at-least-the-upload",
            "no image is smaller than the one that was uploaded",
            drawing(never_smaller),
            ("response/data/items/dimensions",),
            FORMS,
        ),
        Lie("mask-ignored", "an edit draws everything anew", drawing(inverted_mask), ("mask/honoured",), FORMS[:1]),
        Lie("edit-mirrored", "an edit is mirrored", drawing(other_corner), ("mask/honoured",), FORMS[:1]),
    )
