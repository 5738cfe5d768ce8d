"""Bounds: what is beyond one is not looked at and said so, and what a correct server sends is never beyond one."""

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from attrs import evolve

from conformance.selftest.hostile.server import Asked, answered, http, pictures, serving, trickled
from conformance.selftest.suite.runs import KEY, always, by_rule, contract, run_on, settings
from conformance.suite.exchange import bounds
from conformance.suite.exchange.codec import CODEC
from conformance.suite.exchange.held import Held, hold, taken
from conformance.suite.exchange.recording import Answer, Exchange
from conformance.suite.exchange.request import Request
from conformance.suite.exchange.view import CouldNotTell, View
from conformance.suite.exchange.words import show
from conformance.suite.images import IMAGES
from conformance.suite.run import CouldNotRun
from conformance.suite.sending import redaction, transfer
from conformance.suite.sending.body import holds_too_much
from conformance.suite.sending.sender import Sender
from conformance.suite.settings import Limits, Settings, Target

OTTER = Request("createImage", {"prompt": "otter"})
JSON = (("content-type", "application/json"),)


def sent(url: str, transport: httpx.AsyncBaseTransport | None = None, seconds: float = 20) -> Exchange:
    """Send one request."""
    chosen = Settings(Target(url, KEY), limits=Limits(seconds))

    async def make() -> Exchange:
        async with transfer.client(chosen, transport) as client:
            return await Sender(contract(), IMAGES, chosen, client).exchange("a", OTTER, valid=True, images=1)

    return asyncio.run(make())


def came(*headers: tuple[str, str], status: int = 200, content: bytes = b"{}") -> Exchange:
    """Send one request that is answered so."""
    return sent("http://a.test/v1", always(lambda _: httpx.Response(status, headers=headers, content=content)))


def viewed(content: bytes, *, whole: bool = True, status: int = 200) -> View:
    return View(Exchange("a", OTTER, valid=True, answer=Answer(status, JSON, content, whole)), time.time())


def test_the_largest_legal_answer_is_within_bounds() -> None:
    # A PNG of four bands that can't be compressed has four bytes a pixel, and each three make four characters.
    content = "A" * (4 * 1024 * 1024 * 4 // 3)
    body = json.dumps({"created": 1, "data": [{"b64_json": content}] * 10}).encode()
    assert 55_000_000 < len(body) < bounds.BYTES
    assert not holds_too_much(body)
    made = came(content=body)
    assert made.status == 200
    assert IMAGES.results(View(made, 0.0).json) == 10


@pytest.mark.parametrize(
    "content",
    [
        b"[%s0]" % (b"0," * 10_001),
        b"[" * 10_001,
        b'\n {"a": {%s}}' % (b'"a":0,' * 10_001),
        json.dumps([0] * 10_002).encode("utf-16"),
        b"\xef\xbb\xbf[%s0]" % (b"{}," * 6000),
    ],
)
def test_an_answer_of_too_many_values_is_a_failure(content: bytes) -> None:
    made = came(content=content)
    assert (made.answer, made.failure) == (None, "the answer holds more than 10000 values")
    refused = came(content=content, status=400)
    assert (refused.status, refused.refused) == (400, True)
    assert refused.answer is not None
    assert (refused.answer.body, refused.answer.whole) == (content[: bounds.BEGINNING], False)


def test_commas_and_brackets_of_what_is_no_json_count_nothing() -> None:
    assert came(content=b"\x89PNG" + b"," * 20_000).status == 200


def test_of_a_large_error_the_beginning_is_kept_and_no_rule_about_its_body_is_decided() -> None:
    made = came(content=b'{"error": "%s"}' % (b"a" * 2_000_000), status=500)
    assert made.answer is not None
    assert (made.status, len(made.answer.body), made.answer.whole) == (500, bounds.ERROR_BYTES, False)
    result = run_on(always(lambda _: httpx.Response(400, json={"error": "a" * 2_000_000})), settings("createImage/*"))
    verdicts = by_rule(result)
    assert verdicts["createImage/accepted"].outcome == "fail"
    assert verdicts["createImage/error/json"].outcome == "blocked"
    assert "no more than its beginning was read" in verdicts["createImage/error/json"].message


@pytest.mark.parametrize(("number", "size", "within"), [(200, 10, True), (300, 10, False), (100, 900, False)])
def test_headers_are_bounded_in_number_and_in_size(number: int, size: int, *, within: bool) -> None:
    made = came(*((f"x-{index}", "a" * size) for index in range(number)))
    assert (made.answer is not None) is within
    assert within or "headers" in (made.failure or "")


GZIP = gzip.compress(b"{}", mtime=0)


@pytest.mark.parametrize(
    ("coding", "content", "failure"),
    [
        ("gzip", GZIP, None),
        ("identity, x-gzip", GZIP, None),
        ("gzip, gzip", gzip.compress(GZIP, mtime=0), "the answer has more than one content coding"),
        ("zip-of-the-future", b"{}", None),
    ],
)
def test_one_content_coding_is_undone(coding: str, content: bytes, failure: str | None) -> None:
    made = sent("http://a.test/v1", httpx.MockTransport(lambda _: raw(coding, content)))
    assert (made.failure, made.answer.body if made.answer else b"") == (failure, b"" if failure else b"{}")


def raw(coding: str, content: bytes) -> httpx.Response:
    return httpx.Response(200, headers={"content-encoding": coding}, stream=Pieces(content))


class Pieces(httpx.AsyncByteStream):
    """A body in single bytes."""

    def __init__(self, content: bytes) -> None:
        """Take the whole of it."""
        self.content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield one byte after the other."""
        for byte in self.content:
            yield bytes((byte,))


def test_a_body_in_too_many_pieces_is_a_failure() -> None:
    body = Pieces(b" " * (bounds.PIECES + 1))
    made = sent("http://a.test/v1", httpx.MockTransport(lambda _: httpx.Response(200, stream=body)))
    assert made.failure == "the answer comes in more than 100000 pieces"


def test_a_url_without_an_end_is_not_fetched() -> None:
    (fetch,) = came(content=json.dumps({"data": [{"url": f"http://a.test/{'a' * 20_000}"}]}).encode()).fetches
    assert fetch.failure == "the URL has more than 16384 characters"


@pytest.mark.parametrize("piece", [b"a", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_a_run_does_not_wait_for_headers_that_drip(piece: bytes) -> None:
    with serving(trickled(b"", piece)) as origin:
        chosen = evolve(settings("createImage/response/json", limits=Limits(0.3)), target=Target(f"{origin}/v1", KEY))
        with pytest.raises(CouldNotRun, match="no answer within"):
            run_on(None, chosen)


def test_the_files_of_one_answer_share_one_clock() -> None:
    drips = trickled(b"HTTP/1.1 200 OK\r\n\r\n", b"a")
    started = time.monotonic()
    with serving(pictures(drips, count=10)) as origin:
        made = sent(f"{origin}/v1", seconds=1)
    assert len(made.fetches) == 10
    assert made.fetches[0].failure == "no answer within the 1 s for the files of one answer"
    assert not made.fetches[0].out_of_reach
    assert all(fetch.out_of_reach for fetch in made.fetches[1:])
    assert (made.fetches[9].failure or "").endswith("the 1 s for the files of one answer were over")
    assert time.monotonic() - started < 8


def test_files_that_never_come_in_time_are_given_up() -> None:
    asked: list[Asked] = []

    async def never(asked_: Asked, writer: asyncio.StreamWriter) -> None:
        if asked_.is_call:
            asked.append(asked_)
            writer.write(http(answered({"url": f"{asked_.origin}/{len(asked)}"})))
        else:
            await asyncio.sleep(600)

    async def send(url: str) -> list[Exchange]:
        chosen = Settings(Target(url, KEY), limits=Limits(0.3))
        async with transfer.client(chosen) as client:
            sender = Sender(contract(), IMAGES, chosen, client)
            made = [await sender.exchange("a", OTTER, valid=True, images=1) for _ in range(7)]
            return [*made, await sender.again(made[0])]

    with serving(never) as origin:
        fetches = [made.fetches[0] for made in asyncio.run(send(f"{origin}/v1"))]
    assert [fetch.out_of_reach for fetch in fetches] == [False] * 5 + [True] * 2 + [False]
    assert fetches[6].failure == "could not be fetched from here: the 5 files before it did not come in time"


def test_a_connection_that_is_lost_again_and_again_has_one_clock() -> None:
    async def lost(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.2)
        raise httpx.ReadError("")

    assert sent("http://a.test/v1", httpx.MockTransport(lost), seconds=0.3).failure == "no answer within 0.3 s"


@pytest.mark.parametrize("content", [b"[" * 65 + b"0" + b"]" * 65, b'{"a":' * 65 + b"0" + b"}" * 65])
def test_deep_nesting_is_no_json_that_is_looked_at(content: bytes) -> None:
    assert (viewed(content).is_json, viewed(content).fault) == (False, "it is nested too deep")
    assert viewed(content[1:-1] if content.startswith(b"[") else content[5:-1]).is_json


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-le"])
def test_json_is_utf_8(encoding: str) -> None:
    assert not viewed("{}".encode(encoding)).is_json
    assert viewed("{}".encode("utf-8-sig")).is_json


def test_findings_of_one_answer_are_bounded() -> None:
    found = viewed(b"{}").found(lambda _: [f"data[{index}] is odd" for index in range(1000)])
    assert found is not None
    assert (len(found), found[-1]) == (101, "there are 900 more findings like these")


def test_a_check_is_asked_once_also_if_it_can_not_tell() -> None:
    asked: list[View] = []

    def check(view: View) -> list[str]:
        asked.append(view)
        raise CouldNotTell("out of reach")

    view = viewed(b"{}")
    for _ in range(2):
        with pytest.raises(CouldNotTell, match="out of reach"):
            view.found(check)
    assert len(asked) == 1


@pytest.mark.parametrize(
    "value", ["a\n" * 100, ["a" * 100] * 100, {"a" * 100: ["b" * 200]}, {f"{n}": n for n in range(99)}]
)
def test_what_is_shown_of_a_long_value_is_what_would_be_seen_of_all_of_it(value: object) -> None:
    whole = json.dumps(value)
    assert show(value) == whole[:79] + "…"


def test_showing_a_huge_value_takes_no_time() -> None:
    value = {"a" * 10_000_000: ["b" * 10_000_000] * 5}
    started = time.process_time()
    assert len(show(value)) == 80
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize("size", [0, bounds.HELD, bounds.HELD + 1, 3_000_000])
def test_a_body_is_the_same_however_it_is_held(size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"a" * (size % 256)
    held = hold(body)
    assert isinstance(held, Held) is (size > bounds.HELD)
    assert taken(held) == body
    answer = Answer(200, JSON, body, whole=False)
    assert CODEC.structure(CODEC.unstructure(answer), Answer).body == answer.body == body
    assert redaction.of(Target("http://a.test/v1", KEY), contract()).answer(answer) == answer
