"""Measures what drawing one image costs the reference server, beside a peer measured in the same run.

The unit is milliseconds of CPU time for one 1024x1024 PNG file, the median of many. The peer is what a plain Pillow
program pays: a grey gradient and a picture of noise, packed with Pillow's default settings. All take turns, so that
whatever else the machine does slows them alike. The cache of the server is not in play, because every round draws
another image.

Usage: ``python scripts/benchmark_reference.py [ROUNDS]``
"""

import io
import statistics
import sys
import time
from collections.abc import Callable
from typing import Final, TypeAlias

import attrs
from PIL import Image

from conformance.reference import Order, Picture
from conformance.reference.drawing import paint
from conformance.reference.png import encode_png

SIDE: Final = 1024
NANOSECONDS: Final = 1_000_000
ROUNDS: Final = 50
CLEAR: Final = (0, 0, 0, 0)

Draw: TypeAlias = Callable[[int], bytes]
"""Makes a PNG file from the number of the round."""


def main() -> None:
    """Print the figures of the server, of the peers, and their ratios."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    drawers: dict[str, Draw] = {"Pillow, gradient": _gradient, "Pillow, noise": _noise}
    drawers |= {name: _drawer(order) for name, order in _orders().items()}
    times: dict[str, list[int]] = {name: [] for name in drawers}
    for index in range(rounds):
        for name, draw in drawers.items():
            start = time.process_time_ns()
            draw(index)
            times[name].append(time.process_time_ns() - start)
    figures = {name: statistics.median(figure) / NANOSECONDS for name, figure in times.items()}
    peer = figures["Pillow, gradient"]
    for name, figure in figures.items():
        print(f"{name:<46} {figure:8.2f} ms   {figure / peer:6.2f} x the gradient")  # noqa: T201 - the script's output


def _orders() -> dict[str, Order]:
    """Make an order of every operation, for sources that are smooth or noise, opaque or not, with and without mask."""
    generation = Order("generations", "", "", "standard", "vivid", (SIDE, SIDE), 1, "url", seed="a benchmark")
    orders = {"generation": generation}
    for side in (256, SIDE):
        mask = _picture(Image.new("L", (side, side)), (0, 0, side // 2, side // 2))
        grey = Image.radial_gradient("L").resize((side, side))  # pyright: ignore[reportUnknownMemberType] - Pillow names types of NumPy, which is absent
        for kind, pixels in {"smooth": grey, "noise": Image.effect_noise((side, side), 32)}.items():
            opaque, pierced = _picture(pixels), _picture(pixels, (0, side // 4, side, side // 2))
            edit = attrs.evolve(generation, kind="edits", image=opaque, mask=mask)
            orders |= {
                f"edit of {side}, {kind}, with a mask": edit,
                f"edit of {side}, {kind}, transparent, with a mask": attrs.evolve(edit, image=pierced),
                f"edit of {side}, {kind}, without a mask": attrs.evolve(edit, image=pierced, mask=None),
                f"variation of {side}, {kind}": attrs.evolve(generation, kind="variations", image=opaque),
            }
    return orders


def _picture(grey: Image.Image, hole: tuple[int, int, int, int] | None = None) -> Picture:
    """Colour a grey image, and make a rectangle of it transparent."""
    pixels = Image.merge("RGB", [grey, grey.rotate(90), grey.rotate(180)]).convert("RGBA")
    if hole is not None:
        pixels.paste(CLEAR, hole)
    return Picture(pixels, "a benchmark")


def _drawer(order: Order) -> Draw:
    return lambda index: encode_png(paint(order, index))


def _gradient(index: int) -> bytes:
    """Pack a gradient as Pillow does it without being told how."""
    side = (
        Image.linear_gradient("L")
        .rotate(90 * (index % 4))
        .transform((SIDE, SIDE), Image.Transform.EXTENT, (0, 0, 256, 256))
    )
    return _pack(Image.merge("RGB", [side, side, side]))


def _noise(index: int) -> bytes:
    """Pack noise, which no packing makes smaller."""
    return _pack(Image.effect_noise((SIDE, SIDE), 32 + index % 8).convert("RGB"))


def _pack(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


if __name__ == "__main__":
    main()
