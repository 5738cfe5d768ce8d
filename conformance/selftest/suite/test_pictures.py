"""The files that are uploaded are what their recipes say, to the byte."""

import io
import json
import struct
import zlib
from collections.abc import Iterator
from itertools import product

import pytest
from attrs import evolve
from PIL import Image

from conformance.mutants.second import png
from conformance.reference import Limits
from conformance.reference.files import decode_file
from conformance.suite.exchange.codec import CODEC, codec
from conformance.suite.exchange.request import Request
from conformance.suite.exchange.upload import Text, Upload
from conformance.suite.images import IMAGES
from conformance.suite.images.files import LARGE, TOO_LARGE
from conformance.suite.images.pictures import Picture

BOUNDARY = [LARGE, TOO_LARGE - 1, TOO_LARGE]
PICTURES = [
    Picture(),
    Picture(hole=True),
    Picture(64, 64),
    Picture(256, 128, hole=True),
    Picture(image_format="JPEG"),
    Picture(hole=True, keep=0.5),
    *(Picture(hole=hole, file_bytes=size) for hole in (True, False) for size in BOUNDARY),
]
FLAVOURS = [
    Picture(64, 48, hole=hole, colours=colours, deep=deep, interlaced=interlaced, noted=noted)
    for hole, colours, deep, interlaced, noted in product(
        (False, True), ("RGB", "L", "P"), (8, 16), (False, True), (False, True)
    )
    if (colours, deep) != ("P", 16)
]
WHOLE = [picture for picture in PICTURES if picture.keep == 1]


@pytest.mark.parametrize("picture", WHOLE, ids=Picture.words)
def test_decodes_to_what_the_recipe_says(picture: Picture) -> None:
    with Image.open(io.BytesIO(picture.encode())) as image:
        image.load()
        assert (image.format, image.size) == (picture.image_format, (picture.width, picture.height))
        assert image.has_transparency_data is picture.hole


@pytest.mark.parametrize("picture", FLAVOURS, ids=Picture.words)
def test_a_flavour_is_in_the_file_and_the_picture_the_same(picture: Picture) -> None:
    data = picture.encode()
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert image.size == (64, 48)
        assert (data[24], bool(data[28]), b"tEXt" in data) == (picture.deep, picture.interlaced, picture.noted)
        assert data[25] == {"P": 3}.get(picture.colours, 2 * (picture.colours == "RGB") + 4 * picture.hole)
        assert image.has_transparency_data is picture.hole
    # Two readers that have nothing in common with the writer see the same picture.
    seen = [decode_file("image", data, Limits()).pixels, png.read(data)]
    plain = png.read(Picture(64, 48, hole=picture.hole).encode())
    if picture.colours == "L":
        plain = Image.merge("RGBA", (*[plain.convert("L")] * 3, plain.getchannel("A")))
    for one in seen:
        assert one.getchannel("A").tobytes() == plain.getchannel("A").tobytes()
        # Above the hole, for what is clear has no colour; a palette has fewer colours than the gradient.
        above = [image.crop((0, 0, 64, 12)).convert("RGB").tobytes() for image in (one, plain)]
        difference = max(abs(level - other) for level, other in zip(*above, strict=True))
        assert difference <= (24 if picture.colours == "P" else 1)


def test_flavours_are_small_but_where_nothing_else_shows_them() -> None:
    for hole in (False, True):
        assert len(Picture(hole=hole, colours="L", deep=16, interlaced=True, noted=True).encode()) < 20_000
        assert len(Picture(hole=hole, interlaced=True).encode()) < 400_000


def test_the_hole_is_fully_transparent_and_the_rest_is_not() -> None:
    with Image.open(io.BytesIO(Picture(256, 256, hole=True).encode())) as image:
        alpha = image.getchannel("A")
        assert [alpha.getpixel(at) for at in ((0, 0), (63, 63), (64, 64), (191, 191), (192, 192))] == [
            255,
            255,
            0,
            0,
            255,
        ]


@pytest.mark.parametrize("size", BOUNDARY)
def test_a_padded_file_has_the_exact_size(size: int) -> None:
    assert len(Picture(file_bytes=size).encode()) == size


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length], struct.unpack(">I", png[at + 8 + length :][:4])[0]
        at += 12 + length


def test_a_padded_file_is_a_png_chunk_by_chunk() -> None:
    found = list(chunks(Picture(hole=True, file_bytes=TOO_LARGE).encode()))
    assert all(zlib.crc32(kind + content) == check for kind, content, check in found)
    assert (found[0][0], found[-1][0]) == (b"IHDR", b"IEND")
    # Ancillary, private, safe to copy: what every decoder skips.
    assert [kind for kind, *_ in found if kind[:1].islower() and kind[1:2].islower() and kind[3:].islower()] == [
        b"paDd"
    ]


def test_a_file_that_is_cut_off_does_not_decode() -> None:
    data = Picture(hole=True, keep=0.5).encode()
    assert len(data) == len(Picture(hole=True).encode()) // 2
    with Image.open(io.BytesIO(data)) as image, pytest.raises(OSError, match="truncated"):
        image.load()


@pytest.mark.parametrize("picture", PICTURES, ids=Picture.words)
def test_an_equal_recipe_gives_the_same_bytes(picture: Picture) -> None:
    assert evolve(picture).encode() == picture.encode()


def again(upload: Upload) -> object:
    """Return a file that was written down as a field of a request and read again."""
    written = json.dumps(CODEC.unstructure(Request("createImageEdit", {"image": upload})))
    return codec(IMAGES.contents).structure(json.loads(written), Request).fields["image"]


@pytest.mark.parametrize("picture", PICTURES, ids=Picture.words)
def test_survives_json(picture: Picture) -> None:
    upload = Upload(picture, "otter.png", "application/octet-stream")
    assert again(upload) == upload


def test_a_text_in_place_of_a_file_survives_json() -> None:
    upload = Upload(Text("text\n"), "otter.txt", "text/plain")
    assert again(upload) == upload


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (Upload(Picture()), "PNG 384x384 opaque"),
        (Upload(Picture(hole=True)), "PNG 384x384 with a transparent middle"),
        (Upload(Picture(image_format="JPEG", keep=0.5)), "JPEG 384x384 opaque, cut off"),
        (Upload(Picture(file_bytes=TOO_LARGE)), "PNG 384x384 opaque, 4194304 bytes"),
        (Upload(Text("text")), "a text file"),
    ],
)
def test_words(upload: Upload, words: str) -> None:
    assert upload.words() == words
