"""Draws the images of an order: a landscape, an edit of an image, or a variation of one.

- A generation is a landscape that the request seeds: prompt, model, size, quality, style, and the number of the image.
- An edit shows such a landscape where the mask is fully transparent, and elsewhere exactly the pixels of the image,
  alpha included. Without a mask the image lies over the landscape, which shows through as far as the image is
  transparent.
- A variation is the image, on white where it is transparent, blended with a quarter of a landscape.

An image or mask of another size is scaled with the nearest neighbour, which makes up no colours: scale the source in
the same way to compare it with an edit.
"""

import functools
import hashlib
import io
import json
import math
from typing import Final

from PIL import Image

from conformance.reference.files import OPAQUE, alpha
from conformance.reference.scenes import draw_scene
from conformance.reference.store import Shelf
from conformance.reference.values import MEBIBYTE, Order, Picture, Size

_VARIATION: Final = 0.25
"""How much of a variation is new."""
_CACHE: Final = Shelf(32 * MEBIBYTE)
"""Drawing depends on nothing but the order, so all servers of a process can share what is drawn."""


def draw(order: Order, index: int) -> bytes:
    """Draw image number ``index`` of an order as a PNG file; the same order always gives the same bytes."""
    name = f"{fingerprint(order)}/{index}"
    content = _CACHE.get(name, 0)
    if content is None:
        content = encode_png(paint(order, index))
        _CACHE.put(name, content, math.inf)
    return content


def paint(order: Order, index: int) -> Image.Image:
    """Paint image number ``index`` of an order, without packing it into a file."""
    scene = functools.partial(
        draw_scene,
        fingerprint(order),
        index,
        order.size,
        fine=order.quality == "hd",
        muted=order.style == "natural",
    )
    if order.image is None:
        return scene()
    if order.kind == "edits":
        return edit(order.image, order.mask, scene())
    return vary(order.image, scene())


def edit(image: Picture, mask: Picture | None, scene: Image.Image) -> Image.Image:
    """Show the scene where the mask, or without one the image, is transparent; all else is the image, scaled."""
    source = _scaled(image.pixels, scene.size)
    veil = alpha(source)
    if mask is None or veil.getextrema()[0] == OPAQUE:
        # Nothing of the result is transparent, and an image without alpha is packed in half the time.
        scene, source = scene.convert("RGB"), source.convert("RGB")
    else:
        scene = scene.convert("RGBA")
    if mask is not None:
        veil = alpha(_scaled(mask.pixels, scene.size))
        veil = veil.point(lambda level: 255 if level else 0)  # pyright: ignore[reportUnknownMemberType] - see _scaled
    scene.paste(source, mask=veil)
    return scene


def vary(image: Picture, scene: Image.Image) -> Image.Image:
    """Blend the image, scaled, with a part of the scene."""
    source = Image.new("RGB", image.pixels.size, "white")
    source.paste(image.pixels, mask=alpha(image.pixels))
    return Image.blend(_scaled(source, scene.size), scene.convert("RGB"), _VARIATION)


def encode_png(image: Image.Image) -> bytes:
    """Pack an image into a PNG file, quickly rather than tightly."""
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def fingerprint(order: Order) -> str:
    """Hash everything that the looks of an order's images depend on: not their number, nor how they are returned."""
    files = [picture and picture.digest for picture in (order.image, order.mask)]
    looks = [order.kind, order.prompt, order.model, order.quality, order.style, *order.size, *files]
    return hashlib.sha256(json.dumps(looks).encode("ascii")).hexdigest()


def _scaled(image: Image.Image, size: Size) -> Image.Image:
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.NEAREST)  # pyright: ignore[reportUnknownMemberType] - Pillow names types of NumPy, which is absent
