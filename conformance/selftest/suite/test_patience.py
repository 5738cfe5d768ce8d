"""A refusal is not waited for as long as an image, yet a server that is merely slow is not accused."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
from attrs import evolve

from conformance.reference import Behaviour, create_app
from conformance.selftest.suite.runs import KEY, by_rule, outcomes, run_on, settings
from conformance.suite.exchange.recording import TIMED_OUT, Answer, Exchange
from conformance.suite.exchange.request import Request
from conformance.suite.rules.rule import Want
from conformance.suite.settings import Limits
from conformance.suite.verdicts.rulings import Ruling, ruling

LIMITS = Limits(seconds=60, refusal=0.05)
REFUSALS = settings("createImage/n/*", "createImage/prompt/*", limits=LIMITS)
NO = {"error": {"message": "No.", "type": "invalid_request_error", "param": None, "code": None}}
Late = Callable[[httpx.Request, httpx.Response], float]


class Slow(httpx.AsyncBaseTransport):
    """The correct server, which answers a request after as many seconds as a function says."""

    def __init__(self, late: Late) -> None:
        """Take the function of the request and its answer."""
        self.server = httpx.ASGITransport(create_app(Behaviour(api_key=KEY)))
        self.late = late

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        response = await self.server.handle_async_request(request)
        if request.method == "POST":
            await asyncio.sleep(self.late(request, response))
        return response


def as_long_as_images(_: httpx.Request, __: httpx.Response) -> float:
    return 0.06


def longer_than_images(_: httpx.Request, response: httpx.Response) -> float:
    return 0.2 if response.status_code == 400 else 0.0


@pytest.mark.parametrize("late", [as_long_as_images, longer_than_images])
def test_a_server_that_is_slow_to_refuse_is_not_accused(late: Late) -> None:
    chosen = evolve(REFUSALS, only=("createImage/n/*", "createImage/prompt/*"))
    made = outcomes(run_on(Slow(late), chosen))
    assert made == outcomes(run_on(Behaviour(), chosen))
    assert set(made.values()) == {"pass"}


def test_a_server_that_hangs_on_what_it_should_refuse_is_found_out_soon() -> None:
    def late(request: httpx.Request, _: httpx.Response) -> float:
        return 3600 if b'["A cute baby' in request.content else 0

    made = run_on(Slow(late), evolve(REFUSALS, only=("createImage/body/*",)))
    verdict = by_rule(made)["createImage/body/survived"]
    assert verdict.outcome == "fail"
    assert verdict.actual.startswith(TIMED_OUT)
    assert float(verdict.actual.split()[-2]) < LIMITS.seconds / 2
    waited = [one.seconds for one in made.recording.exchanges[verdict.evidence[0]].sendings]
    assert len(waited) == 2
    assert waited[1] > waited[0]


def test_what_is_accepted_late_is_seen_to_be_accepted() -> None:
    class Lax(Slow):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if b'"n": 11' not in await request.aread():
                return await self.server.handle_async_request(request)
            await asyncio.sleep(0.2)
            return httpx.Response(200, json={"created": 1, "data": []})

    made = by_rule(run_on(Lax(as_long_as_images), settings("createImage/n/maximum", limits=LIMITS)))
    assert made["createImage/n/maximum"].outcome == "fail"
    assert "accepted with status 200" in made["createImage/n/maximum"].message


def test_a_valid_request_and_one_about_the_key_are_waited_for_all_the_time() -> None:
    def late(_: httpx.Request, response: httpx.Response) -> float:
        return 0.0 if response.status_code == 400 else 0.3

    made = run_on(Slow(late), settings("createImage/security", "createImage/n/maximum", limits=LIMITS))
    assert set(outcomes(made).values()) == {"pass"}
    slow = [one for one in made.recording.exchanges.values() if one.seconds > 0.25]
    assert {one.valid for one in slow} == {True, False}
    assert all(len(one.sendings) == 1 for one in slow)


def sendings(*statuses: int) -> Exchange:
    """Return an exchange that got these statuses one after the other, 0 for no answer in time."""
    made: Exchange | None = None
    for status in statuses:
        answer = Answer(status, (), b"") if status else None
        failure = None if status else f"{TIMED_OUT} 10 s"
        made = Exchange("a", Request("createImage", {}), valid=False, answer=answer, failure=failure, before=made)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("statuses", "ruled"),
    [
        ((0,), Ruling.UNCLEAR),
        ((0, 0), Ruling.UNCLEAR),
        ((0, 400), Ruling.KEEPS),
        ((0, 200), Ruling.DOUBTFUL),
        ((0, 200, 200), Ruling.FAILS),
        ((200, 0), Ruling.DOUBTFUL),
        ((200, 0, 200), Ruling.FAILS),
        ((200, 0, 0), Ruling.UNCLEAR),
        ((0, 200, 0), Ruling.UNCLEAR),
    ],
)
def test_what_did_not_come_in_time_says_nothing_beside_what_came(statuses: tuple[int, ...], ruled: Ruling) -> None:
    assert ruling(Want.REFUSED, sendings(*statuses), 2) is ruled


def test_a_server_that_stops_answering_what_it_answered_wrongly_is_not_asked_for_ever() -> None:
    sent: list[bytes] = []

    def respond(request: httpx.Request) -> httpx.Response:
        if b'"n": 11' not in request.content:
            return httpx.Response(200, json={"created": 1, "data": []})
        sent.append(request.content)
        if len(sent) > 1:
            raise httpx.ReadTimeout("", request=request)
        return httpx.Response(500, json=NO)

    made = outcomes(run_on(httpx.MockTransport(respond), settings("createImage/n/maximum", limits=LIMITS)))
    assert (made["createImage/n/maximum"], len(sent)) == ("blocked", 3)
