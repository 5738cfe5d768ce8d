"""Looks at image bytes that a server sent, under limits: they are hostile until shown otherwise."""

from __future__ import annotations

import io
import warnings
from functools import lru_cache

from attrs import frozen
from PIL import Image

MAX_PIXELS = 4096 * 4096
"""More pixels than this are not decoded: the contract's largest size is 1792x1024."""


@frozen
class Facts:
    """What a decoded image is: format as Pillow names it, width and height in pixels."""

    image_format: str
    width: int
    height: int


@lru_cache(maxsize=256)
def examine(data: bytes) -> Facts | str:
    """Decode an image fully; returns its facts, or in a few words why it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                if image.width * image.height > MAX_PIXELS:
                    return f"an image of {image.width}x{image.height} pixels, more than is decoded"
                image.load()
                return Facts(image.format or "unknown", image.width, image.height)
    except Exception as error:  # noqa: BLE001 - Pillow's decoders raise many kinds of error on broken files
        return f"not a decodable image ({type(error).__name__}, begins with {data[:12]!r})"
