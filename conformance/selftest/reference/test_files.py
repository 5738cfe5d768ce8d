"""The rules about uploaded files, which stand in the contract's prose."""

import struct
import zlib

import pytest
from PIL import Image

from conformance.reference import Limits
from conformance.reference.files import to_rgba
from conformance.selftest.reference.server import (
    CORRECT,
    EDITS,
    app_with,
    edit,
    form,
    images,
    opened,
    pack,
    padded,
    png,
    refused_param,
    send,
    vary,
)

MEBIBYTES_4 = 4 * 1024 * 1024
OPAQUE = (1, 2, 3, 255)


@pytest.mark.parametrize("filename", ["upload", "", "photo.jpg", "C:\\images\\ö.png"])
def test_a_file_is_judged_by_its_bytes_and_not_by_its_name(filename: str) -> None:
    assert images(form(("prompt", b"a", None), ("size", b"256x256", None), ("image", png(), filename)))


@pytest.mark.parametrize("content_type", ["image/png", "application/octet-stream", "image/jpeg", "text/plain"])
def test_a_file_is_judged_by_its_bytes_and_not_by_its_content_type(content_type: str) -> None:
    files = {"image": ("a", png(), content_type)}
    assert images(send(CORRECT, "POST", EDITS, data={"prompt": "a", "size": "256x256"}, files=files))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"not an image",
        png()[:-1],
        png()[:-4],
        png()[:-12],
        png()[: len(png()) // 2],
        png()[8:],
        png().replace(b"IHDR", b"IHDS"),
        png((16, 16), "RGB", (1, 2, 3), "JPEG"),
        png((16, 16), "P", 0, "GIF"),
        png((16, 16), "RGBA", OPAQUE, "WEBP"),
    ],
    ids=range(12),
)
def test_what_is_not_a_valid_png_file_is_refused(content: bytes) -> None:
    assert refused_param(edit(image=content)) == "image"
    assert refused_param(edit(mask=content)) == "mask"
    assert refused_param(vary(image=content)) == "image"


@pytest.mark.parametrize("position", [20, 30, 45, 50, 60])
def test_a_png_file_with_a_wrong_byte_is_refused(position: int) -> None:
    damaged = bytearray(png())
    damaged[position] ^= 0x55
    assert refused_param(vary(image=bytes(damaged))) == "image"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_file_of_any_kind_is_accepted(mode: str) -> None:
    assert images(vary(image=pack(Image.new(mode, (8, 8)))))


def test_grey_of_16_bits_keeps_its_brightness() -> None:
    dark = opened(pack(Image.new("I;16", (2, 2), 0x4000)))
    assert to_rgba(dark).getpixel((0, 0)) == (0x40, 0x40, 0x40, 255)


def test_a_file_must_be_less_than_4_mebibytes() -> None:
    below, at = padded(png(), MEBIBYTES_4 - 1), padded(png(), MEBIBYTES_4)
    assert images(vary(image=below))
    assert refused_param(vary(image=at)) == "image"
    assert images(edit(mask=below))
    assert refused_param(edit(mask=at)) == "mask"
    assert refused_param(edit(image=at)) == "image"


@pytest.mark.parametrize("size", [(16, 17), (17, 16), (1, 16)])
def test_an_image_must_be_square(size: tuple[int, int]) -> None:
    assert refused_param(vary(image=png(size))) == "image"
    assert refused_param(edit(image=png(size), mask=png(size))) == "image"


@pytest.mark.parametrize("size", [(17, 17), (16, 17), (8, 8)])
def test_a_mask_must_have_the_dimensions_of_the_image(size: tuple[int, int]) -> None:
    assert refused_param(edit(mask=png(size))) == "mask"


def test_an_image_without_a_mask_must_have_transparency() -> None:
    opaque = png(colour=OPAQUE)
    assert refused_param(edit(image=opaque)) == "image"
    assert refused_param(edit(image=png(mode="RGB", colour=(1, 2, 3)))) == "image"
    assert images(edit(image=opaque, mask=png()))
    assert images(vary(image=opaque))
    assert images(edit(image=png(colour=(1, 2, 3, 254))))


def test_transparency_can_be_a_single_colour_or_pixel() -> None:
    keyed = pack(Image.new("RGB", (8, 8), (9, 9, 9)), transparency=(9, 9, 9))
    dotted = Image.new("RGBA", (8, 8), OPAQUE)
    dotted.putpixel((3, 3), (0, 0, 0, 0))
    assert images(edit(image=keyed))
    assert images(edit(image=pack(dotted)))


def test_an_image_that_would_take_too_much_memory_is_refused_before_it_is_decoded() -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 6, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(9999))) + chunk(b"IEND", b"")
    )
    answer = vary(image=bomb)
    assert refused_param(answer) == "image"
    assert "pixels" in answer.text


def test_the_bound_of_pixels_lies_where_the_limits_say() -> None:
    app = app_with(limits=Limits(pixels=256))
    assert images(vary(app, image=png((16, 16))))
    assert refused_param(vary(app, image=png((17, 17)))) == "image"


def test_the_image_is_judged_before_the_mask() -> None:
    assert refused_param(edit(image=b"x", mask=b"x")) == "image"
