"""Measures what drawing one image costs the reference server, beside a peer measured in the same run.

The unit is milliseconds of CPU time for one 1024x1024 PNG file, the median of many. The peer is what a plain Pillow
program pays: a grey gradient and a picture of noise, packed with Pillow's default settings. The cache of the server is
not in play, because every round draws another image.

Usage: ``python scripts/benchmark_reference.py [ROUNDS]``
"""

import io
import statistics
import sys
import time
from collections.abc import Callable
from typing import Final

from PIL import Image

from conformance.reference import Order, Picture
from conformance.reference.drawing import encode_png, paint

SIDE: Final = 1024
NANOSECONDS: Final = 1_000_000
ROUNDS: Final = 50


def main() -> None:
    """Print the figures of the server, of the peers, and their ratios."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    source = Picture(Image.radial_gradient("L").convert("RGBA"), "source")
    generation = Order("generations", "a benchmark", "dall-e-2", "standard", "vivid", (SIDE, SIDE), 1, "url")
    edit = Order("edits", "a benchmark", "dall-e-2", "standard", "vivid", (SIDE, SIDE), 1, "url", source)
    variation = Order("variations", "", "dall-e-2", "standard", "vivid", (SIDE, SIDE), 1, "url", source)
    drawers: dict[str, Callable[[int], bytes]] = {
        "reference, generation": lambda index: encode_png(paint(generation, index)),
        "reference, edit": lambda index: encode_png(paint(edit, index)),
        "reference, variation": lambda index: encode_png(paint(variation, index)),
        "Pillow, gradient": _gradient,
        "Pillow, noise": _noise,
    }
    figures = {name: _median(draw, rounds) for name, draw in drawers.items()}
    peer = figures["Pillow, gradient"]
    for name, figure in figures.items():
        print(f"{name:<22} {figure:8.2f} ms   {figure / peer:6.2f} x the gradient")  # noqa: T201 - the script's output


def _median(draw: Callable[[int], bytes], rounds: int) -> float:
    """Measure the median CPU time of drawing, in milliseconds."""
    times: list[int] = []
    for index in range(rounds):
        start = time.process_time_ns()
        draw(index)
        times.append(time.process_time_ns() - start)
    return statistics.median(times) / NANOSECONDS


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
