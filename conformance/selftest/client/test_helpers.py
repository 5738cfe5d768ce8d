"""The helpers beside the client: what is repeated and for how long, and what an error tells."""

import asyncio
import json
import pickle
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import openai_images_helpers
import pytest
from attrs import Factory, define
from openai_images_client import AuthenticatedClient
from openai_images_client.models import ImagesResponse
from openai_images_helpers import ImagesError, images_of, retrying

from conformance.selftest.client.wire import (
    CALLS,
    EDIT,
    GENERATION,
    IMAGES,
    TOKEN,
    WAYS,
    AnyCall,
    Server,
    Way,
    blocking,
    form,
)


@define
class Unsteady:
    """Does in turn what it is told: answers with a status, or loses the connection; then it answers well."""

    troubles: list[int | type[httpx.TransportError]]
    headers: dict[str, str] = Factory(dict[str, str])
    requests: list[httpx.Request] = Factory(list[httpx.Request])

    def client(self, **options: int) -> AuthenticatedClient:
        transport = retrying(httpx.MockTransport(self._answer), **options)
        return AuthenticatedClient(base_url="http://server.test/v1", token=TOKEN, httpx_args={"transport": transport})

    def _answer(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        if not self.troubles:
            return httpx.Response(200, json=IMAGES)
        trouble = self.troubles.pop(0)
        if isinstance(trouble, int):
            return httpx.Response(
                trouble, headers=httpx.Headers(self.headers, encoding="utf-8"), json={"error": {"message": "Later."}}
            )
        raise trouble("lost")


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note each wait instead of waiting."""
    noted: list[float] = []

    async def note(seconds: float) -> None:
        noted.append(seconds)

    monkeypatch.setattr(time, "sleep", noted.append)
    monkeypatch.setattr(asyncio, "sleep", note)
    return noted


@pytest.mark.parametrize(
    "trouble", [408, 409, 429, 500, 503, 520, httpx.ConnectError, httpx.ReadTimeout, httpx.ReadError]
)
@pytest.mark.parametrize("way", WAYS)
def test_what_may_be_better_next_time_is_repeated(
    way: Way, trouble: int | type[httpx.TransportError], waits: list[float]
) -> None:
    server = Unsteady([trouble, trouble])
    assert way(GENERATION, server.client()).status_code == 200
    assert len({request.content for request in server.requests}) == 1
    first, second = waits
    assert 0.37 < first <= 0.5
    assert 0.74 < second <= 1


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 413, 422])
def test_nothing_else_is_repeated(status: int, waits: list[float]) -> None:
    server = Unsteady([status])
    assert blocking(GENERATION, server.client()).status_code == status
    assert waits == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("call", CALLS)
def test_uploads_are_repeated_whole(call: AnyCall, way: Way, waits: list[float]) -> None:
    server = Unsteady([500, httpx.ConnectError])
    assert way(call, server.client()).status_code == 200
    assert len({request.content for request in server.requests}) == 1
    assert len(waits) == 2
    if call is EDIT:
        assert form(server.requests[-1])[0][2].startswith(b"\x89PNG")


def test_last_answer_and_last_error_reach_the_caller(waits: list[float]) -> None:
    assert blocking(GENERATION, Unsteady([503, 502, 500, 500]).client()).status_code == 500
    with pytest.raises(httpx.ConnectError):
        blocking(GENERATION, Unsteady([500, httpx.ConnectError], {}).client(times=1))
    assert blocking(GENERATION, Unsteady([503]).client(times=0)).status_code == 503
    assert len(waits) == 3


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        ("119", 119),
        ("4000", 120),
        ("1" * 400, 120),
        ("\N{SUPERSCRIPT TWO}", 0.5),
        ("-1", 0.5),
        ("soon", 0.5),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 120),
        ("Mon, 01 Jan 2024 00:00:00 GMT", 0.5),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", 0.5),
        ("Mon, 01 Jan 2024 00:00:00 +999999999999999999999999", 0.5),
    ],
)
def test_retry_after_is_kept_to_within_bounds(
    said: str, seconds: float, waits: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    server = Unsteady([429], {"Retry-After": said})
    assert blocking(GENERATION, server.client()).status_code == 200
    assert waits == [pytest.approx(seconds, rel=0.26)]
    assert caplog.text == ""  # what a server says may hold the key


def test_retry_after_may_be_a_date(waits: list[float]) -> None:
    server = Unsteady([429], {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)})
    assert blocking(GENERATION, server.client()).status_code == 200
    (wait,) = waits
    assert 1 < wait <= 90


def test_only_the_helpers_are_imported_by_a_star() -> None:
    assert set(openai_images_helpers.__all__) == {"ImageFileError", "ImagesError", "images_of", "retrying", "save"}


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx_retries", None)
    with pytest.raises(ImportError, match=r"pip install 'openai-images-client\[retries\]'"):
        retrying()


def told(status: int, content: bytes, headers: dict[str, str] | None = None) -> ImagesError:
    """Return the error that an answer is told as."""
    server = Server(status, content)
    client = server.client()
    answer = blocking(GENERATION, client)
    answer.headers.update(headers or {})
    with pytest.raises(ImagesError) as raised:
        images_of(answer, client)
    return raised.value


def test_images_are_returned() -> None:
    client = Server().client()
    images: ImagesResponse = images_of(blocking(GENERATION, client), client)
    assert images.to_dict() == IMAGES


def test_error_of_the_contract() -> None:
    body = {"error": {"message": "No.", "type": "invalid_request_error", "param": "n", "code": "too_many"}}
    error = told(400, json.dumps(body).encode(), {"x-request-id": "req_1"})
    assert (error.status, error.message, error.type_) == (400, "No.", "invalid_request_error")
    assert (error.param, error.code, error.request_id) == ("n", "too_many", "req_1")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - an error comes back from a worker
    assert str(error) == "400: No., type invalid_request_error, param n, code too_many, request id req_1"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"detail": "Not Found"}', "Not Found"),
        (
            b'{"detail": [{"type": "missing", "loc": ["body", "prompt"], "msg": "Field required"}]}',
            "Field required, param prompt",
        ),
        (b'{"detail": [{"loc": ["body", "data", 0], "msg": "m"}, {}]}', "m, param 0"),
        (b'{"error": "overloaded"}', "overloaded"),
        (b'{"error": {"message": "m"}}', "m"),
        (b'{"error": {"message": "m", "code": 429}}', "m, code 429"),
        (b'{"message": "m", "code": null}', "m"),
    ],
)
def test_errors_in_other_shapes(content: bytes, message: str) -> None:
    for status in (200, 302, 400, 502, 599):
        assert str(told(status, content)) == f"{status}: {message}"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b'{"error": null}',
        b'{"error": {"message": ["m"]}}',
        b'{"detail": []}',
        b'{"detail": [{"loc": [], "msg": "m"}]}',
        b'{"detail": [{"loc": ["n"]}]}',
        b"[" * 200_000,
        b"1" * 5_000,
    ],
    ids=lambda content: repr(content[:40]),
)
def test_answers_that_say_nothing(content: bytes) -> None:
    for status in (200, 502):
        assert str(told(status, content)) == f"{status}: the answer is not one of this API"


TELL: list[Callable[[str], tuple[bytes, dict[str, str]]]] = [
    lambda text: (json.dumps({"error": {"message": text, "type": text, "param": text, "code": text}}).encode(), {}),
    lambda text: (json.dumps({"error": text}).encode(), {}),
    lambda text: (json.dumps({"detail": text}).encode(), {}),
    lambda text: (json.dumps({"detail": [{"msg": text, "loc": ["body", text]}]}).encode(), {}),
    lambda text: (text.encode(), {"x-request-id": text}),
]


@pytest.mark.parametrize("tell", TELL)
@pytest.mark.parametrize("text", [TOKEN, f"no key {TOKEN}!", "x" * 995 + TOKEN, TOKEN * 1000])
def test_no_error_holds_the_key(tell: Callable[[str], tuple[bytes, dict[str, str]]], text: str) -> None:
    error = told(401, *tell(text))
    assert "sk-s" not in str(error) + repr(error) + repr(error.args)


def test_error_is_short_and_harms_no_terminal() -> None:
    error = told(500, json.dumps({"error": "\x1b[2J" + "long " * 100_000}).encode())
    assert error.message.startswith(" [2Jlong ")
    assert len(error.message) == 1000


def test_client_without_a_key() -> None:
    server = Server(500, b'{"error": "abc"}')
    client = server.client()
    answer = blocking(GENERATION, client)
    client.token = ""
    with pytest.raises(ImagesError, match=r"^500: abc$"):
        images_of(answer, client)
