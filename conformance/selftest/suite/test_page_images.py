"""The images of a page: made anew, small, few, and beside what was asked for."""

import base64
import io
import re
import warnings
from typing import Any

import httpx
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from conformance.reference import Behaviour
from conformance.selftest.suite.runs import prepared_for, run_on, settings
from conformance.suite.exchange.recording import Answer, Exchange
from conformance.suite.exchange.request import Request
from conformance.suite.images import IMAGES
from conformance.suite.images.files import CLEAR
from conformance.suite.report import pages, report
from conformance.suite.report.page.gallery import Gallery
from conformance.suite.report.page.looks import Looks
from conformance.suite.report.page.room import Room
from conformance.suite.report.report import Result
from conformance.suite.rules.api import Seen

MARK = b"hidden-in-a-chunk"


def image(side: int = 512, image_format: str = "PNG", mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    notes = PngInfo()
    notes.add_text("comment", MARK.decode())
    extra = {"pnginfo": notes} if image_format == "PNG" else {}
    Image.new(mode, (side, side), 7).save(buffer, image_format, **extra)
    return buffer.getvalue() + MARK


def exchange(*files: bytes, name: str = "createImage", status: int = 200, **fields: object) -> Exchange:
    listed = ", ".join(f'{{"b64_json": "{base64.b64encode(file).decode()}"}}' for file in files)
    answer = Answer(status, (), f'{{"data": [{listed}]}}'.encode())
    return Exchange("one", Request(name, {"prompt": "otter", **fields}), valid=True, answer=answer)


def seen(made: Exchange) -> Seen:
    found = IMAGES.seen(made)
    assert found is not None
    return found


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_an_image_is_made_anew_and_small(image_format: str) -> None:
    (made,) = seen(exchange(image(image_format=image_format))).came
    assert made.words == f"data[0]: 512x512 {image_format}"
    assert made.media_type == "image/jpeg"
    assert MARK not in made.data
    with Image.open(io.BytesIO(made.data), formats=["JPEG"]) as small:
        assert small.size == (96, 96)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "1", "I;16"])
def test_an_image_of_any_mode_is_shown(mode: str) -> None:
    assert len(seen(exchange(image(mode=mode))).came) == 1


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({"n": 2, "size": "256x256"}, "2 images, 256x256"),
        ({}, "1 image by default, 1024x1024 by default"),
        ({"n": None, "size": None}, "1 image by default, 1024x1024 by default"),
    ],
)
def test_what_was_asked_for_stands_beside_it(fields: dict[str, Any], asked: str) -> None:
    assert seen(exchange(image(), **fields)).asked == asked


def test_uploads_are_shown_with_their_transparent_area() -> None:
    sent = seen(exchange(image(), name="createImageEdit", image=CLEAR, mask=CLEAR)).sent
    words = "PNG 384x384 with a transparent middle"
    assert [one.words for one in sent] == [f"image: {words}", f"mask: {words}"]
    with Image.open(io.BytesIO(sent[1].data), formats=["PNG"]) as small:
        assert small.size == (96, 96)
        alpha = small.getchannel("A")
        assert (alpha.getpixel((48, 48)), alpha.getpixel((2, 2))) == (0, 255)


def test_few_of_many_are_shown() -> None:
    found = seen(exchange(*[image()] * 10))
    assert (len(found.came), found.more) == (3, 7)


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        image()[:200],
        b"\xff\xd8" + b"\xff\xda" * 40,
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1\0\0\0\1\0\0\x08\2\0\0\0",
    ],
)
def test_what_is_no_image_or_too_large_is_not_shown(file: bytes) -> None:
    with warnings.catch_warnings(action="error"):
        assert IMAGES.seen(exchange(file)) is None
        assert len(seen(exchange(file, image())).came) == 1


def test_an_answer_that_is_no_success_has_no_images() -> None:
    assert IMAGES.seen(exchange(image(), status=400)) is None


def test_a_gallery_ends_where_its_room_does() -> None:
    gallery = Gallery.of(Looks(IMAGES), Room(0, 0, 0, 4, 100_000))
    shelves = [gallery.shelf(exchange(*[image()] * 3)) for _ in range(3)]
    assert [shelf and (len(shelf.came), shelf.more) for shelf in shelves] == [(3, 0), (1, 2), None]
    assert Gallery.of(Looks(IMAGES), Room(0, 0, 0, 4, 10)).shelf(exchange(image())) is None


def page(made: Result) -> str:
    return pages.html(report.build(made), made.shown, prepared_for(made))


def test_a_failure_shows_the_images_that_came() -> None:
    small = base64.b64encode(image(64)).decode()

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"created": 1, "data": [{"b64_json": small}]})

    text = page(run_on(httpx.MockTransport(answer), settings("createImage/response/data/items/dimensions")))
    assert re.search(r"<p>Asked for 1 image[^<]*, 256x256</p>\s*</div>\s*<div>\s*<p>Got</p>", text)
    assert "<figcaption>data[0]: 64x64 PNG</figcaption>" in text
    assert small not in text


def test_images_that_came_as_asked_are_shown_once_for_each_size() -> None:
    text = page(run_on(Behaviour(), settings("createImage/size/accepted@dall-e-2", "createImage/size/default")))
    section = text.partition('<section id="images"')[2].partition("</section>")[0]
    assert section.count("<h4>createImage</h4>") == len(set(re.findall(r"Asked for [^<]*, (\S+)", section))) >= 3
    for _, width, asked in re.findall(r"Asked for ([^,<]*), (\d+)x.*?data\[0\]: (\d+)x", section, re.DOTALL):
        assert width == asked
