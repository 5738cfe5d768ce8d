"""Judges the uploaded files by the contract's prose: PNG, less than 4MB, square, the mask as large as the image.

Only really decoding a file shows that it is valid, and decoding hostile bytes is where servers fall over. So the size
of the file, its checksums, and the dimensions that its header declares are looked at before the decoder is let at it,
and whatever the decoder throws means one thing: not a valid PNG file.
"""

import hashlib
import io
import struct
import zlib
from typing import Final

from PIL import Image

from conformance.reference.errors import RefusedError
from conformance.reference.values import Limits, Picture

_HEADER: Final = struct.Struct(">8s4x4sII")
"""Signature, length of the first chunk, its type, width and height (PNG, third edition, sections 5.2 and 11.2.1)."""
_CHUNK: Final = struct.Struct(">I4s")
"""Length of a chunk's content, and its type; content and checksum follow."""
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_ALPHA: Final = 3
OPAQUE: Final = 255
"""The level of alpha at which nothing shines through."""


def check_file_size(field: str, content: bytes, limits: Limits) -> None:
    """Refuse a file that is not less than 4MB, which is read as ``limits.file_bytes``."""
    if len(content) >= limits.file_bytes:
        message = f"'{field}' must be less than 4MB ({limits.file_bytes} bytes)."
        raise RefusedError(message, field)


def decode_file(field: str, content: bytes, limits: Limits) -> Picture:
    """Decode a PNG file; refused when it isn't one, is damaged, or has more than ``limits.pixels`` pixels."""
    width, height = _declared_size(content)
    if not width or not height or not _is_intact(content):
        message = f"'{field}' must be a valid PNG file."
        raise RefusedError(message, field)
    if width * height > limits.pixels:
        message = f"'{field}' has more than {limits.pixels} pixels."
        raise RefusedError(message, field)
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            pixels = to_rgba(image)
    except Exception:  # noqa: BLE001 - a decoder can throw anything at hostile bytes, and it all means the same
        message = f"'{field}' must be a valid PNG file."
        raise RefusedError(message, field) from None
    return Picture(pixels, hashlib.sha256(content).hexdigest())


def to_rgba(image: Image.Image) -> Image.Image:
    """Convert an image of any mode to 8 bits of red, green, blue and alpha."""
    if image.mode.startswith("I"):
        # Converted directly, 16-bit grey would be cut off at white instead of scaled.
        grey = image.convert("I").point(lambda level: level * (1 / 256))  # pyright: ignore[reportUnknownMemberType] - Pillow names types of NumPy, which is absent
        image = grey.convert("L")
    return image.convert("RGBA")


def check_square(field: str, picture: Picture) -> None:
    """Refuse an image that is not as wide as high."""
    width, height = picture.pixels.size
    if width != height:
        message = f"'{field}' must be square, but is {width}x{height}."
        raise RefusedError(message, field)


def check_mask_size(image: Picture, mask: Picture) -> None:
    """Refuse a mask that has not the dimensions of the image."""
    if mask.pixels.size != image.pixels.size:
        message = "'mask' must have the same dimensions as 'image'."
        raise RefusedError(message, "mask")


def check_transparency(image: Picture) -> None:
    """Refuse an image without a mask that has no transparency to be used as one.

    The documents ask for "transparency" here and for "fully transparent areas" only of a mask, so one pixel that is
    not fully opaque is enough.
    """
    if alpha(image.pixels).getextrema()[0] == OPAQUE:
        message = "'image' must have transparency when 'mask' is not given."
        raise RefusedError(message, "image")


def alpha(pixels: Image.Image) -> Image.Image:
    """Take the alpha channel of an RGBA image."""
    return pixels.getchannel(_ALPHA)


def _declared_size(content: bytes) -> tuple[int, int]:
    """Read the dimensions from the header of a PNG file; (0, 0) when it has none."""
    if len(content) < _HEADER.size:
        return 0, 0
    signature, kind, width, height = _HEADER.unpack_from(content)
    return (width, height) if signature == _SIGNATURE and kind == b"IHDR" else (0, 0)


def _is_intact(content: bytes) -> bool:
    """Whether each chunk up to the last is there as a whole with a right checksum; decoders are often less strict.

    Source: PNG, third edition, section 5.3. What follows the last chunk is no part of the image.
    """
    start = len(_SIGNATURE)
    while start + _CHUNK.size <= len(content):
        length, kind = _CHUNK.unpack_from(content, start)
        end = start + _CHUNK.size + length
        checksum = content[end : end + 4]
        if zlib.crc32(memoryview(content)[start + 4 : end]).to_bytes(4) != checksum:
            return False
        if kind == b"IEND":
            return True
        start = end + 4
    return False
