"""Requests are spaced as the user wants, and how long answers took is told."""

import asyncio
import math

import httpx
import pytest
from attrs import evolve

from conformance.reference import Behaviour
from conformance.selftest.suite.runs import always, contract, page, run_on, settings, status
from conformance.suite.exchange.request import Request
from conformance.suite.images import IMAGES
from conformance.suite.options import parse
from conformance.suite.report import report, terminal
from conformance.suite.sending import transfer
from conformance.suite.sending.pace import Pace
from conformance.suite.sending.sender import Sender
from conformance.suite.settings import Limits, UsageError, is_loopback


class Clock:
    """A clock that nothing but sleeping moves on; each sleep ends a little early, as real ones may."""

    def __init__(self) -> None:
        """Begin at some time."""
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += max(seconds * 0.99, 1e-6)


def test_no_stretch_of_time_has_more_requests_than_the_rate() -> None:
    clock, begun = Clock(), list[float]()
    pace = Pace(10 / 60, clock, clock.sleep)

    async def request(after: float) -> None:
        clock.now += after
        await pace.wait()
        begun.append(clock.now)

    async def make() -> None:
        for after in (0.0, 0.0, 5.0, 30.0, 0.0, 0.0, *([0.0] * 30)):
            await request(after)

    asyncio.run(make())
    begun.sort()
    assert all(len([other for other in begun if one <= other < one + 59.99]) <= 10 for one in begun)
    assert begun[-1] - begun[0] < len(begun) * 6 + 36


def test_what_waits_at_once_waits_for_different_turns() -> None:
    clock = Clock()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(round(seconds, 6))
        await asyncio.sleep(0)
        clock.now = 2000.0

    async def make() -> None:
        pace = Pace(2.0, clock, sleep)
        await asyncio.gather(*(pace.wait() for _ in range(4)))

    asyncio.run(make())
    assert slept == [0.5, 1.0, 1.5]


def test_a_request_that_is_sent_again_waits_for_its_turn_too() -> None:
    chosen = evolve(settings(), limits=Limits(rate=0.1))
    sent: list[float] = []
    clock = Clock()

    def respond(_: httpx.Request) -> httpx.Response:
        sent.append(clock.now)
        return httpx.Response(503, headers={"retry-after": "0"})

    async def make() -> None:
        async with transfer.client(chosen, always(respond)) as client:
            sender = Sender(contract(), IMAGES, chosen, client)
            sender.pace = Pace(0.1, clock, clock.sleep)
            await sender.exchange("a", Request("createImage", {"prompt": "otter"}), valid=True)

    asyncio.run(make())
    assert [round(one - sent[0]) for one in sent] == [0, 10, 20]


@pytest.mark.parametrize(("text", "rate"), [("5/s", 5), ("10/m", 10 / 60), ("100/h", 100 / 3600)])
def test_a_rate_has_a_unit(text: str, rate: float) -> None:
    limits = parse(["http://127.0.0.1:8000/v1", "--rate", text], {}).settings.limits
    assert limits.rate is not None
    assert math.isclose(limits.rate, rate)


@pytest.mark.parametrize(
    "text", ["", "10", "0/m", "1.5/s", "/m", "10/", "10/d", "-1/s", "\N{SUPERSCRIPT TWO}/s", "9" * 99 + "/s"]
)
def test_what_is_no_rate_is_told(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not a rate such as 5/s, 10/m or 100/h; see --help\.$"):
        parse(["http://127.0.0.1:8000/v1", f"--rate={text}"], {})


@pytest.mark.parametrize(
    ("url", "at_once"),
    [
        ([], 2),
        (["http://127.0.0.1:8000/v1"], 2),
        (["http://[::1]:8000/v1"], 2),
        (["http://localhost/v1"], 2),
        (["http://192.168.0.4:8000/v1"], 1),
        (["https://gateway.example/v1"], 1),
        (["https://gateway.example/v1", "--concurrency", "3"], 3),
    ],
)
def test_another_machine_gets_one_request_at_a_time(url: list[str], at_once: int) -> None:
    assert parse(url, {}).settings.limits.concurrency == at_once


def test_what_is_no_url_leads_nowhere() -> None:
    assert not is_loopback("http://[/v1")


def test_a_report_says_how_long_valid_requests_took() -> None:
    made = run_on(Behaviour(), settings("createImage/n/maximum", "createImage/n/minimum"))
    took = {exchange.id: exchange.valid for exchange in made.recording.exchanges.values()}
    seconds = {id_: 0.5 + index for index, id_ in enumerate(id_ for id_, valid in took.items() if valid)}
    timed = {id_: evolve(one, seconds=seconds.get(id_, 99.0)) for id_, one in made.recording.exchanges.items()}
    built = report.build(evolve(made, recording=evolve(made.recording, exchanges=timed)))
    longest = max(seconds.values())
    assert built["latency"] == {"count": len(seconds), "median": (0.5 + longest) / 2, "p95": longest}
    line = terminal.latency(built)
    assert line.endswith(f"95% no more than {longest:.2f} s")
    assert line in page(built)


def test_a_report_says_nothing_of_requests_that_were_not_accepted() -> None:
    built = report.build(run_on(status(400), settings("createImage/n/maximum")))
    assert built["latency"] == {"count": 0, "median": None, "p95": None}
    assert terminal.latency(built) == ""
