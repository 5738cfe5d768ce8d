"""Builds what an accepted request is answered with: the list of image objects, and the files behind their URLs."""

import base64
from collections.abc import Callable, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.errors import encode_json
from conformance.reference.values import JsonValue, Order

FILES: Final = "/v1/images/files"
"""The path below which the images are served."""

_REVISING_MODEL: Final = "dall-e-3"


def encode_base64(content: bytes) -> str:
    """Encode a file as ``b64_json``: the standard alphabet with padding (RFC 4648, section 4)."""
    return base64.b64encode(content).decode("ascii")


def build_url(origin: str, name: str, draw: Callable[[], bytes]) -> str:  # noqa: ARG001 - a faulty server may put the file into the URL
    """Build the absolute URL of an image whose file is called ``name``; ``draw`` draws it, which is not done here."""
    return f"{origin}{FILES}/{name}.png"


def build_item(order: Order, url: Callable[[], str], b64_json: Callable[[], str]) -> JsonValue:
    """Build one image object, ``#/components/schemas/Image``, with the one form that was asked for.

    Calling ``url`` gives the address of an image that is drawn when it is fetched; calling ``b64_json`` draws it. Only
    dall-e-3 revises prompts; since all it draws here are landscapes, that is what the revised prompt says.
    """
    item: dict[str, JsonValue] = {"b64_json": b64_json()} if order.response_format == "b64_json" else {"url": url()}
    if order.model == _REVISING_MODEL:
        item["revised_prompt"] = f"{order.prompt} - as a wide landscape of layered hills under a clear sky"
    return item


def build_answer(now: float, items: Sequence[JsonValue]) -> JsonValue:
    """Build the content of an answer, ``#/components/schemas/ImagesResponse``; ``now`` is Unix time in seconds."""
    return {"created": int(now), "data": list(items)}


def build_response(answer: JsonValue) -> Response:
    """Answer with 200 and JSON."""
    return Response(encode_json(answer), media_type="application/json")


def serve_image(request: Request, content: bytes) -> Response:  # noqa: ARG001 - a faulty server may ask for a key
    """Answer a GET or HEAD of an image's URL with its PNG file; the URL alone is the permission."""
    return Response(content, media_type="image/png", headers={"Cache-Control": "private, no-store"})
