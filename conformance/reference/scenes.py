"""Draws a landscape from a seed: a sky in bands, a sun or moon, and hills behind each other.

The picture has at most 256 colours and large plain areas, so that drawing and packing a megapixel takes a few
milliseconds. It has one of 256 shapes and of some ten thousand palettes: in a file the two stand apart, so who keeps
the packed shapes makes the file of a new seed in no time. Everything is computed in integers from the bytes of a hash,
so the same seed gives the same pixels on every machine and version of Python.
"""

import hashlib
from functools import lru_cache
from typing import Final, TypeAlias

from PIL import Image, ImageDraw

from conformance.reference.values import Size

Colour: TypeAlias = tuple[int, int, int]

_THEMES: Final[tuple[tuple[Colour, Colour, Colour, Colour, Colour], ...]] = (
    # top of the sky, horizon, sun, farthest hill, nearest hill
    ((32, 54, 120), (255, 170, 120), (255, 236, 180), (120, 90, 140), (36, 28, 60)),
    ((90, 170, 240), (225, 242, 255), (255, 250, 210), (130, 170, 150), (40, 96, 60)),
    ((10, 12, 40), (60, 50, 110), (240, 240, 225), (44, 42, 84), (10, 10, 26)),
    ((250, 130, 90), (255, 224, 150), (255, 250, 225), (190, 96, 92), (84, 36, 60)),
    ((70, 190, 190), (240, 250, 220), (255, 255, 240), (110, 180, 160), (20, 90, 100)),
    ((150, 110, 190), (255, 200, 215), (255, 240, 235), (150, 120, 170), (64, 48, 96)),
    ((190, 205, 215), (245, 246, 240), (255, 255, 255), (160, 175, 180), (70, 84, 92)),
    ((240, 190, 90), (255, 240, 200), (255, 255, 235), (206, 160, 90), (120, 74, 36)),
    ((16, 70, 60), (150, 220, 150), (236, 255, 216), (40, 120, 96), (8, 44, 44)),
    ((120, 20, 50), (250, 120, 90), (255, 214, 160), (120, 40, 70), (40, 10, 36)),
)
_SUN: Final = 64
_FIRST_HILL: Final = 65
_HILLS: Final = 5
_ENTRIES: Final = _FIRST_HILL + _HILLS
_GREY: Final[Colour] = (150, 150, 146)
"""What the colours of a muted landscape are mixed with."""
_SHAPES: Final = 256
_BANDS: Final = 24
_FINE_BANDS: Final = 64
_STEPS: Final = 24
"""Corners of the ridge of a hill."""


def draw_scene(seed: str, variant: int, size: Size, *, fine: bool = False, muted: bool = False) -> Image.Image:
    """Draw the landscape of a seed as a palette image of ``size`` pixels.

    Neighbouring variants of a seed have other colours and other hills. ``fine`` gives the sky more bands, ``muted``
    softer colours.
    """
    image = draw_shape(choose_shape(seed, variant), size, fine=fine)
    image.putpalette(choose_colours(seed, variant, fine=fine, muted=muted))
    return image


def choose_shape(seed: str, variant: int) -> int:
    """Choose which of the shapes, numbered from 0, the landscape of a seed has."""
    return (hashlib.sha256(seed.encode()).digest()[0] + variant) % _SHAPES


def choose_colours(seed: str, variant: int, *, fine: bool = False, muted: bool = False) -> bytes:
    """Choose the palette of the landscape of a seed: red, green and blue of each entry."""
    theme = (int.from_bytes(hashlib.sha256(seed.encode()).digest()) + variant) % len(_THEMES)
    shift = hashlib.sha256(f"{seed}/{variant}".encode()).digest()
    return _palette(theme, _FINE_BANDS if fine else _BANDS, shift, muted=muted)


def draw_shape(shape: int, size: Size, *, fine: bool = False) -> Image.Image:
    """Draw one of the shapes as an image whose palette is missing yet."""
    width, height = size
    chance = hashlib.shake_256(f"shape {shape}".encode()).digest(_HILLS * (_STEPS + 1) + 3)
    image = Image.frombytes("P", size, _sky(width, height, _FINE_BANDS if fine else _BANDS))
    pen = ImageDraw.Draw(image)
    unit = min(width, height)
    radius = unit // 20 + unit * chance[0] // 2560
    x, y = width // 6 + width * chance[1] // 384, height // 8 + height * chance[2] // 1024
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_SUN)
    ridges = [
        _ridge(chance[start : start + _STEPS + 1], width, height * (9 + 2 * hill) // 20, height // 8)
        for hill, start in enumerate(range(3, len(chance), _STEPS + 1))
    ]
    for hill, ridge in enumerate(ridges):
        # What the next hill hides is left out.
        foot = max(y for _, y in ridges[hill + 1]) + 1 if hill + 1 < _HILLS else height
        pen.polygon([*ridge, (width, foot), (0, foot)], fill=_FIRST_HILL + hill)
    return image


def _sky(width: int, height: int, bands: int) -> bytes:
    """Give each pixel the number of its band, from the top down."""
    edges = [height * band // bands for band in range(bands + 1)]
    return b"".join([bytes((band,)) * (width * (edges[band + 1] - edges[band])) for band in range(bands)])


def _ridge(heights: bytes, width: int, base: int, swing: int) -> list[tuple[int, int]]:
    """Draw the upper edge of a hill; the mean of three neighbours keeps it from being jagged."""
    neighbours = zip(b"\0" + heights, heights, heights[1:] + b"\0", strict=False)
    smooth = [(left + level + right) // 3 for left, level, right in neighbours]
    return [(width * step // _STEPS, base - swing * (level - 128) // 128) for step, level in enumerate(smooth)]


def _palette(theme: int, bands: int, shift: bytes, *, muted: bool) -> bytes:
    """Give each palette entry that ``draw_shape`` uses its colour."""
    palette = bytearray(_ENTRIES * 3)
    tint = (shift[0], shift[1], 255 - shift[0])
    for channel, (plain, level) in enumerate(zip(_plain_palette(theme, bands), tint, strict=True)):
        tinted = plain.translate(_towards(level, 1, 8))
        palette[channel::3] = tinted.translate(_towards(_GREY[channel], 2, 5)) if muted else tinted
    return bytes(palette)


@lru_cache(maxsize=32)
def _plain_palette(theme: int, bands: int) -> tuple[bytes, bytes, bytes]:
    """Mix the colours of a theme: the red, the green and the blue of all entries."""
    top, horizon, sun, far, near = _THEMES[theme]
    colours = [_mix(top, horizon, band, bands) for band in range(bands)]
    colours += [sun] * (_FIRST_HILL - len(colours))
    colours += [_mix(far, near, hill, _HILLS) for hill in range(_HILLS)]
    red, green, blue = (bytes(channel) for channel in zip(*colours, strict=True))
    return red, green, blue


def _mix(start: Colour, end: Colour, part: int, whole: int) -> Colour:
    red, green, blue = ((a * (whole - part) + b * part) // whole for a, b in zip(start, end, strict=True))
    return red, green, blue


@lru_cache(maxsize=512)
def _towards(end: int, part: int, whole: int) -> bytes:
    """Mix every level of a channel with one, as a table to translate by."""
    return bytes((level * (whole - part) + end * part) // whole for level in range(256))
