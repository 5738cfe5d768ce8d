"""The image files that the suite uploads: each is a small recipe from which the same bytes are made every time.

A recipe rather than bytes travels through plan and recording, so that a recording stays small and says in words what
was sent. The only thing drawn is a gradient: what matters about an upload is its format, size, shape and transparency.
"""

from __future__ import annotations

import io
import struct
import zlib
from functools import lru_cache

from attrs import frozen
from PIL import Image

from conformance.suite.exchange.upload import Upload

SIDE = 384
"""Width and height in pixels of an upload that is not about its size.

The contract names no such size, so an answer as large as the upload is not of the size that was asked for.
"""
SMALLEST = 256
"""Width and height in pixels of the smallest size that the contract names, for which most requests ask."""


@frozen
class Picture:
    """The recipe of one image file.

    ``hole`` makes the middle quarter fully transparent. ``file_bytes`` pads a PNG to exactly this many bytes with a
    private chunk that decoders skip. ``keep`` cuts the file off after this share of its bytes.
    """

    width: int = SIDE
    height: int = SIDE
    hole: bool = False
    image_format: str = "PNG"
    file_bytes: int | None = None
    keep: float = 1.0

    def words(self) -> str:
        """Describe the file in a few words."""
        size = f", {self.file_bytes} bytes" if self.file_bytes else ""
        cut = ", cut off" if self.keep < 1 else ""
        clear = "with a transparent middle" if self.hole else "opaque"
        return f"{self.image_format} {self.width}x{self.height} {clear}{size}{cut}"

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
    if picture.hole:
        alpha = Image.new("L", size, 255)
        quarter = (picture.width // 4, picture.height // 4, 3 * picture.width // 4, 3 * picture.height // 4)
        alpha.paste(0, quarter)
        image.putalpha(alpha)
    buffer = io.BytesIO()
    image.save(buffer, picture.image_format)
    data = buffer.getvalue()
    if picture.file_bytes is not None:
        data = _pad(data, picture.file_bytes)
    return data[: max(1, int(len(data) * picture.keep))]


def _pad(png: bytes, file_bytes: int) -> bytes:
    """Put an ancillary, private, safe-to-copy chunk (PNG, section 4.7.2) before the 12 bytes of IEND."""
    body = b"\0" * (file_bytes - len(png) - 12)
    kind = b"paDd"
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return png[:-12] + chunk + png[-12:]
