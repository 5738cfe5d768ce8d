"""Draws the images of an order: rings in the colours of a palette, moved and coloured by chance.

A generation is nothing but rings. An edit shows them where the mask is fully transparent, and the image elsewhere. A
variation is the image turned over, with rings shining through. Two images are hardly ever the same, because a request
that is repeated is a new request.
"""

from __future__ import annotations

import colorsys
import io
import secrets

from PIL import Image, ImageChops

from conformance.mutants.second.order import Order

_SIDE = 256
_SHARE = 0.35
"""How much of a variation is new."""


def draw(order: Order) -> bytes:
    """Draw one image of an order, as a PNG file."""
    rings = _rings(order)
    if order.edit is not None:
        image = _edited(*order.edit, rings)
    elif order.source is not None:
        image = _varied(order.source, rings)
    else:
        image = rings
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def _rings(order: Order) -> Image.Image:
    """Return an image with a palette; ``fine`` smooths its rings, ``muted`` takes colour out of them."""
    chance = secrets.randbits(32)
    disc = ImageChops.offset(Image.radial_gradient("L"), chance % _SIDE, chance // _SIDE % _SIDE)
    smooth = Image.Resampling.BICUBIC if order.fine else Image.Resampling.NEAREST
    image = disc.resize(order.size, smooth)  # pyright: ignore[reportUnknownMemberType] - an alias of NumPy's types
    hue, saturation = chance / 2**32, 0.3 if order.muted else 0.8
    palette: list[int] = []
    for level in range(_SIDE):
        colour = colorsys.hsv_to_rgb((hue + level / _SIDE / 3) % 1, saturation, 0.3 + 0.7 * (level % 64) / 64)
        palette += [int(255 * share) for share in colour]
    image.putpalette(palette)
    return image


def _edited(image: Image.Image, mask: Image.Image, rings: Image.Image) -> Image.Image:
    source = image.resize(rings.size)  # pyright: ignore[reportUnknownMemberType] - as above
    alpha = mask.getchannel("A").resize(rings.size, Image.Resampling.NEAREST)  # pyright: ignore[reportUnknownMemberType] - as above
    kept = alpha.point([0] + [255] * 255)  # pyright: ignore[reportUnknownMemberType] - Pillow types its callback loosely
    return Image.composite(source, rings.convert("RGBA"), kept)


def _varied(image: Image.Image, rings: Image.Image) -> Image.Image:
    new = rings.convert("RGB")
    source = image.resize(rings.size).transpose(Image.Transpose.FLIP_LEFT_RIGHT)  # pyright: ignore[reportUnknownMemberType] - as above
    old = new.copy()
    old.paste(source, mask=source.getchannel("A"))
    return Image.blend(old, new, _SHARE)
