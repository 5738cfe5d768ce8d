"""Draws the images of an order: a landscape, an edit of an image, or a variation of one.

- A generation is a landscape by the seed of the order, which stands for the prompt and all else that was asked for, and
  by the number of the image.
- An edit shows such a landscape where the mask is fully transparent, and elsewhere exactly the pixels of the image,
  alpha included. Without a mask the image lies over the landscape, which shows through as far as the image is
  transparent.
- A variation is the image, on white where it is transparent, blended with a quarter of a landscape.

An image or mask of another size is scaled with the nearest neighbour, which makes up no colours: scale the source in
the same way to compare it with an edit. The landscape in an edit is as coarse as the image, and a variation is coarser
than a fine image, because painting a small picture and enlarging it takes less time than painting a large one.
"""

import math
from collections.abc import Callable
from typing import Final

from PIL import Image

from conformance.reference.files import alpha
from conformance.reference.png import encode_png, join_png, pack_runs
from conformance.reference.scenes import choose_colours, choose_shape, draw_scene, draw_shape
from conformance.reference.store import Shelf
from conformance.reference.values import MEBIBYTE, Order, Picture, Size

_VARIATION: Final = 0.25
"""How much of a variation is new."""
_LARGEST_VARIATION: Final = 256
"""Pixels of a side on which a variation is painted, at most: they show what the source is of."""
_SMALLEST_EDIT: Final = 64
"""Pixels of a side of a source below which an edit is painted in full size, lest its landscape be a mere patch."""
_CACHE: Final = Shelf(16 * MEBIBYTE)
"""Packed shapes of landscapes, and edits and variations as files: 16 MiB at most, shared by all servers of a process,
because drawing depends on nothing but the order."""


def draw(order: Order, index: int) -> bytes:
    """Draw image number ``index`` of an order as a PNG file; the same order always gives the same bytes.

    Its ``prompt`` and ``model`` have no part in it, only the ``seed`` does that is made of them.
    """
    fine, muted = _manner(order)
    if order.image is None:
        shape = choose_shape(order.seed, index)
        packed = _kept(f"{shape}/{order.size}/{fine}", lambda: pack_runs(draw_shape(shape, order.size, fine=fine)))
        return join_png(order.size, choose_colours(order.seed, index, fine=fine, muted=muted), packed)
    files = "/".join(picture.digest if picture else "" for picture in (order.image, order.mask))
    name = f"{order.kind}/{order.seed}/{order.size}/{fine}/{muted}/{files}/{index}"
    return _kept(name, lambda: encode_png(paint(order, index)))


def _kept(name: str, make: Callable[[], bytes]) -> bytes:
    """Look for what was made under a name, and make it if it isn't there."""
    content = _CACHE.get(name, 0)
    if content is None:
        content = make()
        _CACHE.put(name, content, math.inf)
    return content


def paint(order: Order, index: int) -> Image.Image:
    """Paint image number ``index`` of an order, without packing it into a file."""
    fine, muted = _manner(order)
    canvas = draw_scene(order.seed, index, _canvas_size(order), fine=fine, muted=muted)
    if order.image is not None and order.kind == "edits":
        canvas = edit(order.image, order.mask, canvas)
    elif order.image is not None:
        canvas = vary(order.image, canvas)
    return _scaled(canvas, order.size)


def edit(image: Picture, mask: Picture | None, scene: Image.Image) -> Image.Image:
    """Show the scene where the mask, or without one the image, is transparent; all else is the image, scaled."""
    source = _scaled(image.pixels, scene.size)
    if mask is None:
        return _lay_over(scene.convert("RGB"), source)
    canvas = scene.convert("RGBA")
    # A mask of mode 1, all or nothing, is pasted through several times faster than one of levels.
    veil = alpha(mask.pixels).point(lambda level: 255 if level else 0, "1")  # pyright: ignore[reportUnknownMemberType] - see _scaled
    canvas.paste(source, mask=_scaled(veil, scene.size))
    return canvas


def vary(image: Picture, scene: Image.Image) -> Image.Image:
    """Blend the image, scaled, with a part of the scene."""
    source = _lay_over(Image.new("RGB", scene.size, "white"), _scaled(image.pixels, scene.size))
    return Image.blend(source, scene.convert("RGB"), _VARIATION)


def _manner(order: Order) -> tuple[bool, bool]:
    """Say whether a landscape is fine, and whether it is muted."""
    return order.quality == "hd", order.style == "natural"


def _canvas_size(order: Order) -> Size:
    """Choose how many pixels to paint on: enlarging a small canvas costs less than painting on a large one."""
    width, height = order.size
    if order.kind == "variations":
        return min(width, _LARGEST_VARIATION), min(height, _LARGEST_VARIATION)
    if order.image is None or min(order.image.pixels.size) < _SMALLEST_EDIT:
        return order.size
    return min(width, order.image.pixels.width), min(height, order.image.pixels.height)


def _lay_over(ground: Image.Image, image: Image.Image) -> Image.Image:
    ground.paste(image, mask=image)
    return ground


def _scaled(image: Image.Image, size: Size) -> Image.Image:
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.NEAREST)  # pyright: ignore[reportUnknownMemberType] - Pillow names types of NumPy, which is absent
