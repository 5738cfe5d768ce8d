"""Reads a PNG file (PNG, third edition): the structure by hand, the pixels with Pillow.

Every chunk must be whole, right by its checksum and in its place, and the compressed pixels must come to exactly as
many bytes as the header declares; all of it is known before a decoder sees the file. What the decoder gets has only
the chunks that make up the image, because the others may hide surprises of their own and say nothing about validity.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

import attrs
from PIL import Image

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = 12
"""Bytes of a chunk without content: length, type and checksum."""
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PALETTE = 3
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Left, top, and steps to the right and down of each pass of an interlaced image (section 8.1)."""
_FILTERS = 5
_MOST_PIXELS = 5000 * 5000
_SHOWN = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")


class NotPngError(Exception):
    """Says why something is not a valid PNG file."""


@attrs.frozen
class _Header:
    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool

    def rows(self) -> Iterator[tuple[int, int]]:
        """Yield for each pass its number of rows, and the bytes of one with the filter's type in front."""
        for left, top, right, down in _PASSES if self.interlaced else ((0, 0, 1, 1),):
            width, height = -((left - self.width) // right), -((top - self.height) // down)
            if width > 0 and height > 0:
                yield height, 1 + -(-width * self.depth * _CHANNELS[self.colour] // 8)


def read(data: bytes) -> Image.Image:
    """Return the image with 8 bits each of red, green, blue and alpha; raises NotPngError."""
    chunks = list(_chunks(data))
    header = _header(chunks[0])
    _check_order(header, [kind for kind, _ in chunks])
    _check_pixels(header, b"".join(content for kind, content in chunks if kind == b"IDAT"))
    plain = _SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks if kind in _SHOWN)
    try:
        with Image.open(io.BytesIO(plain), formats=["PNG"]) as image:
            return _with_alpha(image)
    except Exception as error:  # noqa: BLE001 - a decoder can throw anything at hostile bytes
        raise NotPngError(f"it can't be decoded ({type(error).__name__})") from None


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and content of each chunk (section 5.3); the last one must end the file."""
    if not data.startswith(_SIGNATURE):
        raise NotPngError("it doesn't begin like one")
    at, kind = len(_SIGNATURE), b""
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if kind == b"IEND" or at + _END + length > len(data):
            raise NotPngError("it goes on behind its end" if kind == b"IEND" else "it is cut off")
        kind = data[at + 4 : at + 8]
        content = data[at + 8 : at + 8 + length]
        if data[at + 8 + length : at + _END + length] != _chunk(kind, content)[-4:]:
            raise NotPngError("a checksum is wrong")
        yield kind, content
        at += _END + length
    if kind != b"IEND":
        raise NotPngError("it is cut off")


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(content, zlib.crc32(kind))
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def _header(chunk: tuple[bytes, bytes]) -> _Header:
    """Read the header (section 11.2.1)."""
    kind, content = chunk
    if kind != b"IHDR" or len(content) != struct.calcsize(">IIBBBBB"):
        raise NotPngError("it has no header")
    width, height, depth, colour, compression, filtering, interlace = struct.unpack(">IIBBBBB", content)
    if not width or not height or depth not in _DEPTHS.get(colour, ()) or compression or filtering or interlace > 1:
        raise NotPngError("its header makes no sense")
    if width * height > _MOST_PIXELS:
        raise NotPngError(f"it has more than {_MOST_PIXELS} pixels")
    return _Header(width, height, depth, colour, bool(interlace))


def _check_order(header: _Header, kinds: list[bytes]) -> None:
    """Hold the chunks against section 5.6: which there are, how often, and where."""
    # A capital in front marks what a decoder must understand (section 5.4).
    if any(kind[:1].isupper() and kind not in _SHOWN for kind in kinds):
        raise NotPngError("it has a critical chunk that nobody knows")
    if any(kinds.count(kind) > 1 for kind in (b"IHDR", b"PLTE", b"tRNS")):
        raise NotPngError("a chunk is there twice")
    pixels = [index for index, kind in enumerate(kinds) if kind == b"IDAT"]
    if not pixels or pixels[-1] - pixels[0] != len(pixels) - 1:
        raise NotPngError("its pixels are missing or scattered")
    if header.colour == _PALETTE and b"PLTE" not in kinds[: pixels[0]]:
        raise NotPngError("it has no palette")


def _check_pixels(header: _Header, packed: bytes) -> None:
    """Unpack the rows of pixels and see that there are as many as the header declares, each with a known filter."""
    rows = list(header.rows())
    wanted = sum(number * length for number, length in rows)
    unpacker = zlib.decompressobj()
    try:
        # One byte more than is wanted shows what is too long without unpacking all of it.
        pixels = unpacker.decompress(packed, wanted + 1)
    except zlib.error:
        raise NotPngError("its pixels can't be unpacked") from None
    # The stream's own checksum comes last and is only looked at by asking for more.
    if len(pixels) != wanted or unpacker.flush() or not unpacker.eof:
        raise NotPngError("it has not as many pixels as it says")
    at = 0
    for number, length in rows:
        if max(pixels[at : at + number * length : length]) >= _FILTERS:
            raise NotPngError("a row has a filter that nobody knows")
        at += number * length


def _with_alpha(image: Image.Image) -> Image.Image:
    if image.mode != "I;16":
        return image.convert("RGBA")
    # Pillow would clip 16 bits of grey at 255; of each little-endian pair the second byte is the level.
    samples = image.tobytes()
    grey = Image.frombytes("L", image.size, samples[1::2])
    result = grey.convert("RGBA")
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        level = clear.to_bytes(2, "little")
        pairs = zip(samples[::2], samples[1::2], strict=True)
        alpha = bytes(0 if pair == tuple(level) else 255 for pair in pairs)
        result.putalpha(Image.frombytes("L", image.size, alpha))
    return result
