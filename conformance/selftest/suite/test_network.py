"""What the network does, and what a server puts off, is held against nobody; what the server does to its files is."""

import json
import random
from collections import Counter
from collections.abc import Callable

import httpx
import pytest

from conformance.selftest.suite.runs import by_rule, outcomes, run_on, settings
from conformance.selftest.suite.test_confirming import Disturbing, failed
from conformance.suite.exchange.recording import OUT_OF_REACH
from conformance.suite.report.report import Result

FETCHABLE, STABLE = "createImage/response/data/items/url/fetchable", "createImage/stable"
ENTRY = {
    "prompt": "A cute baby sea otter",
    "model": "dall-e-3",
    "n": 1,
    "quality": "standard",
    "response_format": "url",
    "size": "1024x1024",
    "style": "vivid",
    "user": "user-1234",
}
Disturb = Callable[[httpx.Request], httpx.Response | None]


def is_file(request: httpx.Request) -> bool:
    return "/files/" in request.url.path


def lost(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("", request=request)


def unconnected(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def put_off(status: int, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, headers={name.replace("_", "-"): text for name, text in headers.items()})


def by_chance(share: float, seed: int, then: Callable[[httpx.Request], httpx.Response]) -> Disturb:
    """Do this to a share of the requests, among them those for files."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    return lambda request: (
        then(request) if (is_file(request) or request.method == "POST") and chance.random() < share else None
    )


def at_first(times: int, then: Callable[[httpx.Request], httpx.Response]) -> Disturb:
    """Do this to the first file that is asked for, so many times."""
    met: Counter[str] = Counter()

    def disturb(request: httpx.Request) -> httpx.Response | None:
        if not is_file(request) or (met and request.url.path not in met):
            return None
        met[request.url.path] += 1
        return then(request) if met[request.url.path] <= times else None

    return disturb


def run(disturb: Disturb, *rules: str) -> Result:
    return run_on(Disturbing(disturb), settings(*rules))


@pytest.mark.parametrize(
    ("share", "then"),
    [
        (0.3, lost),
        (0.2, unconnected),
        (0.2, put_off(429, retry_after="0")),
        (0.2, put_off(503, retry_after="0")),
    ],
)
def test_what_happens_on_the_way_is_nobody_s_fault(
    share: float, then: Callable[[httpx.Request], httpx.Response]
) -> None:
    assert failed(run(by_chance(share, 0, then), "createImage/*")) == set()


@pytest.mark.parametrize(("times", "sent"), [(1, 1), (9, 1), (10, 2)])
def test_a_file_that_comes_after_it_was_lost_is_a_file_like_any_other(times: int, sent: int) -> None:
    """It is asked for five times, each on a connection that may be an old one and then on a new one."""
    made = run(at_first(times, lost), FETCHABLE, STABLE)
    assert set(outcomes(made).values()) == {"pass"}
    assert max(len(exchange.sendings) for exchange in made.recording.exchanges.values()) == sent


def test_a_file_that_comes_after_the_server_failed_makes_it_unsteady() -> None:
    made = run(at_first(1, put_off(502)), FETCHABLE, STABLE)
    assert outcomes(made) == {FETCHABLE: "pass", STABLE: "fail"}
    assert by_rule(made)[STABLE].actual.startswith("GET http://reference.test/v1/images/files/")
    assert by_rule(made)[STABLE].actual.endswith(": status 200 after status 502")


@pytest.mark.parametrize("headers", [{}, {"retry_after": "0"}, {"retry_after": "86400"}])
def test_a_file_that_is_always_put_off_could_not_be_fetched_from_here(
    headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("conformance.suite.sending.files.sleep", sleep)
    made = run(lambda request: put_off(429, **headers)(request) if is_file(request) else None, FETCHABLE)
    verdict = by_rule(made)[FETCHABLE]
    assert verdict.outcome == "blocked"
    assert f"{OUT_OF_REACH}: it was put off with status 429" in verdict.message
    assert set(waited) == ({1.0, 2.0} if not headers else {0.0} if headers["retry_after"] == "0" else set())


def test_what_rests_on_a_request_that_was_accepted_late_is_made_then() -> None:
    """Where a server fails now and then, what failed twice running is accepted when it is sent for the third time."""
    met: Counter[bytes] = Counter()
    entry = json.dumps(ENTRY).encode()

    def disturb(request: httpx.Request) -> httpx.Response | None:
        met[request.content] += 1
        is_entry, is_later = request.content == entry, b'"n": 10,' in request.content
        return httpx.Response(502) if met[request.content] <= 2 * is_entry + is_later else None

    made = run(disturb, "createImage/*")
    assert met[entry] > 2
    assert failed(made) == {STABLE}
    assert "blocked" not in outcomes(made).values()
