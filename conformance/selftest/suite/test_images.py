"""Images from a server are hostile until shown otherwise: looking at them is bounded."""

import base64
import io
import struct
import time
import tracemalloc
import zlib

import pytest
from PIL import Image

from conformance.suite.images.decoding import Facts, examine
from conformance.suite.images.pictures import Picture

SMALL = Picture(64, 64, hole=True).encode()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *more: bytes, content: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + chunk(b"IDAT", zlib.compress(content)) + chunk(b"IEND", b"")


def saved(kind: str, mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (16, 8)).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_facts(kind: str) -> None:
    assert examine(saved(kind)) == Facts(kind, 16, 8)


HOSTILE = {
    "nothing": b"",
    "text": b"<html>",
    "base64 of an image": base64.b64encode(SMALL),
    "cut off in the middle": SMALL[: len(SMALL) // 2],
    "cut off in the header": SMALL[:20],
    "wide header": png(50_000, 50_000),
    "widest header": png(2**31 - 1, 2**31 - 1),
    "no pixels": png(0, 0),
    "text that unpacks to 100 MB": png(1, 1, chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 100_000_000, 9))),
    "profile that unpacks to 100 MB": png(1, 1, chunk(b"iCCP", b"a\0\0" + zlib.compress(b"x" * 100_000_000, 9))),
    "random bytes after a signature": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "beginning of a JPEG": b"\xff\xd8\xff\xe0" + bytes(100),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_content_is_told_in_words_in_bounds(name: str) -> None:
    started = time.monotonic()
    tracemalloc.start()
    try:
        found = examine(HOSTILE[name])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(found, str)
    assert found.isprintable()
    assert len(found) < 200
    assert peak < 80_000_000
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<html></p>\n.", r"begins with b'<html></p>\n.'"),
        (b"<html></html>", "begins with b'<html></html'…"),
    ],
)
def test_what_is_no_image_is_told_by_its_beginning(data: bytes, words: str) -> None:
    assert examine(data) == f"not a decodable image (UnidentifiedImageError, {words})"


def test_pixels_that_unpack_to_more_than_the_header_says_are_left() -> None:
    assert examine(png(1, 1, content=b"\0" * 50_000_000)) == Facts("PNG", 1, 1)
