"""Small pictures of the images that were sent and that came, for the report.

What a server sent is decoded under limits and encoded anew, so that nothing of its file but the pixels is shown.
"""

from __future__ import annotations

import io
import warnings

from PIL import Image

from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.upload import Upload
from conformance.suite.exchange.view import View
from conformance.suite.exchange.words import count
from conformance.suite.images.decoding import FORMATS, examine, once
from conformance.suite.images.items import images
from conformance.suite.images.pictures import Picture
from conformance.suite.images.requests import DEFAULT_SIZE, SIZE
from conformance.suite.rules.api import Seen, Thumbnail

_SIDE = 96
"""Pixels on a side, at most."""
_MOST = 3
"""Images of an answer that are shown."""
_QUALITY = 70
_made: dict[bytes, bytes | None] = {}


def seen(exchange: Exchange) -> Seen | None:
    """Return what can be seen of a successful exchange; None if no image of its answer can be decoded."""
    if exchange.answer is None or not exchange.accepted:
        return None
    found = [(index, data) for index, _, data in images(View(exchange, 0.0))]
    came = tuple(made for index, data in found[:_MOST] if (made := _image(data, f"data[{index}]")))
    if not came:
        return None
    fields = exchange.request.fields
    size, n = fields.get(SIZE), fields.get("n")
    many = count(n, "image") if isinstance(n, int) else "1 image by default"
    large = str(size) if size is not None else f"{DEFAULT_SIZE} by default"
    uploads = [(name, value) for name, value in fields.items() if isinstance(value, Upload)]
    sent = tuple(_upload(name, value.content) for name, value in uploads if isinstance(value.content, Picture))
    return Seen(f"{many}, {large}", tuple(one for one in sent if one), came, len(found) - len(came))


def _image(data: bytes, name: str) -> Thumbnail | None:
    facts = examine(data)
    if isinstance(facts, str):
        return None
    made = once(_made, _opaque, data)
    words = f"{name}: {facts.width}x{facts.height} {facts.image_format}"
    return Thumbnail("image/jpeg", made, words) if made else None


def _upload(name: str, content: Picture) -> Thumbnail | None:
    """Return a picture of an upload with its transparent area; None if its file is not whole."""
    words = f"{name}: {content.words()}"
    if content.keep < 1:
        return None
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(content.encode())) as image:
        small = image.convert("RGBA")
        small.thumbnail((_SIDE, _SIDE))
        small.save(buffer, "PNG")
    return Thumbnail("image/png", buffer.getvalue(), words)


def _opaque(data: bytes) -> bytes | None:
    """Return an image as a small JPEG file, white where it is transparent; None if that can't be made."""
    buffer = io.BytesIO()
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(io.BytesIO(data), formats=FORMATS) as image,
        ):
            image.draft("RGB", (_SIDE, _SIDE))
            small = image.convert("RGBA")
            small.thumbnail((_SIDE, _SIDE))
            ground = Image.new("RGBA", small.size, "white")
            ground.alpha_composite(small)
            ground.convert("RGB").save(buffer, "JPEG", quality=_QUALITY)
    except Exception:  # noqa: BLE001 - as in decoding: what is broken breaks in many ways
        return None
    return buffer.getvalue()
