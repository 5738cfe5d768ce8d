"""Each stated rule about answers, with right and wrong answers as data."""

import base64
import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from attrs import evolve
from PIL import Image

from conformance.selftest.suite.runs import rules
from conformance.suite.exchange.recording import OUT_OF_REACH, Answer, Exchange, Fetch
from conformance.suite.exchange.request import Request
from conformance.suite.exchange.view import CouldNotTell, View
from conformance.suite.images.files import AS_ASKED
from conformance.suite.images.pictures import Picture, png
from conformance.suite.verdicts.evidence import findings

NOW = 1_700_000_000.0
URL = "http://i.test/1.png"
DAY = 24 * 60 * 60
RULES = {rule.id: rule for rule in rules()}
RIGHT, APART = "right", "does not apply"

SMALL = Picture(256, 256).encode()
WIDE = Picture(256, 128).encode()
LARGE = Picture(1024, 1024).encode()
JPEG = Picture(256, 256, image_format="JPEG").encode()
OPTIONAL = ("url", "b64_json", "revised_prompt")
# Bytes whose base64 holds both characters in which the two alphabets differ.
ODD = base64.b64encode(b"\xfb\xff\xfe" + SMALL).decode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def url(*_: object) -> dict[str, object]:
    return {"url": URL}


def answered(body: object, fetched: Mapping[str, Answer | str] | None = None, **fields: object) -> View:
    """Make a view of a valid request's answer with this body; a text in place of a fetched answer is why it failed."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = Answer(200, (("content-type", "application/json"),), content)
    fetches = tuple(
        Fetch(at, None, got) if isinstance(got, str) else Fetch(at, got) for at, got in (fetched or {}).items()
    )
    return View(Exchange("a", Request("createImage", fields), valid=True, answer=answer, fetches=fetches), NOW)


def data(*items: object) -> dict[str, object]:
    return {"created": int(NOW), "data": list(items)}


def outcome(rule: str, view: View) -> str:
    """Return what a rule of createImage says of an answer: right, does not apply, or its first finding."""
    return said(f"createImage/{rule}", view)


@pytest.mark.parametrize(
    "rule", [*(f"response/data/items/{name}" for name in ("url/fetchable", "url/image", "dimensions")), "size/default"]
)
def test_a_host_that_is_out_of_reach_decides_nothing(rule: str) -> None:
    asked = {"size": "256x256"} if rule.endswith("dimensions") else {}
    lost: dict[str, Answer | str] = {URL: f"{OUT_OF_REACH}: Name or service not known"}
    with pytest.raises(CouldNotTell, match=r"^could not be fetched from here: Name or service not known$"):
        outcome(rule, answered(data(url()), lost, **asked))
    beside = answered(
        data(url(), {"url": "http://other.test/1"}), {**lost, "http://other.test/1": Answer(404, (), b"")}
    )
    if rule.endswith("fetchable"):
        assert outcome(rule, beside) == "GET data[1].url without the key: status 404"


def said(rule: str, view: View) -> str:
    found = findings(RULES[rule], view)
    return APART if found is None else found[0] if found else RIGHT


def image(content: bytes, status: int = 200) -> dict[str, Answer | str]:
    return {URL: Answer(status, (), content)}


NO_TIMES: list[object] = [None, "1589478378", 1589478378.5, True, [], {}]
ANSWERS: list[tuple[str, View, str]] = [
    # The body as such.
    ("response/json", answered(data(url())), RIGHT),
    *(
        ("response/json", answered(body), f"the body is not JSON: {fault}")
        for body, fault in {
            b"": "it is empty",
            b" \n": "it is empty",
            b"<html>": "line 1, column 1: Expecting value; it begins with <html>",
            b'{"a": 1,\n"b": }': """line 2, column 6: Expecting value; it begins with {"a": 1, "b": }""",
            b"x" * 61: f"line 1, column 1: Expecting value; it begins with {'x' * 59}…",
            b'{"created": NaN, "data": []}': 'NaN is no number in JSON; it begins with {"created": NaN',
            b'{"created": Infinity}': "Infinity is no number in JSON; it begins with",
            b'{"a": 1} {"b": 2}': "line 1, column 10: Extra data; it begins with",
            b'{"a": "\xff"}': "'utf-8' codec can't decode byte 0xff in position 7: invalid start byte; it begins",
            b"9" * 5000: "Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits; it",
            b"[" * 100_000: "it is nested too deep; it begins with [[[",
        }.items()
    ),
    ("response/json", answered(b"null"), RIGHT),
    ("response/type", answered([url()]), "the body"),
    ("response/type", answered(None), "the body"),
    ("response/type", answered(b"oops"), APART),
    # created
    ("response/created/required", answered({"data": []}), "created is missing"),
    ("response/created/required", answered(data()), RIGHT),
    *(("response/created/type", answered({"created": wrong, "data": []}), "created") for wrong in NO_TIMES),
    ("response/created/type", answered(data()), RIGHT),
    *(("response/created/recent", answered({"created": NOW + off}), RIGHT) for off in (0, DAY, -DAY)),
    ("response/created/recent", answered({"created": NOW * 1000}), "created is"),
    ("response/created/recent", answered({"created": 0}), "created is"),
    ("response/created/recent", answered({"created": -1e300}), "created is"),
    ("response/created/recent", answered(b'{"created": 1e999}'), "created is"),
    *(("response/created/recent", answered({"created": none}), APART) for none in (None, "now", True)),
    # data
    ("response/data/required", answered({"created": 1}), "data is missing"),
    ("response/data/type", answered({"data": None}), "data"),
    ("response/data/type", answered({"data": {"url": URL}}), "data"),
    ("response/data/items/type", answered(data(url(), URL)), "data[1]"),
    ("response/data/items/url/type", answered(data({"url": ["a"]})), "data[0].url"),
    ("response/data/items/b64_json/type", answered(data({"b64_json": 7})), "data[0].b64_json"),
    ("response/data/items/revised_prompt/type", answered(data(url())), APART),
    # null in place of an optional member
    *((f"response/data/items/{name}/type", answered(data({name: None})), APART) for name in OPTIONAL),
    *(
        (f"response/data/items/{name}/null", answered(data({name: None})), f"data[0].{name} is null")
        for name in OPTIONAL
    ),
    *((f"response/data/items/{name}/null", answered(data({name: "otter"}, {})), RIGHT) for name in OPTIONAL),
    ("response/data/items/url/type", answered(data({"url": None}, {"url": 7})), "data[1].url is 7"),
    ("response/data/items/url/null", answered(data()), APART),
    ("response/data/items/url/null", answered(b"<html>"), APART),
    ("response/data/type", answered({"created": 1, "data": None}), "data is null"),
    # how many
    ("response/data/count", answered(data(url(), url()), n=2), RIGHT),
    ("response/data/count", answered(data(url()), n=2), "1 item where 2 were due"),
    ("response/data/count", answered(data(), n=1), "0 items"),
    ("response/data/count", answered(data(url())), APART),
    ("response/data/count", answered({"data": 5}, n=1), APART),
    ("n/default", answered(data(url())), RIGHT),
    ("n/default", answered(data(url()), n=None), RIGHT),
    ("n/default", answered(data(url(), url())), "2 items where 1 was due"),
    ("n/default", answered(data(url()), n=1), APART),
    # in which form
    ("response_format/honoured", answered(data(url()), response_format="url"), RIGHT),
    ("response_format/honoured", answered(data({"b64_json": ODD}), response_format="b64_json"), RIGHT),
    ("response_format/honoured", answered(data({"b64_json": ODD}), response_format="url"), "no url"),
    ("response_format/honoured", answered(data(url()), response_format="b64_json"), "no b64_json"),
    ("response_format/honoured", answered(data({}), response_format="url"), "no url"),
    ("response_format/honoured", answered(data({"url": None}), response_format="url"), "no url"),
    ("response_format/honoured", answered(data({"url": URL, "b64_json": ODD}), response_format="url"), "beside url"),
    ("response_format/honoured", answered(data({"url": URL, "b64_json": None}), response_format="url"), RIGHT),
    ("response_format/honoured", answered(data(url(), {}), response_format="url"), "data[1]"),
    ("response_format/honoured", answered(data({"url": None}), response_format="url"), "it has []"),
    ("response_format/honoured", answered(data({"url": URL, "b64_json": ODD})), "b64_json beside url"),
    ("response_format/honoured", answered(data(url())), RIGHT),
    ("response_format/honoured", answered(data({"b64_json": ODD})), RIGHT),
    ("response_format/default", answered(data({"url": URL, "b64_json": ODD})), RIGHT),
    ("response_format/default", answered(data({"url": None, "b64_json": ODD})), "no url"),
    ("response_format/default", answered(data(url())), RIGHT),
    ("response_format/default", answered(data(url()), response_format=None), RIGHT),
    ("response_format/default", answered(data({"b64_json": ODD})), "no url"),
    # the URL
    ("response/data/items/url/absolute", answered(data(url())), RIGHT),
    *(
        ("response/data/items/url/absolute", answered(data({"url": wrong})), "data[0].url is")
        for wrong in (
            "",
            "/1.png",
            "1.png",
            "//i.test/1.png",
            "data:image/png;base64,AA",
            "file:///1",
            "http://",
            "http://[",
        )
    ),
    ("response/data/items/url/absolute", answered(data({"b64_json": ODD})), APART),
    ("response/data/items/url/fetchable", answered(data(url()), image(SMALL)), RIGHT),
    ("response/data/items/url/fetchable", answered(data(url()), {URL: "no connection"}), "no connection"),
    *(
        ("response/data/items/url/fetchable", answered(data(url()), image(b"", code)), f"status {code}")
        for code in (302, 401, 404, 500)
    ),
    (
        "response/data/items/url/fetchable",
        View(
            evolve(answered(data(url())).exchange, fetches=(Fetch(URL, Answer(302, (), b""), "too many redirects"),)),
            NOW,
        ),
        "GET data[0].url without the key: status 302, too many redirects",
    ),
    ("response/data/items/url/fetchable", answered(data(url())), APART),
    ("response/data/items/url/image", answered(data(url()), image(SMALL)), RIGHT),
    ("response/data/items/url/image", answered(data(url()), image(JPEG)), RIGHT),
    ("response/data/items/url/image", answered(data(url()), image(b"<html>")), "not a decodable image"),
    ("response/data/items/url/image", answered(data(url()), image(SMALL[:-300])), "not a decodable image"),
    ("response/data/items/url/image", answered(data(url()), image(b"")), "not a decodable image"),
    ("response/data/items/url/image", answered(data(url()), image(b"", 404)), APART),
    # base64
    ("response/data/items/b64_json/base64", answered(data({"b64_json": ODD})), RIGHT),
    *(
        ("response/data/items/b64_json/base64", answered(data({"b64_json": wrong})), "not base64")
        for wrong in (
            ODD.replace("+", "-").replace("/", "_"),
            b64(SMALL + b"x" * ((1 - len(SMALL)) % 3)).rstrip("=") + "A",
            b64(b"a").rstrip("="),
            f"data:image/png;base64,{ODD}",
            base64.encodebytes(SMALL).decode(),
            ODD + "\n",
            f" {ODD}",
            f"{ODD[:8]}={ODD[8:]}",
            "caf\xe9",
            "\ud83e",
        )
    ),
    (
        "response/data/items/b64_json/base64",
        answered(data({"b64_json": "-" * 25})),
        f'data[0].b64_json is not base64: Only base64 data is allowed; it begins with "{"-" * 23}…"',
    ),
    ("response/data/items/b64_json/base64", answered(data(url())), APART),
    ("response/data/items/b64_json/image", answered(data({"b64_json": b64(SMALL)})), RIGHT),
    ("response/data/items/b64_json/image", answered(data({"b64_json": b64(b"text")})), "not a decodable image"),
    ("response/data/items/b64_json/image", answered(data({"b64_json": b64(SMALL[:-300])})), "not a decodable image"),
    ("response/data/items/b64_json/image", answered(data({"b64_json": ""})), "not a decodable image"),
    ("response/data/items/b64_json/image", answered(data({"b64_json": "-_"})), APART),
    # how large
    ("response/data/items/dimensions", answered(data(url()), image(SMALL), size="256x256"), RIGHT),
    ("response/data/items/dimensions", answered(data({"b64_json": b64(SMALL)}), size="256x256"), RIGHT),
    ("response/data/items/dimensions", answered(data(url()), image(WIDE), size="256x256"), "256x128 where 256x256"),
    ("response/data/items/dimensions", answered(data(url()), image(LARGE), size="256x256"), "1024x1024 where 256x256"),
    ("response/data/items/dimensions", answered(data(url()), image(b"no"), size="256x256"), APART),
    ("response/data/items/dimensions", answered(data(url()), image(SMALL)), APART),
    ("size/default", answered(data(url()), image(LARGE)), RIGHT),
    ("size/default", answered(data(url()), image(LARGE), size=None), RIGHT),
    ("size/default", answered(data(url()), image(SMALL)), "256x256 where 1024x1024"),
    # one after the other
    ("response/data/items/distinct", answered(data({"url": "http://a"}, {"url": "http://b"})), RIGHT),
    ("response/data/items/distinct", answered(data(url(), url())), "data[1] is the same as data[0]"),
    ("response/data/items/distinct", answered(data(url())), APART),
]


@pytest.mark.parametrize(("rule", "view", "expected"), ANSWERS)
def test_answer(rule: str, view: View, expected: str) -> None:
    found = outcome(rule, view)
    assert expected in found
    assert (found == RIGHT) is (expected == RIGHT)
    assert found.isprintable()
    assert len(found) < 300


def refused(status: int, body: bytes, content_type: str = "application/json") -> View:
    answer = Answer(status, (("Content-Type", content_type),), body)
    return View(Exchange("a", Request("createImage", {"prompt": "otter", "n": 0}), valid=False, answer=answer), NOW)


def error(**parts: Any) -> bytes:  # noqa: ANN401 - whatever a server may put there
    whole = {"message": "No.", "type": "invalid_request_error", "param": "n", "code": None}
    return json.dumps({"error": {**whole, **parts}}).encode()


@pytest.mark.parametrize(
    ("rule", "view", "expected"),
    [
        ("error/error/message/type", refused(400, error()), RIGHT),
        ("error/error/message/type", refused(400, error(message=None)), "error.message"),
        ("error/error/param/type", refused(400, error(param=None)), RIGHT),
        ("error/error/param/type", refused(400, error(param=5)), "error.param"),
        ("error/error/required", refused(400, b'{"detail": "No."}'), "error is missing"),
        ("error/error/type", refused(400, b'{"error": "No."}'), "error is"),
        ("error/type", refused(400, b"[]"), "the body"),
        ("error/type", refused(400, b"<html>"), APART),
        ("error/status", refused(400, error()), RIGHT),
        ("error/status", refused(422, error()), "422"),
        ("error/error/param/names", refused(400, error()), RIGHT),
        ("error/error/param/names", refused(400, error(param="size")), "where n is wrong"),
        ("error/error/param/names", refused(400, b"[]"), APART),
        ("error/error/param/names", refused(400, b'{"error": {"message": "No."}}'), APART),
        ("response/type", refused(400, b"[]"), APART),
        ("response/status", refused(400, error()), APART),
        ("response/json", refused(400, b"<html>"), APART),
        ("response/content-type", refused(400, b"", "text/html"), APART),
    ],
)
def test_refusal(rule: str, view: View, expected: str) -> None:
    assert expected in outcome(rule, view)


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", RIGHT),
        ("application/json; charset=utf-8", RIGHT),
        ("Application/JSON", RIGHT),
        ("text/json", "text/json"),
        ("text/html", "text/html"),
        ("", 'the media type is ""'),
        ("\x1b[31m", "\\u001b"),
    ],
)
def test_content_type(content_type: str, expected: str) -> None:
    answer = Answer(200, (("CONTENT-TYPE", content_type),), b"{}")
    view = View(Exchange("a", Request("createImage", {}), valid=True, answer=answer), NOW)
    assert expected in outcome("response/content-type", view)


@pytest.mark.parametrize(("status", "expected"), [(200, RIGHT), (201, "201"), (202, "202"), (302, "302"), (400, APART)])
def test_status(status: int, expected: str) -> None:
    view = View(Exchange("a", Request("createImage", {}), valid=True, answer=Answer(status, (), b"")), NOW)
    assert expected in outcome("response/status", view)


@pytest.mark.parametrize(
    ("content", "expected"),
    [(AS_ASKED.encode(), RIGHT), (SMALL, RIGHT), (Picture(256, 256, image_format="JPEG").encode(), RIGHT)],
)
def test_an_edit_that_keeps_what_the_mask_covers(content: bytes, expected: str) -> None:
    assert edited(content) == expected


def test_an_edit_that_changes_what_the_mask_covers() -> None:
    assert "outside the transparent area" in edited(_black())


def test_an_edit_of_another_size_can_not_be_compared() -> None:
    assert edited(LARGE) == APART


def _black() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (256, 256)).save(file, "PNG")
    return file.getvalue()


def edited(content: bytes) -> str:
    fields = {"image": png(Picture(256, 256)), "mask": AS_ASKED, "size": "256x256"}
    view = answered(data(url()), image(content), **fields)
    return said("createImageEdit/mask/honoured", view)
