"""What a run will send, and cost, is told before it is sent."""

import asyncio
import io
import re

import attrs
import httpx
import pytest
from rich.console import Console

from conformance.reference import Behaviour
from conformance.selftest.suite.runs import prepared, run_on, settings, status
from conformance.suite.exchange.recording import OVER_REQUESTS
from conformance.suite.forecast import Forecast, forecast
from conformance.suite.report import planning
from conformance.suite.report.report import Result
from conformance.suite.rules.rule import Answers, Random, Stable
from conformance.suite.settings import Limits, Settings
from conformance.suite.verdicts.verdict import Outcome


def foretold(chosen: Settings) -> Forecast:
    return asyncio.run(forecast(chosen, prepared(chosen.only, chosen.model)))


def printed(chosen: Settings, price: float | None = None) -> str:
    file = io.StringIO()
    console = Console(file=file, highlight=False, markup=False, width=500)
    planning.plan(console, chosen, prepared(chosen.only, chosen.model), foretold(chosen), price)
    return file.getvalue()


def limited(*only: str, examples: int = 0, images: int | None = None, requests: int | None = None) -> Settings:
    return settings(*only, limits=Limits(concurrency=1, images=images, requests=requests), examples=examples)


@pytest.mark.parametrize(("images", "requests"), [(4, None), (12, None), (24, None), (None, None), (None, 100)])
def test_a_correct_server_gets_what_was_foretold(images: int | None, requests: int | None) -> None:
    chosen = limited(images=images, requests=requests)
    made, told = run_on(Behaviour(), chosen), foretold(chosen)
    sent = [exchange for exchange in made.recording.exchanges.values() if not exchange.left_out]
    assert {exchange.id for exchange in told.sent} == {exchange.id for exchange in sent}
    assert (len(told.sent), told.images) == (made.requests, made.images_requested)
    assert {rule.id for rule in told.unjudged} == {
        verdict.rule.id
        for verdict in made.verdicts
        if verdict.outcome is Outcome.NOT_JUDGED and not isinstance(verdict.rule.about, Answers | Random | Stable)
    }
    assert bool(told.left_out) is bool(told.unjudged) is ((images, requests) != (None, None))


class Listening(httpx.AsyncBaseTransport):
    """Hands requests on and remembers what they held, in the order in which they came."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.bodies: list[bytes] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Refuse a request."""
        self.bodies += [request.content] if request.method == "POST" else []
        return httpx.Response(400, json={"error": {"message": "No.", "type": "x", "param": None, "code": None}})


def test_the_order_is_that_of_sending() -> None:
    listening = Listening()
    run_on(listening, limited("createImage/*"))
    first = foretold(limited("createImage/*")).sent[0].request.fields
    assert str(first["prompt"]).encode() in listening.bodies[0]
    assert len(first) == 1


@pytest.mark.parametrize("examples", [1, 3])
def test_random_requests_are_no_more_than_foretold(examples: int) -> None:
    chosen = limited("createImage/*", examples=examples)
    made, told = run_on(Behaviour(), chosen), foretold(chosen)
    assert made.requests - len(told.sent) <= told.random
    assert made.images_requested - told.images <= told.random_images


def test_a_budget_leaves_random_requests_what_is_left() -> None:
    assert foretold(limited(images=12, examples=3)).random_images == 0
    assert foretold(limited(images=41, examples=3)).random_images == 2


@pytest.mark.parametrize(
    ("only", "shown", "closing"),
    [
        (
            "createImage/n/maximum",
            "valid, 1 image of 65,536 pixels  prompt=",
            "gets 2 planned requests for 1 image of 65,536",
        ),
        (
            "createImage/prompt/type",
            "prompt=null, ",
            "gets 4 planned requests for 1 image of 65,536 pixels, in the order of",
        ),
        ("createImage/n/accepted", "n=10, ", "A server that refuses valid requests gets up to"),
    ],
)
def test_the_plan_counts_in_words_and_shows_json(only: str, shown: str, closing: str) -> None:
    text = printed(limited(only))
    assert shown in text
    assert closing in text
    assert not re.search(r"None|True|False|Upload|\b1 (images|requests)", text)


def test_the_plan_is_told_by_operation_and_numbered_in_the_order_of_sending() -> None:
    lines = printed(limited("createImage/n/maximum", "createImageEdit/n/maximum")).splitlines()
    told = [" ".join(line.split()[:2]) for line in lines if line.endswith(" pixels") or line[:5].strip().isdigit()]
    groups = [line for line in lines if re.match(r"createImage\w*: ", line)]
    assert groups == [
        "createImage: 2 requests for 1 image of 65,536 pixels",
        "createImageEdit: 2 requests for 1 image of 65,536 pixels",
    ]
    numbers = [line.split()[0] for line in told if line[0].isdigit()]
    assert numbers == ["1", "3", "2", "4"]


def test_the_plan_says_what_limits_leave_out_and_what_it_costs() -> None:
    text = printed(limited("createImage/n/accepted", images=4, requests=20), price=0.25)
    assert "The limits leave out 1 request, so that 1 rule about requests can't be judged: createImage/n/acc" in text
    assert "A server that refuses valid requests gets up to " in text
    assert "At 0.25 an image that costs up to 0.25." in text
    assert "or fails, gets no more than 20 (--requests)." in printed(limited("createImage/n/*", requests=20))


def spent(result: Result) -> int:
    return sum(exchange.failure == OVER_REQUESTS for exchange in result.recording.exchanges.values())


@pytest.mark.parametrize(
    "server", [status(400), status(500), status(200), status(404)], ids=["400", "500", "200", "404"]
)
def test_no_server_gets_more_requests_than_allowed(server: httpx.MockTransport) -> None:
    chosen = attrs.evolve(limited(requests=60), model="of its own")
    made = run_on(server, chosen)
    assert made.requests <= 60
    assert spent(made) or made.requests < 60
    outcomes = {verdict.outcome for verdict in made.verdicts}
    assert Outcome.BROKEN not in outcomes


def test_a_correct_server_is_judged_with_few_requests_and_what_is_missing_is_told() -> None:
    made = run_on(Behaviour(), limited(requests=40))
    assert made.requests == 40
    assert spent(made)
    assert {verdict.outcome for verdict in made.verdicts} == {Outcome.PASS, Outcome.NOT_JUDGED, Outcome.UNSUPPORTED}
    assert any("as many requests were sent as --requests allows" in verdict.message for verdict in made.verdicts)
