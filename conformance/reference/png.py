"""Packs an image into a PNG file, quickly rather than tightly.

Pillow tries all filters on every row of a colour image, which takes longer than drawing it. Here every row is filtered
as "Up", the difference to the row above: of an image scaled up, that leaves mostly zeros. Where even so the pixels
don't pack well, as in a photograph, they are stored as they are, because searching them for repetitions takes several
times as long as everything else. The rows of an image with a palette, a landscape, are runs of one colour, which need
no filter.

Source: PNG, third edition, sections 5.3 (chunks), 9.2 (filters), 11.2 (kinds of chunks).
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from PIL import Image, ImageChops

from conformance.reference.files import OPAQUE, alpha
from conformance.reference.values import Size

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES: Final = {"L": 0, "RGB": 2, "P": 3, "RGBA": 6}
_UP: Final = b"\2"
_SMALL_WINDOW: Final = 13
_LITTLE_MEMORY: Final = 5
"""A run needs no window to look back into; the less memory is asked of the system, the sooner it is there."""
_STRIP: Final = 32
"""Rows worked on at a time: few enough to stay in the processor's cache, which halves the time."""
_SAMPLES: Final = 8
_SAMPLE_ROWS: Final = 4
_WORTHWHILE: Final = 8
"""How many times smaller the samples must become for compressing the whole to be quick."""


def encode_png(image: Image.Image) -> bytes:
    """Pack an image of the mode L, P, RGB or RGBA into a PNG file, without an alpha channel that shows nothing."""
    if image.mode == "P":
        return join_png(image.size, bytes(image.getpalette() or ()), pack_runs(image))
    mode = "RGB" if image.mode == "RGBA" and alpha(image).getextrema()[0] == OPAQUE else image.mode
    # One chunk for each piece: copying a megabyte once more costs as much as filtering it.
    pieces = [_chunk(b"IDAT", piece) for piece in _compress(image, mode) if piece]
    return b"".join((_SIGNATURE, _header(image.size, mode), *pieces, _chunk(b"IEND", b"")))


def join_png(size: Size, palette: bytes, packed: bytes) -> bytes:
    """Make a PNG file of a palette and of pixels as ``pack_runs`` gives them."""
    return b"".join((_SIGNATURE, _header(size, "P"), _chunk(b"PLTE", palette), packed, _chunk(b"IEND", b"")))


def pack_runs(image: Image.Image) -> bytes:
    """Pack the pixels of an image of the mode P, whose rows are mostly runs of one byte, into the chunk of a file."""
    # Pillow crops zeros from outside an image: here they are the type of the filter, which is none, before each row.
    content = image.crop((-1, 0, *image.size)).tobytes()
    packer = zlib.compressobj(1, wbits=_SMALL_WINDOW, memLevel=_LITTLE_MEMORY, strategy=zlib.Z_RLE)
    return _chunk(b"IDAT", packer.compress(content) + packer.flush())


def _compress(image: Image.Image, mode: str) -> Iterator[bytes]:
    """Filter and compress the rows, or only wrap them when samples from all over show that the former takes long."""
    step = image.height // _SAMPLES + 1
    sample = b"".join([_filter(image, mode, top, _SAMPLE_ROWS) for top in range(0, image.height, step)])
    packer = zlib.compressobj(1 if len(zlib.compress(sample, 1)) * _WORTHWHILE < len(sample) else 0)
    for top in range(0, image.height, _STRIP):
        yield packer.compress(_filter(image, mode, top, _STRIP))
    yield packer.flush()


def _filter(image: Image.Image, mode: str, top: int, rows: int) -> bytes:
    """Subtract from each of some rows the one above it, and put the type of this filter in front.

    Above the first row there are zeros, both for PNG and for what Pillow crops from outside an image.
    """
    bottom = min(top + rows, image.height)
    strip = image.crop((0, top, image.width, bottom))
    above = image.crop((0, top - 1, image.width, bottom - 1))
    content = ImageChops.subtract_modulo(strip, above).tobytes("raw", mode)
    stride = len(content) // strip.height
    return _UP + _UP.join([content[start : start + stride] for start in range(0, len(content), stride)])


def _header(size: Size, mode: str) -> bytes:
    return _chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, _COLOUR_TYPES[mode], 0, 0, 0))


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(content, zlib.crc32(kind))
    return b"".join((struct.pack(">I", len(content)), kind, content, struct.pack(">I", checksum)))
