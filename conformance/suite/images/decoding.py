"""Looks at image bytes that a server sent, under limits: they are hostile until shown otherwise."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Callable
from typing import TypeVar

from attrs import frozen
from PIL import Image, ImageChops

MAX_PIXELS = 4096 * 4096
"""More pixels than this are not decoded: the contract's largest size is 1792x1024."""


_SCANS = 32
"""More scans of a JPEG than this are not decoded: encoders write about ten, and each takes as long as a whole image."""
_JPEG, _SCAN = b"\xff\xd8", b"\xff\xda"
_Seen = TypeVar("_Seen")


@frozen
class Facts:
    """What a decoded image is: format as Pillow names it, width and height in pixels."""

    image_format: str
    width: int
    height: int


FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""Formats that Pillow decodes by itself; for others it would start a program on the server's bytes."""
_KEPT = 1024
_SHOWN = 12
"""So many bytes tell which kind of file it is."""
_facts: dict[bytes, Facts | str] = {}
_shares: dict[bytes, float | None] = {}


def once(seen: dict[bytes, _Seen], look: Callable[..., _Seen], *files: bytes) -> _Seen:
    """Look at files once: what was seen is kept by their digests, for several rules look at the same images."""
    digest = b"".join(hashlib.sha256(file).digest() for file in files)
    if digest not in seen:
        if len(seen) >= _KEPT:
            seen.clear()
        seen[digest] = look(*files)
    return seen[digest]


def examine(data: bytes) -> Facts | str:
    """Decode an image fully; returns its facts, or in a few words why it is none."""
    return once(_facts, _decode, data)


def _decode(data: bytes) -> Facts | str:
    if data.startswith(_JPEG) and data.count(_SCAN) > _SCANS:
        return f"a JPEG of {data.count(_SCAN)} scans, more than are decoded"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    return f"an image of {image.width}x{image.height} pixels, more than is decoded"
                image.load()
                return Facts(image.format or "unknown", image.width, image.height)
    except Exception as error:  # noqa: BLE001 - Pillow's decoders raise many kinds of error on broken files
        said = f"begins with {data[:_SHOWN]!r}{'…' if len(data) > _SHOWN else ''}" if data else "empty"
        return f"not a decodable image ({type(error).__name__}, {said})"


_CLEARLY = 48
"""Steps of 256 by which a colour has to differ to count as changed."""


def share_changed(source: bytes, mask: bytes, answer: bytes) -> float | None:
    """Return which share of the pixels outside the mask's transparent area an answer changed.

    None if the answer is no image of the source's size, or if nothing lies outside.
    """
    return once(_shares, _compare, source, mask, answer)


def _compare(source: bytes, mask: bytes, answer: bytes) -> float | None:
    facts = examine(answer)
    with (
        warnings.catch_warnings(action="ignore"),
        Image.open(io.BytesIO(source)) as before,
        Image.open(io.BytesIO(mask)) as area,
    ):
        if isinstance(facts, str) or (facts.width, facts.height) != before.size:
            return None
        kept = _above(area.convert("RGBA").getchannel("A"), 1)
        with Image.open(io.BytesIO(answer), formats=FORMATS) as after:
            difference = ImageChops.difference(before.convert("RGB"), after.convert("RGB"))
        bands = [_above(band, _CLEARLY) for band in difference.split()]
        changed = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
        outside = kept.histogram()[255]
        return ImageChops.multiply(changed, kept).histogram()[255] / outside if outside else None


def _above(band: Image.Image, threshold: int) -> Image.Image:
    """Return a band that is white where the given one reaches the threshold."""
    table = [0] * threshold + [255] * (256 - threshold)
    return band.point(table)  # pyright: ignore[reportUnknownMemberType] - Pillow types its callback loosely
