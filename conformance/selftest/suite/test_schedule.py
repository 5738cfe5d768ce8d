"""Which exchanges of a plan are made: budget, concurrency, and what each needs of others."""

import asyncio

import httpx
import pytest

from conformance.selftest.suite.runs import TARGET, Sequence, always, contract
from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.request import Request
from conformance.suite.images import IMAGES
from conformance.suite.plan.plan import Need, Plan, Planned
from conformance.suite.sending import transfer
from conformance.suite.sending.schedule import Run
from conformance.suite.sending.sender import OVER_BUDGET, Sender
from conformance.suite.settings import Limits, Settings

OTTER = Request("createImage", {"prompt": "otter"})


def planned(id_: str, *needs: Need, images: int = 1, last: bool = False) -> Planned:
    return Planned(id_, OTTER, needs, valid=True, images=images, last=last)


def made_in_a_run(plan: tuple[Planned, ...], handler: httpx.AsyncBaseTransport, limits: Limits) -> list[Exchange]:
    chosen = Settings(TARGET, limits=limits)
    made: list[Exchange] = []

    async def make() -> None:
        async with transfer.client(chosen, handler) as client:
            sender = Sender(contract(), IMAGES, chosen, client)
            await Run(Plan(plan, frozenset(one.id for one in plan), {}, (), {}), sender, made.append).all()

    asyncio.run(make())
    return made


def test_the_image_budget_is_kept() -> None:
    handler = Sequence(httpx.Response(200))
    plan = tuple(planned(str(index), images=2) for index in range(4))
    made = made_in_a_run(plan, always(handler), Limits(images=5, concurrency=1))
    assert len(handler.requests) == 2
    assert [exchange.failure for exchange in made] == [None, None, OVER_BUDGET, OVER_BUDGET]


def test_what_asks_for_no_image_is_sent_beyond_the_budget() -> None:
    made = made_in_a_run(
        (planned("a"), planned("b", images=0)), always(Sequence(httpx.Response(200))), Limits(images=0)
    )
    assert [exchange.failure for exchange in made] == [OVER_BUDGET, None]


@pytest.mark.parametrize("concurrency", [1, 2, 5])
def test_no_more_requests_at_once_than_allowed(concurrency: int) -> None:
    now, most = 0, 0

    async def respond(_: httpx.Request) -> httpx.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        for _turn in range(5):
            await asyncio.sleep(0)
        now -= 1
        return httpx.Response(200)

    plan = tuple(planned(str(index)) for index in range(12))
    made_in_a_run(plan, httpx.MockTransport(respond), Limits(concurrency=concurrency))
    assert most == concurrency


@pytest.mark.parametrize(
    ("status", "sent"), [(200, ["first", "if accepted", "last"]), (400, ["first", "if refused", "last"])]
)
def test_needs_decide_what_is_sent(status: int, sent: list[str]) -> None:
    plan = (
        planned("last", last=True),
        planned("first"),
        planned("if accepted", Need(("first",), accepted=True)),
        planned("if refused", Need(("first",), accepted=False)),
        planned("never", Need(("first",), accepted=True), Need(("first",), accepted=False)),
    )
    made = made_in_a_run(plan, always(lambda _: httpx.Response(status)), Limits())
    assert [exchange.id for exchange in made] == sent


def test_what_was_not_sent_counts_as_not_accepted() -> None:
    plan = (
        planned("a", Need(("none",), accepted=True)),
        planned("none", Need(("c",), accepted=False)),
        planned("c"),
        planned("d", Need(("none", "c"), accepted=True)),
    )
    made = made_in_a_run(plan, always(lambda _: httpx.Response(200)), Limits())
    assert sorted(exchange.id for exchange in made) == ["c", "d"]
