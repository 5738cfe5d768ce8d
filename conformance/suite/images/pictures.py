"""The image files that the suite uploads: each is a small recipe from which the same bytes are made every time.

A recipe rather than bytes travels through plan and recording, so that a recording stays small and says in words what
was sent. The only thing drawn is a gradient: what matters about an upload is its format, size, shape and transparency.
"""

from __future__ import annotations

import io
import struct
import zlib
from functools import lru_cache
from typing import Any, cast

from attrs import frozen
from PIL import Image, ImageCms

from conformance.suite.exchange.upload import Upload

SIDE = 384
"""Width and height in pixels of an upload that is not about its size.

The contract names no such size, so an answer as large as the upload is not of the size that was asked for.
"""
_BYTE = 8
_COLOUR_TYPES = {"L": 0, "RGB": 2, "P": 3, "LA": 4, "RGBA": 6}
_CLEAR = 255
"""The colour of a palette that is fully transparent."""
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Left, top, and steps to the right and down of each pass of an interlaced image (PNG, section 8.2)."""
_NOTES = (
    (b"gAMA", struct.pack(">I", 45455)),
    (b"pHYs", struct.pack(">IIB", 2835, 2835, 1)),
    (b"tEXt", b"Software\0openai-images-conformance"),
)
"""What many programs write into a PNG (section 11.3): gamma, pixels a metre, a text; beside them its colour space."""
SMALLEST = 256
"""Width and height in pixels of the smallest size that the contract names, for which most requests ask."""


@frozen
class Picture:
    """The recipe of one image file.

    ``hole`` makes the middle quarter fully transparent. ``file_bytes`` pads a PNG to exactly this many bytes with a
    private chunk that decoders skip. ``keep`` cuts the file off after this share of its bytes. The flavours of a PNG
    are its ``colours`` (``RGB``, ``L`` for grey, ``P`` for a palette), 8 or 16 bits ``deep`` (16 not with a palette),
    ``interlaced``, and ``noted``, with chunks that say something about the image.
    """

    width: int = SIDE
    height: int = SIDE
    hole: bool = False
    image_format: str = "PNG"
    file_bytes: int | None = None
    keep: float = 1.0
    colours: str = "RGB"
    deep: int = 8
    interlaced: bool = False
    noted: bool = False

    def words(self) -> str:
        """Describe the file in a few words."""
        size = f", {self.file_bytes} bytes" if self.file_bytes else ""
        cut = ", cut off" if self.keep < 1 else ""
        clear = "with a transparent middle" if self.hole else "opaque"
        return f"{self.image_format} {self.width}x{self.height} {clear}{size}{cut}{self.flavour()}"

    def flavour(self) -> str:
        """Describe what sets the file apart from a plain PNG; empty if nothing does."""
        words = {
            "with a palette": self.colours == "P",
            "grey": self.colours == "L",
            f"{self.deep} bits deep": self.deep != _BYTE,
            "interlaced": self.interlaced,
            "with notes": self.noted,
        }
        return "".join(f", {word}" for word, is_so in words.items() if is_so)

    def encode(self) -> bytes:
        """Return the file's bytes."""
        return _encode(self)


def png(picture: Picture) -> Upload:
    """Return a picture as the part of a form that clients make of a PNG file."""
    return Upload(picture, "image.png", "image/png")


VARIED = tuple(png(Picture(side, side, hole=hole)) for side in (64, 128, 256, 512) for hole in (True, False))
"""Correct files of several sizes, for random requests."""


@lru_cache(maxsize=64)
def _encode(picture: Picture) -> bytes:
    size = (picture.width, picture.height)
    gradient = Image.linear_gradient("L")
    ramp: Image.Image = gradient.resize(size)  # pyright: ignore[reportUnknownMemberType] - an alias of NumPy's types
    # One ramp downwards, one upwards and one sideways, so that no turned or mirrored picture looks the same.
    across: Image.Image = gradient.transpose(Image.Transpose.ROTATE_90).resize(size)  # pyright: ignore[reportUnknownMemberType] - as above
    image = Image.merge("RGB", (ramp, ramp.transpose(Image.Transpose.FLIP_TOP_BOTTOM), across))
    quarter = (picture.width // 4, picture.height // 4, 3 * picture.width // 4, 3 * picture.height // 4)
    if picture.colours != "RGB":
        image = image.quantize(_CLEAR) if picture.colours == "P" else image.convert(picture.colours)
    if picture.hole and picture.colours == "P":
        image.paste(_CLEAR, quarter)
    elif picture.hole:
        alpha = Image.new("L", size, 255)
        alpha.paste(0, quarter)
        image.putalpha(alpha)
    if picture.flavour():
        data = _written(image, picture)
    else:
        buffer = io.BytesIO()
        image.save(buffer, picture.image_format)
        data = buffer.getvalue()
    if picture.file_bytes is not None:
        data = _pad(data, picture.file_bytes)
    return data[: max(1, int(len(data) * picture.keep))]


def _pad(png: bytes, file_bytes: int) -> bytes:
    """Put an ancillary, private, safe-to-copy chunk (PNG, section 4.7.2) before the 12 bytes of IEND."""
    return png[:-12] + _chunk(b"paDd", b"\0" * (file_bytes - len(png) - 12)) + png[-12:]


def _written(image: Image.Image, picture: Picture) -> bytes:
    """Write a PNG file of any flavour, some of which Pillow only reads (PNG, sections 5, 8 and 11)."""
    width, height = image.size
    data, step = image.tobytes(), len(image.getbands()) * picture.deep // _BYTE
    if picture.deep != _BYTE:
        data = _interleaved([data, data])
    lines = [data[start : start + step * width] for start in range(0, len(data), step * width)]
    rows = [
        b"\0" + (line if right == 1 else _interleaved([line[step * left + at :: step * right] for at in range(step)]))
        for left, top, right, down in (_PASSES if picture.interlaced else ((0, 0, 1, 1),))
        for line in lines[top::down]
        if left < width
    ]
    header = struct.pack(
        ">IIBBBBB", width, height, picture.deep, _COLOUR_TYPES[image.mode], 0, 0, int(picture.interlaced)
    )
    chunks = [(b"IHDR", header), *((_colour_space(image.mode), *_NOTES) if picture.noted else ())]
    if image.mode == "P":
        chunks.append((b"PLTE", bytes(image.getpalette() or ()).ljust(3 * (_CLEAR + 1), b"\0")))
        chunks += [(b"tRNS", b"\xff" * _CLEAR + b"\0")] if picture.hole else []
    chunks += [(b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _interleaved(parts: list[bytes]) -> bytes:
    """Take the bytes of several texts of one length in turn."""
    mixed = bytearray(sum(map(len, parts)))
    for at, part in enumerate(parts):
        mixed[at :: len(parts)] = part
    return bytes(mixed)


def _colour_space(mode: str) -> tuple[bytes, bytes]:
    """Return the chunk that says what the colours are: an ICC profile, which is one of RGB, and so not for grey."""
    if mode.startswith("L"):
        return b"sRGB", b"\0"
    made = cast("Any", ImageCms).createProfile("sRGB")  # Pillow leaves it untyped
    profile = ImageCms.ImageCmsProfile(made).tobytes()
    # The date is left out, so that the same bytes are made every time (ICC.1, section 7.2.1).
    return b"iCCP", b"sRGB\0\0" + zlib.compress(profile[:24] + bytes(12) + profile[36:])


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
