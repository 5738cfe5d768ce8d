"""The second correct server: it shares no code with the reference, and both read the contract alike."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
from collections.abc import Generator, Mapping
from typing import Any

import httpx
import pytest
from PIL import Image

from conformance.mutants import second
from conformance.mutants.mutant import KEY
from conformance.mutants.second import png
from conformance.selftest.reference.server import BASE, CORRECT, EDITS, GENERATIONS, PROMPT, SMALL, VARIATIONS, send

OTTER = "\N{OTTER}"
JSON = "application/json"
FORM = "multipart/form-data; boundary=x"


def picture(width: int = 256, height: int = 256, *, clear: bool = True, kind: str = "PNG") -> bytes:
    """Draw a red file, its left half transparent or not."""
    image = Image.new("RGBA", (width, height), (255, 0, 0, 255))
    if clear:
        image.paste((255, 0, 0, 0), (0, 0, width // 2, height))
    file = io.BytesIO()
    (image if kind == "PNG" else image.convert("RGB")).save(file, kind)
    return file.getvalue()


GOOD, OPAQUE = picture(), picture(clear=False)


def body(**fields: object) -> tuple[str, Mapping[str, Any]]:
    """Return path and options of a generation; the prompt and the smallest size are filled in unless given."""
    return GENERATIONS, {"json": {"prompt": PROMPT, "size": SMALL} | fields}


def edit(files: Mapping[str, bytes], **fields: str) -> tuple[str, Mapping[str, Any]]:
    """Return path and options of an edit."""
    return EDITS, {"data": {"prompt": PROMPT, "size": SMALL} | fields, "files": files}


def vary(files: Mapping[str, bytes], **fields: str) -> tuple[str, Mapping[str, Any]]:
    """Return path and options of a variation."""
    return VARIATIONS, {"data": {"size": SMALL} | fields, "files": files}


@pytest.fixture(name="server", scope="module")
def running() -> Generator[httpx.Client]:
    with second.serve(second.create_app()) as url, httpx.Client(base_url=url) as client:
        yield client


def open_item(item: Mapping[str, str]) -> Image.Image:
    """Fetch or decode an image of an answer."""
    content = httpx.get(item["url"]).content if "url" in item else base64.b64decode(item["b64_json"], validate=True)
    with Image.open(io.BytesIO(content)) as image:
        return image.convert("RGBA")


def test_it_shares_no_code_with_the_reference_or_the_suite() -> None:
    theirs = ("conformance.reference", "conformance.suite", "jsonschema", "starlette", "python_multipart", "yaml")
    code = f"import sys, conformance.mutants.second\nprint([name for name in {theirs} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - this very interpreter
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("request_", "accepted"),
    [
        (body(), True),
        (body(prompt=None), False),
        (body(prompt=OTTER * 1000), True),
        (body(prompt=OTTER * 1001), False),
        (body(prompt=OTTER * 4000, model="dall-e-3", size="1024x1024"), True),
        (body(prompt=OTTER * 4001, model="dall-e-3", size="1024x1024"), False),
        (body(prompt=OTTER * 4001, model="sdxl"), True),
        (body(n=2), True),
        (body(n=2, model="dall-e-3", size="1024x1024"), False),
        (body(n=2.0), True),
        (body(n=11), False),
        (body(n="1"), False),
        (body(n=True), False),
        (body(n=None, size=None, style=None, response_format=None), True),
        (body(quality=None), False),
        (body(user=None), False),
        (body(size="1792x1024"), False),
        (body(size="1792x1024", model="sdxl"), True),
        (body(style="vivid"), False),
        (body(style="vivid", model="dall-e-3", size="1024x1024"), True),
        (body(model=7), False),
        (edit({"image": GOOD}), True),
        (edit({"image": OPAQUE}), False),
        (edit({"image": OPAQUE, "mask": GOOD}), True),
        (edit({"image": GOOD, "mask": picture(64, 64)}), False),
        (edit({"image": picture(64, 32)}), False),
        (edit({"mask": GOOD}), False),
        (edit({"image": GOOD}, prompt=OTTER * 1001), False),
        (edit({"image": GOOD}, model="sdxl"), True),
        (edit({"image": GOOD}, model="dall-e-3"), False),
        (vary({"image": OPAQUE}), True),
        (vary({"image": picture(kind="JPEG")}), False),
        (vary({"image": GOOD[: len(GOOD) // 2]}), False),
        (vary({"image": GOOD}, n="one"), False),
        (vary({"image": GOOD}, size="null"), False),
    ],
)
def test_both_servers_accept_and_refuse_alike(
    server: httpx.Client,
    request_: tuple[str, Mapping[str, Any]],
    accepted: bool,  # noqa: FBT001 - a column of the table
) -> None:
    path, options = request_
    answers = (server.post(path, **options), send(CORRECT, "POST", BASE + path, **options))
    assert [answer.is_success for answer in answers] == [accepted, accepted], [answer.text for answer in answers]
    if not accepted:
        # Both blame the same parameter.
        assert len({answer.json()["error"]["param"] for answer in answers}) == 1


@pytest.mark.parametrize("form", ["url", "b64_json"])
@pytest.mark.parametrize("size", ["256x256", "1024x1024", "1792x1024", "1024x1792"])
def test_a_generation_has_the_asked_size_and_number(server: httpx.Client, size: str, form: str) -> None:
    path, options = body(model="sdxl", n=2, size=size, response_format=form)
    items = server.post(path, **options).json()["data"]
    assert [list(item) for item in items] == [[form], [form]]
    assert ["{}x{}".format(*open_item(item).size) for item in items] == [size, size]


@pytest.mark.parametrize("request_", [edit, vary])
def test_an_upload_of_another_size_is_scaled(server: httpx.Client, request_: Any) -> None:  # noqa: ANN401 - edit or vary
    path, options = request_({"image": picture(64, 64)}, size="512x512", n="3")
    items = server.post(path, **options).json()["data"]
    assert [open_item(item).size for item in items] == [(512, 512)] * 3


def test_an_edit_changes_the_transparent_area_alone(server: httpx.Client) -> None:
    path, options = edit({"image": OPAQUE, "mask": GOOD})
    image = open_item(server.post(path, **options).json()["data"][0])
    assert image.getpixel((200, 100)) == (255, 0, 0, 255)
    left = image.crop((0, 0, 128, 256))
    assert (left.getcolors(maxcolors=256) or [(0, None)]) != [(128 * 256, (255, 0, 0, 255))]


@pytest.mark.parametrize("sent", ["", KEY, "Bearer", f"Basic {KEY}", "Bearer sk-wrong"])
def test_a_key_is_asked_for_where_there_is_one(sent: str) -> None:
    path, options = body()
    with second.serve(second.create_app(KEY)) as url:
        refused = httpx.post(url + path, headers={"Authorization": sent}, **options)
        accepted = httpx.post(url + path, headers={"Authorization": f"Bearer {KEY}"}, **options)
        # The URL of an image is all that is needed to see it.
        assert open_item(accepted.json()["data"][0]).size == (256, 256)
    assert refused.status_code == 401


@pytest.mark.parametrize(
    ("path", "content_type", "content"),
    [
        (GENERATIONS, JSON, b""),
        (GENERATIONS, JSON, b'{"prompt": "' + b"\xff" + b'"}'),
        (GENERATIONS, JSON, b'{"prompt": "\\ud83e"}'),
        (GENERATIONS, JSON, b'{"prompt": "otter", "n": ' + b"9" * 5000 + b"}"),
        (GENERATIONS, JSON, b'{"prompt": "otter", "n": 1e999}'),
        (GENERATIONS, JSON, b'{"prompt": ' + b"[" * 50_000),
        (GENERATIONS, JSON, b" " * (17 * 1024 * 1024)),
        (GENERATIONS, "text/plain", b'{"prompt": "otter"}'),
        (EDITS, "multipart/form-data", b"--x--\r\n"),
        (EDITS, FORM, b""),
        (EDITS, FORM, b"--x--\r\n"),
        (EDITS, FORM, b'--x\r\nContent-Disposition: form-data; name="image"\r\n\r\n' + GOOD),
        (EDITS, FORM, b"--x\r\nContent-Disposition: nonsense\r\n\r\n\r\n--x--\r\n"),
        (EDITS, FORM, b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y--\r\n--x--\r\n"),
        (EDITS, FORM, b"--x\r\n" + b"A" * 100_000 + b"\r\n\r\n--x--\r\n"),
        (f"{GENERATIONS}/more", JSON, b"{}"),
    ],
)
def test_hostile_requests_are_refused(server: httpx.Client, path: str, content_type: str, content: bytes) -> None:
    answer = server.post(path, content=content, headers={"Content-Type": content_type})
    assert 400 <= answer.status_code < 500
    assert sorted(answer.json()["error"]) == ["code", "message", "param", "type"]


def test_a_compressed_body_is_not_unpacked(server: httpx.Client) -> None:
    answer = server.post(GENERATIONS, content=b"no gzip", headers={"Content-Type": JSON, "Content-Encoding": "gzip"})
    assert answer.status_code == 415


def test_a_png_file_is_refused_wherever_it_is_cut_off_or_changed() -> None:
    file = picture(8, 8)
    assert png.read(file).size == (8, 8)
    changed = [file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :] for at in range(len(file))]
    for broken in (*(file[:at] for at in range(len(file))), *changed, file + b"\0"):
        with pytest.raises(png.NotPngError):
            png.read(broken)
