"""A server hides the key in whatever it sends: nothing that is written or printed shows it, however it is read."""

import base64
import contextlib
import gzip
import html
import io
import json
import re
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator
from functools import reduce
from pathlib import Path
from typing import cast
from urllib.parse import quote

import attrs
import httpx
import pytest
from hypothesis import Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from rich.console import Console

from conformance import CONTRACT
from conformance.reference import Behaviour, Order, create_app
from conformance.reference.drawing import paint
from conformance.selftest.suite.runs import URL, always, prepared_for, run_on, settings
from conformance.suite import run
from conformance.suite.exchange import recording
from conformance.suite.images import IMAGES
from conformance.suite.report import items, pages, record, report, terminal
from conformance.suite.report.report import Result
from conformance.suite.sending import redaction
from conformance.suite.settings import Target

KEYS = ("sk-3vQz_8-rTq1LxWm0aYpN7bKc", "a/b+c=d\"e'<f>&g==", "9021041777", "image-otter", "hunter2!")
ROUTE = "tok-Zr0Qx81LkV"
ONLY = ("accepted", "user/accepted", "response/created/type", "response/data/items/*", "error/*")
Disguise = Callable[[str], str]


def _each(form: str) -> Disguise:
    return lambda text: "".join(form.format(ord(character)) for character in text)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("latin-1")).decode()


DISGUISES: dict[str, Disguise] = {
    "nothing": str,
    "JSON": _each("\\u{:04x}"),
    "JSON in capitals": _each("\\u{:04X}"),
    "a program": _each("\\x{:02x}"),
    "percents": _each("%{:02X}"),
    "percents in small letters": _each("%{:02x}"),
    "some percents": lambda text: quote(text, safe=""),
    "HTML": html.escape,
    "HTML in decimals": _each("&#{};"),
    "HTML in decimals with zeros": _each("&#00{}"),
    "HTML in hexadecimals": _each("&#x{:x};"),
    "mail": _each("={:02X}"),
    "RFC 2047": lambda text: f"=?utf-8?b?{_base64(text)}?=",
    "RFC 2047 in parts": lambda text: f"=?utf-8?B?{_base64(text[:5])}?= =?utf-8?B?{_base64(text[5:])}?=",
    "RFC 2047 quoted": lambda text: f"=?utf-8?q?{_each('={:02x}')(text)}?=",
    "RFC 8187": lambda text: f"filename*=UTF-8''{quote(text, safe='')}",
    "UTF-16": lambda text: "\0".join(text) + "\0",
    "UTF-32": lambda text: "\0\0\0" + "\0\0\0".join(text),
    "base64": _base64,
    "base64 of a header": lambda text: _base64(f"Authorization: Bearer {text}"),
    "base64 behind a word": lambda text: _base64(f"x {text}").rstrip("="),
    "base64 in a path": lambda text: f"files/{_base64(text)}",
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode("latin-1")).decode(),
    "base64 in lines": lambda text: "\n".join(re.findall(".{1,16}", _base64(text))),
    "hexadecimals": _each("{:02x}"),
    "hexadecimals apart": _each("{:02X} "),
}
IN_PARTS = ("RFC 2047 in parts", "base64 in lines", "hexadecimals apart")
"""Disguises of which no piece shows anything by itself, so that all of the text is cut out."""


def noted(text: str, *, packed: bool) -> bytes:
    """Return a PNG file with a text beside the image (PNG, section 11.3.3)."""
    file = io.BytesIO()
    Image.new("RGB", (256, 256)).save(file, "PNG")
    said = b"Comment\0" + (b"\0" + zlib.compress(text.encode("latin-1")) if packed else text.encode("latin-1"))
    content = (b"zTXt" if packed else b"tEXt") + said
    chunk = struct.pack(">I", len(said)) + content + struct.pack(">I", zlib.crc32(content))
    return file.getvalue()[:-12] + chunk + file.getvalue()[-12:]


def _as_json(text: str) -> bytes:
    return json.dumps({"error": {"message": text, text: 1, "code": [text]}}).encode()


BODIES: dict[str, Callable[[str], httpx.Response]] = {
    "JSON": lambda text: httpx.Response(400, content=_as_json(text)),
    "JSON all escaped": lambda text: httpx.Response(400, content=f'{{"error": "{_each(chr(92) + "u{:04x}")(text)}"}}'),
    "UTF-16": lambda text: httpx.Response(400, content=_as_json(text).decode().encode("utf-16")),
    "UTF-16 without a mark": lambda text: httpx.Response(400, content=_as_json(text).decode().encode("utf-16-be")),
    "UTF-32": lambda text: httpx.Response(400, content=_as_json(text).decode().encode("utf-32-le")),
    "UTF-16 at an odd place": lambda text: httpx.Response(400, content=b"\xff\xfex" + text.encode("utf-16-le")),
    "text": lambda text: httpx.Response(400, content=text.encode("latin-1")),
    "Latin-1": lambda text: httpx.Response(400, content=f"caf\xe9 {text}".encode("latin-1")),
    "a page": lambda text: httpx.Response(400, html=f"<p title='{text}'>No, {text}.</p>"),
    "gzip": lambda text: httpx.Response(
        400, headers={"content-encoding": "gzip"}, content=gzip.compress(_as_json(text))
    ),
    "a gzip file": lambda text: httpx.Response(400, content=gzip.compress(text.encode("latin-1"))),
    "the reason": lambda text: httpx.Response(400, extensions={"reason_phrase": text.encode("latin-1")}),
}


@attrs.frozen
class Hidden:
    """How a secret is hidden in each place of what a server sends."""

    body: str
    packed: bool
    texts: tuple[str, ...]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        refusal, header, path, query, user, created, name, prompt, file, image = self.texts
        if request.method == "GET":
            return httpx.Response(
                200, content=noted(file, packed=self.packed) if self.packed else file.encode("latin-1")
            )
        if b'"user"' in request.content:
            answer = BODIES[self.body](refusal)
            answer.headers["x-echo"] = header
            return answer
        if b"b64_json" in request.content:
            content = base64.b64encode(noted(image, packed=False)).decode()
            return httpx.Response(200, json={"created": created, "data": [{"b64_json": content, name: 1}]})
        urls = f"http://i.test/{path}/1.png", f"http://i.test/2.png?sig={query}", f"http://{user}@i.test/3.png"
        data = [{"url": url, "revised_prompt": [prompt]} for url in urls]
        return httpx.Response(200, headers=[(b"x-" + name.encode("latin-1"), b"1")], json={"created": 1, "data": data})


def everything(made: Result, out: Path) -> Iterator[str]:
    """Write all that a run writes, and yield it, and what is printed, as text."""
    built = report.build(made)
    record.write(built, out)
    pages.write(built, made.shown, made.prepared, out)
    items.write(built, out / "junit.xml")
    screen = io.StringIO()
    for verbose in (False, True):
        console = Console(file=screen, width=200, highlight=False, markup=False)
        terminal.summary(console, built, CONTRACT, out, verbose=verbose)
    yield screen.getvalue()
    for file in sorted(out.rglob("*")):
        if file.is_file():
            yield file.read_bytes().decode("latin-1")


def strings(node: object) -> Iterator[str]:
    """Yield every string of a JSON value, the names of members among them."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for name, member in cast("dict[str, object]", node).items():
            yield from (name, *strings(member))
    elif isinstance(node, list):
        for item in cast("list[object]", node):
            yield from strings(item)


def readings(text: str, seen: set[str], depth: int = 5) -> Iterator[str]:
    """Yield a text, and what is in it as JSON, as a page, as base64, and in UTF-16 or UTF-32, one within the other."""
    if text in seen or depth < 0:
        return
    seen.add(text)
    yield text
    found = [html.unescape(text), text.replace("\0", "")]
    for line in text.split("\n"):
        with contextlib.suppress(ValueError):
            found += strings(json.loads(line))
    for token in re.findall(r"[0-9A-Za-z+/]{8,}={0,2}", text):
        with contextlib.suppress(ValueError):
            found.append(base64.b64decode(token, validate=True).decode("latin-1"))
    for one in found:
        yield from readings(one, seen, depth - 1)


def shown(text: str, secret: str) -> bool:
    return any(secret.lower() in reading.lower() for reading in readings(text, set()))


@pytest.mark.parametrize("name", DISGUISES)
def test_each_disguise_is_seen_through_and_what_stands_beside_it_stays(name: str) -> None:
    for key in (*KEYS, "files"):
        cut = redaction.of(Target(URL, key))
        kept = cut.text(f"100% of it: {DISGUISES[name](key)} &c.")
        assert not shown(kept, key)
        assert DISGUISES[name](key) not in kept
        if key == KEYS[0] and name not in IN_PARTS:
            assert (kept.startswith("100% of it: "), kept.endswith(" &c.")) == (True, True)


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("key", KEYS)
def test_each_body_is_kept_without_the_secret(name: str, key: str) -> None:
    body = BODIES[name](key).content
    kept = redaction.of(Target(URL, key)).body(body)
    assert not shown(kept.decode("latin-1"), key)
    assert (kept == body) is (name == "the reason")


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("text", [KEYS[0], _each("&#{};")(KEYS[0])])
def test_an_image_stays_what_it_is_without_the_text_beside_it(text: str, *, packed: bool) -> None:
    cut = redaction.of(Target(URL, KEYS[0]))
    file = noted(f"It is {text}.", packed=packed)
    kept = cut.body(file)
    assert (len(kept), kept != file) == (len(file), True)
    with Image.open(io.BytesIO(kept)) as image:
        image.load()
        assert (image.format, image.size, dict(image.info)) == ("PNG", (256, 256), {})
    body = json.dumps({"b64_json": base64.b64encode(file).decode()}).encode()
    assert json.loads(cut.body(body)) == {"b64_json": base64.b64encode(kept).decode()}
    assert cut.body(kept) is kept


@pytest.mark.parametrize("name", ["hexadecimals", "base64 in a path"])
def test_a_long_base64_may_say_more_than_its_bytes(name: str) -> None:
    text = f"{'A' * 301}{DISGUISES[name](KEYS[0]).rstrip('=')}"
    text += "A" * (-len(text) % 4)
    body = json.dumps({"b64_json": text}).encode()
    assert b"REDACTED" in redaction.of(Target(URL, KEYS[0])).body(body)


def test_much_text_is_kept_without_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_MUCH", 100)
    body = json.dumps({"data": ["%41 &#x41; " * 20, _base64(KEYS[0])], "error": _each("&#{};")(KEYS[0])}).encode()
    for kept in map(redaction.of(Target(URL, KEYS[0])).body, (body, body * 2)):
        assert not shown(kept.decode("latin-1"), KEYS[0])


def test_a_comment_in_another_image_is_written_over() -> None:
    file = io.BytesIO()
    Image.new("RGB", (256, 256)).save(file, "JPEG", comment=f"It is {KEYS[0]}.")
    kept = redaction.of(Target(URL, KEYS[0])).body(file.getvalue())
    with Image.open(io.BytesIO(kept)) as image:
        image.load()
        assert image.info["comment"] == b"It is REDACTEDREDACTEDREDACTEDRED."


def test_images_with_the_key_in_them_are_judged_again_as_they_were(tmp_path: Path) -> None:
    def draw(order: Order, index: int) -> bytes:
        file = paint(order, index)
        said = io.BytesIO()
        info = PngInfo()
        info.add_text("Comment", KEYS[0])
        file.save(said, "PNG", pnginfo=info)
        return said.getvalue()

    app = create_app(Behaviour(draw=draw, api_key=KEYS[0]))
    chosen = attrs.evolve(settings("createImage/response/*"), target=Target(URL, KEYS[0]), out=tmp_path)
    made = run_on(httpx.ASGITransport(app), chosen, tmp_path / run.RECORDING)
    assert {verdict.outcome for verdict in made.verdicts} <= {"pass", "unsupported"}
    again = run.result_of(chosen, prepared_for(made), recording.read(tmp_path / run.RECORDING, IMAGES.contents))
    assert again.verdicts == made.verdicts
    assert not shown((tmp_path / run.RECORDING).read_text(encoding="utf-8"), KEYS[0])


@pytest.mark.parametrize("text", ["the images of n=10 & 5%3A, \\u0041", "aW1hZ2Vz and images", "images of &amp; 20%25"])
def test_words_of_the_suite_stay_where_a_word_in_them_is_a_secret(text: str) -> None:
    assert redaction.of(Target(URL, "images")).words(text) == text


DISGUISED = st.lists(st.sampled_from(sorted(DISGUISES)), min_size=1, max_size=2)
PLACES = st.tuples(*[DISGUISED] * 10)


@given(st.sampled_from((*KEYS, ROUTE)), st.sampled_from(sorted(BODIES)), st.booleans(), PLACES)
@hypothesis_settings(max_examples=8, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
def test_a_secret_is_read_in_nothing_that_is_written(
    secret: str,
    body: str,
    packed: bool,  # noqa: FBT001 - generated
    places: tuple[list[str], ...],
) -> None:
    target = Target(URL, secret if secret != ROUTE else KEYS[0], {"x-api-token": ROUTE})
    texts = tuple(reduce(lambda text, name: DISGUISES[name](text), names, secret) for names in places)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        chosen = attrs.evolve(settings(*(f"createImage/{rule}" for rule in ONLY)), target=target, out=out)
        made = run_on(always(Hidden(body, packed, texts)), chosen, out / run.RECORDING)
        written = list(everything(made, out))
        again = recording.read(out / run.RECORDING, IMAGES.contents)
        assert run.result_of(chosen, prepared_for(made), again).verdicts
    assert re.search("REDACTED|1111111111", "".join(written))
    seen: set[str] = set()
    for text in written:
        for reading in readings(text, seen):
            assert secret.lower() not in reading.lower()
