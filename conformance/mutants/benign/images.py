"""Correct servers that differ in their images: what kind of files they are, and where their URLs lead."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.mutants.benign.serving import in_process, out_of_reach
from conformance.mutants.mutant import Benign
from conformance.reference import Behaviour, Order, create_app
from conformance.reference.answers import build_url
from conformance.reference.drawing import paint


def servers() -> Iterator[Benign]:
    """Yield the servers of this module."""
    yield _drawing("png-palette", "images have a palette", lambda image: _packed(image.convert("P")))
    yield _drawing("png-grey", "images are grey", lambda image: _packed(image.convert("L")))
    yield _drawing(
        "png-16-bit", "images have 16 bits a pixel", lambda image: _packed(image.convert("L").convert("I;16"))
    )
    yield _drawing("png-bilevel", "images are black and white", lambda image: _packed(image.convert("1")))
    yield _drawing("png-alpha", "images have alpha", lambda image: _packed(image.convert("RGBA")))
    yield _drawing("png-uncompressed", "images are not compressed", lambda image: _packed(image, compress_level=0))
    yield _drawing("png-comment", "images have texts in them", lambda image: _with_text(_packed(image)))
    yield _drawing("jpeg", "images are JPEG files", lambda image: _packed(image.convert("RGB"), "JPEG"))
    yield _drawing(
        "webp",
        "images are WebP files",
        lambda image: _packed(image.convert("RGB"), "WEBP", lossless=True, quality=0, method=0),
    )
    yield _drawing("gif", "images are GIF files", lambda image: _packed(image.convert("P"), "GIF"))
    yield _serving("signed", "URLs have a signature", build_url=_signed)
    yield _serving("redirected", "URLs redirect to the file", serve_image=_redirected)
    yield _serving("octets", "files are served as any bytes", serve_image=_untyped)
    yield _serving("typed-wrong", "PNG files are served as JPEG", serve_image=_typed_wrong)
    yield _serving("download", "files are served for download", serve_image=_download)
    yield _serving("other-host", "URLs are on another host", build_url=_elsewhere)
    yield Benign(
        "host-out-of-reach",
        "URLs are on a host that can't be found from here, so that no image behind one is seen",
        lambda: out_of_reach(create_app(Behaviour(build_url=_elsewhere)), "cdn.test"),
        undecided=("*/response/data/items/url/fetchable", "*/response/data/items/url/image"),
    )
    yield Benign(
        "prefixed",
        "the base URL has more before it",
        lambda: in_process(_prefixed(), "http://reference.test/api/openai/v1"),
    )


def _drawing(name: str, words: str, pack: Callable[[Image.Image], bytes]) -> Benign:
    files: dict[tuple[str, int], bytes] = {}

    def changed(order: Order, index: int) -> bytes:
        key = (str(order), index)
        if key not in files:
            files[key] = pack(paint(order, index))
        return files[key]

    return _serving(name, words, draw=changed)


def _serving(name: str, words: str, **steps: Any) -> Benign:  # noqa: ANN401 - the fields of a behaviour
    return Benign(name, words, lambda: in_process(create_app(Behaviour(**steps))))


def _packed(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:  # noqa: ANN401 - those of Pillow
    file = io.BytesIO()
    image.save(file, kind, **({"compress_level": 1} | options if kind == "PNG" else options))
    return file.getvalue()


def _with_text(png: bytes) -> bytes:
    """Put a text chunk (PNG, third edition, section 11.3.3) before the last one."""
    content = b"tEXt" + b"Comment\0made by a machine " * 1000
    chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
    return png[:-12] + chunk + png[-12:]


def _signed(origin: str, name: str, draw: Callable[[], bytes]) -> str:
    return build_url(origin, name, draw) + "?se=2030-01-01T00%3A00%3A00Z&sig=a%2Fb%2Bc%3D&sp=r"


def _redirected(request: Request, content: bytes) -> Response:
    if "file" not in request.query_params:
        return RedirectResponse(f"{request.url.path}?file=1")
    return Response(content, media_type="image/png")


def _untyped(_: Request, content: bytes) -> Response:
    return Response(content)


def _typed_wrong(_: Request, content: bytes) -> Response:
    return Response(content, media_type="image/jpeg")


def _elsewhere(_: str, name: str, draw: Callable[[], bytes]) -> str:
    return build_url("http://cdn.test:8443", name, draw)


def _download(_: Request, content: bytes) -> Response:
    return Response(content, media_type="image/png", headers={"Content-Disposition": "attachment; filename=a.png"})


def _prefixed() -> ASGIApp:
    app = create_app()

    async def moved(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "path": str(scope["path"]).removeprefix("/api/openai")}, receive, send)

    return moved
