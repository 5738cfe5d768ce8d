"""How requests are sent: limits, retries, redirects, secrets, and whatever a server does instead of answering."""

import asyncio
import gzip
import logging
import time
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from conformance.selftest.suite.loopback import Reply, serving
from conformance.selftest.suite.runs import KEY, URL, Sequence, always, contract, run_on, settings
from conformance.selftest.suite.runs import status as answering
from conformance.suite.exchange.codec import CODEC
from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.request import Raw, Request
from conformance.suite.images import IMAGES
from conformance.suite.sending import redaction, transfer
from conformance.suite.sending.sender import Sender, headers_of
from conformance.suite.settings import Limits, Settings, Target

ROUTE = "route/secret & more"
TARGET = Target(URL, KEY, {"!X-Route-To": ROUTE})
ENCODED = "route%2Fsecret%20%26%20more"
OTTER = Request("createImage", {"prompt": "otter"})
Handler = Callable[[httpx.Request], httpx.Response]


class Waits:
    """Stands in for sleeping, and remembers how long it was asked to."""

    def __init__(self) -> None:
        """Begin without any wait."""
        self.seconds: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    made = Waits()
    monkeypatch.setattr(asyncio, "sleep", made.sleep)
    return made


def exchange(
    transport: httpx.AsyncBaseTransport, request: Request = OTTER, *, valid: bool = True, **limits: float
) -> Exchange:
    """Send one request."""
    chosen = Settings(TARGET, limits=Limits(**limits))  # pyright: ignore[reportArgumentType] - bounds are numbers

    async def make() -> Exchange:
        async with transfer.client(chosen, transport) as client:
            return await Sender(contract(), IMAGES, chosen, client).exchange("a", request, valid=valid, images=1)

    return asyncio.run(make())


def shown_of(made: Exchange) -> Exchange:
    """Return what is written of an exchange."""
    return redaction.of(TARGET, contract()).exchange(made)


def with_urls(*urls: str) -> httpx.Response:
    return httpx.Response(200, json={"created": 1, "data": [{"url": url} for url in urls]})


def test_what_is_sent_and_what_is_kept() -> None:
    handler = Sequence(httpx.Response(200, headers={"x-a": "b"}, content=b"[]"))
    made = exchange(always(handler))
    (sent,) = handler.requests
    assert (sent.method, str(sent.url)) == ("POST", f"{URL}/images/generations")
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["x-route-to"] == ROUTE
    assert sent.headers["content-type"] == "application/json"
    assert sent.content == b'{"prompt": "otter"}'
    assert made.answer is not None
    assert (made.status, made.answer.body, made.answer.header("x-a"), made.failure) == (200, b"[]", "b", None)


@pytest.mark.parametrize(
    ("authorization", "sent"), [("", None), ("Bearer wrong", "Bearer wrong"), (None, f"Bearer {KEY}")]
)
def test_credentials_of_the_request_replace_the_key(authorization: str | None, sent: str | None) -> None:
    handler = Sequence(httpx.Response(401))
    exchange(always(handler), Request("createImage", {}, Raw(authorization=authorization)))
    assert handler.requests[0].headers.get("authorization") == sent


def test_a_header_of_the_user_replaces_one_of_ours() -> None:
    target = Target(URL, KEY, {"Authorization": "Basic abc", "USER-AGENT": "mine"})
    headers = headers_of(target)
    assert (headers["authorization"], headers["user-agent"]) == ("Basic abc", "mine")


@pytest.mark.parametrize("size", [999, 1000])
def test_an_answer_up_to_the_size_limit_is_kept(size: int) -> None:
    assert exchange(always(lambda _: httpx.Response(200, content=b"x" * size)), bytes=1000).status == 200


def plain(content: bytes) -> httpx.Response:
    return httpx.Response(200, content=content)


def compressed(content: bytes) -> httpx.Response:
    return httpx.Response(200, headers={"content-encoding": "gzip"}, content=gzip.compress(content))


@pytest.mark.parametrize("encode", [plain, compressed])
def test_a_larger_answer_is_a_failure(encode: Callable[[bytes], httpx.Response]) -> None:
    made = exchange(always(lambda _: encode(b"x" * 1001)), bytes=1000)
    assert made.answer is None
    assert made.failure == "the answer is larger than 1000 bytes"


class Endless(httpx.AsyncByteStream):
    """A body that never ends."""

    def __init__(self, pause: float) -> None:
        """Take how many seconds to wait before each piece."""
        self.pause = pause
        self.sent = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield pieces of 100 bytes."""
        while True:
            await asyncio.sleep(self.pause)
            self.sent += 100
            yield b"x" * 100


def test_an_endless_body_is_read_up_to_the_limit() -> None:
    body = Endless(0)
    assert exchange(always(lambda _: httpx.Response(200, stream=body)), bytes=1000).answer is None
    assert body.sent <= 1200


def test_a_body_that_drips_is_cut_off_in_time() -> None:
    started = time.monotonic()
    made = exchange(always(lambda _: httpx.Response(200, stream=Endless(0.01))), seconds=0.05)
    assert made.failure == "no answer within 0.05 s"
    assert time.monotonic() - started < 2


async def silent(_: httpx.Request) -> httpx.Response:
    await asyncio.sleep(60)
    return httpx.Response(200)


def test_silence_is_a_failure_in_time() -> None:
    made = exchange(httpx.MockTransport(silent), seconds=0.05)
    assert (made.answer, made.failure) == (None, "no answer within 0.05 s")


@pytest.mark.parametrize(
    ("status", "headers", "waited"),
    [
        (429, {"retry-after": "7"}, [7.0]),
        (503, {"retry-after": "0"}, [0.0]),
        (429, {}, [1.0]),
        (503, {"retry-after": "soon"}, [1.0]),
        (429, {"retry-after": "-5"}, [1.0]),
        (429, {"retry-after": "999999"}, [30.0]),
        (429, {"retry-after": "9" * 5000}, [30.0]),
        (429, {"retry-after": "Fri, 01 Jan 2100 00:00:00 GMT"}, [30.0]),
        (503, {"retry-after": "Fri, 01 Jan 1999 00:00:00 GMT"}, [0.0]),
        (503, {"retry-after": "Fri, 99 Jan 99999 00:00:00 GMT"}, [1.0]),
    ],
)
def test_retries_as_the_server_asks(waits: Waits, status: int, headers: dict[str, str], waited: list[float]) -> None:
    handler = Sequence(httpx.Response(status, headers=headers), httpx.Response(200))
    assert exchange(always(handler)).status == 200
    assert waits.seconds == waited


def test_a_server_that_asks_for_time_gets_no_more_than_some_minutes_in_all(waits: Waits) -> None:
    made = run_on(answering(429, **{"retry-after": "86400"}), settings("createImage/*"))
    assert sum(waits.seconds) == 300
    assert len(made.recording.exchanges) > 5


@pytest.mark.parametrize("status", [429, 503])
def test_gives_up_after_three_attempts(waits: Waits, status: int) -> None:
    handler = Sequence(httpx.Response(status))
    assert exchange(always(handler)).status == status
    assert (len(handler.requests), waits.seconds) == (3, [1.0, 2.0])


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 500, 502, 504])
def test_other_answers_are_not_retried(waits: Waits, status: int) -> None:
    handler = Sequence(httpx.Response(status))
    assert exchange(always(handler)).status == status
    assert (len(handler.requests), waits.seconds) == (1, [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_call_is_the_answer(status: int) -> None:
    handler = Sequence(httpx.Response(status, headers={"location": "http://other.test/"}), httpx.Response(200))
    assert exchange(always(handler)).status == status
    assert len(handler.requests) == 1


def test_images_are_fetched_through_redirects_without_secrets() -> None:
    handler = Sequence(
        with_urls("http://images.test/1"),
        httpx.Response(302, headers={"location": "http://other.test/2", "set-cookie": "a=b"}),
        httpx.Response(307, headers={"location": "/3"}),
        httpx.Response(200, content=b"image"),
    )
    (fetch,) = exchange(always(handler)).fetches
    assert fetch.answer is not None
    assert (fetch.url, fetch.status, fetch.answer.body) == ("http://images.test/1", 200, b"image")
    paths = [str(request.url) for request in handler.requests[1:]]
    assert paths == ["http://images.test/1", "http://other.test/2", "http://other.test/3"]
    for request in handler.requests[1:]:
        assert "authorization" not in request.headers
        assert "x-route-to" not in request.headers
        assert KEY not in str(request.headers)


def test_images_of_the_target_itself_get_no_key_either() -> None:
    handler = Sequence(with_urls(f"{URL}/files/1"), httpx.Response(200))
    exchange(always(handler))
    assert "authorization" not in handler.requests[1].headers


def test_redirects_without_end_are_given_up() -> None:
    loop = httpx.Response(302, headers={"location": "http://images.test/again"})
    handler = Sequence(with_urls("http://images.test/1"), loop)
    (fetch,) = exchange(always(handler)).fetches
    assert (fetch.status, fetch.failure) == (302, "too many redirects")
    assert len(handler.requests) <= 10


@pytest.mark.parametrize(
    "url",
    ["data:image/png;base64,AAAA", "/relative.png", "file:///etc/passwd", "", "http://", "ftp://a/b", "http://[/"],
)
def test_what_is_no_url_of_the_web_is_not_fetched(url: str) -> None:
    handler = Sequence(with_urls(url))
    assert exchange(always(handler)).fetches == ()
    assert len(handler.requests) == 1


@pytest.mark.parametrize(
    "url", ["http://exa\u0300mple.test/", "http://h.test/\x00", "http://xn--/", "http://h.test/\ud83e"]
)
def test_a_url_that_no_client_can_fetch_is_a_failure(url: str) -> None:
    respond = Sequence(httpx.Response(200, content=b'{"data": [{"url": %s}]}' % ascii_json(url)), httpx.Response(200))
    made = exchange(always(respond))
    assert all(fetch.answer is not None or fetch.failure for fetch in made.fetches)


def ascii_json(text: str) -> bytes:
    return b'"' + b"".join(b"\\u%04x" % ord(character) for character in text) + b'"'


def test_one_url_is_fetched_once() -> None:
    handler = Sequence(with_urls("http://i.test/1", "http://i.test/1", "http://i.test/2"), httpx.Response(200))
    assert [fetch.url for fetch in exchange(always(handler)).fetches] == ["http://i.test/1", "http://i.test/2"]
    assert len(handler.requests) == 3


def test_fetches_are_bounded() -> None:
    handler = Sequence(with_urls(*(f"http://i.test/{index}" for index in range(1000))), httpx.Response(200))
    exchange(always(handler))
    assert len(handler.requests) <= 20


@pytest.mark.parametrize("valid", [True, False])
def test_images_of_answers_to_invalid_requests_are_not_fetched(*, valid: bool) -> None:
    handler = Sequence(with_urls("http://i.test/1"), httpx.Response(200))
    assert len(exchange(always(handler), valid=valid).fetches) == (1 if valid else 0)


def raising(error: Exception) -> Handler:
    def respond(_: httpx.Request) -> httpx.Response:
        raise error

    return respond


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectError("refused"), "no connection: refused"),
        (httpx.ConnectError(""), "no connection"),
        (httpx.ReadError(""), "the connection was lost while the answer was read (ReadError)"),
        (httpx.ReadError("reset."), "the connection was lost while the answer was read (ReadError: reset)"),
        (httpx.WriteError(""), "the connection was lost while the request was sent (WriteError)"),
        (
            httpx.RemoteProtocolError(f"bad\nline {KEY}"),
            "the connection was closed early, or the answer is not HTTP (RemoteProtocolError: bad line REDACTED)",
        ),
        (httpx.ReadTimeout("slow"), "no answer within 20 s"),
        (httpx.ConnectTimeout(""), "no connection"),
        (httpx.DecodingError("bad gzip"), "the answer's content coding can't be undone (DecodingError: bad gzip)"),
        (httpx.InvalidURL("odd"), "the URL can't be called (InvalidURL: odd)"),
        (httpx.UnsupportedProtocol("odd"), "the URL can't be called (UnsupportedProtocol: odd)"),
        (OSError("gone"), "the exchange failed (OSError: gone)"),
        (OSError("x" * 1000), f"the exchange failed (OSError: {'x' * 159}…)"),
        (UnicodeError(f"no {KEY}"), "the exchange failed (UnicodeError: no REDACTED)"),
    ],
)
def test_a_connection_that_fails_is_a_failure_in_words(error: Exception, words: str) -> None:
    made = exchange(always(raising(error)), seconds=20)
    assert (made.answer, made.failure) == (None, words)


@pytest.mark.parametrize(
    ("url", "apart"),
    [
        ("http://cdn.test/1", True),
        ("http://images.cluster.local:8080/1", True),
        ("https://192.168.7.7/1", True),
        ("http://example.com/1", True),
        # The target itself, with whatever port, and what is nowhere else either.
        ("http://reference.test:9/1", False),
        ("http://REFERENCE.test/1", False),
        ("http://images.invalid/1", False),
        ("http://images.example./1", False),
        ("http://localhost:9/1", False),
        ("http://files.localhost/1", False),
        ("http://127.0.0.1:9/1", False),
        ("http://0.0.0.0:8000/1", False),
        ("http://[::1]/1", False),
    ],
)
@pytest.mark.parametrize("error", [httpx.ConnectError("Name or service not known"), httpx.ConnectTimeout("")])
@pytest.mark.parametrize("redirected", [False, True])
def test_a_host_that_only_others_may_reach(url: str, error: Exception, *, apart: bool, redirected: bool) -> None:
    first = "http://reference.test/redirect"

    def respond(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return with_urls(first if redirected else url)
        if str(request.url) == first:
            return httpx.Response(302, headers={"location": url})
        raise error

    (fetch,) = exchange(always(respond)).fetches
    assert (fetch.answer, fetch.out_of_reach) == (None, apart)
    assert (fetch.failure or "").startswith("could not be fetched from here: " if apart else "no connection")


@pytest.mark.parametrize("error", [httpx.ReadTimeout("slow"), httpx.ReadError("reset"), httpx.InvalidURL("odd")])
def test_a_host_that_was_reached_is_not_out_of_reach(error: Exception) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return with_urls("http://cdn.test/1")
        raise error

    (fetch,) = exchange(always(respond)).fetches
    assert (fetch.answer, fetch.out_of_reach) == (None, False)


@pytest.mark.parametrize("status", [0, 42, 99, 600, 999])
def test_a_status_that_is_none_is_a_failure(status: int) -> None:
    made = exchange(always(lambda _: httpx.Response(status)))
    assert (made.answer, made.failure) == (None, f"the status {status} is no HTTP status")


@pytest.mark.parametrize("secret", [KEY, ROUTE, ENCODED])
def test_what_comes_back_is_kept_as_it_was_sent_and_secrets_are_cut_at_the_gate(secret: str) -> None:
    made = exchange(always(lambda _: httpx.Response(400, headers={"x-echo": f"<{secret}>"}, text=f"<{secret}>")))
    assert made.answer is not None
    assert (made.answer.body, made.answer.header("x-echo")) == (f"<{secret}>".encode(), f"<{secret}>")
    assert secret not in repr(made)
    shown = shown_of(made).answer
    assert shown is not None
    assert (shown.body, shown.header("x-echo")) == (b"<REDACTED>", "<REDACTED>")


def test_a_secret_in_the_name_of_a_header_too() -> None:
    made = exchange(always(lambda _: httpx.Response(400, headers={f"X-{KEY}": "a"})))
    assert KEY.lower() not in str(made).lower()
    assert KEY.lower() not in str(CODEC.unstructure(shown_of(made))).lower()


def test_an_image_is_fetched_as_its_url_was_sent() -> None:
    handler = Sequence(with_urls(f"http://i.test/{KEY}/1"), httpx.Response(200, text=KEY))
    made = exchange(always(handler))
    assert str(handler.requests[1].url) == f"http://i.test/{KEY}/1"
    assert KEY not in repr(made)
    (fetch,) = shown_of(made).fetches
    assert fetch.answer is not None
    assert (fetch.url, fetch.answer.body) == ("http://i.test/REDACTED/1", b"REDACTED")


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(lambda _: Reply(200, with_urls(f"http://127.0.0.1:9/{KEY}").content)) as server:
        chosen = Settings(Target(server.url, KEY))

        async def make() -> None:
            async with transfer.client(chosen) as client:
                await Sender(contract(), IMAGES, chosen, client).exchange("a", OTTER, valid=True)

        asyncio.run(make())
    assert server.received
    assert KEY not in caplog.text
    assert logging.getLogger("httpx").level == logging.NOTSET


def test_settings_never_show_a_secret() -> None:
    assert KEY not in repr(Settings(TARGET))
    assert ROUTE not in repr(Settings(TARGET))
