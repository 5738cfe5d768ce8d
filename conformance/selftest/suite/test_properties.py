"""Random requests: a correct server keeps the properties, and a fault that only they find is found and shrunk."""

import asyncio
import json
from collections.abc import Callable
from functools import cache
from itertools import product

import httpx
import pytest

from conformance.reference import Behaviour, Operation, RefusedError, Values
from conformance.selftest.suite.runs import (
    TARGET,
    by_rule,
    contract,
    operation,
    outcomes,
    plan,
    prepared_for,
    run_on,
    settings,
    status,
)
from conformance.suite import run
from conformance.suite.contract.constraints import of_request, violated
from conformance.suite.exchange.codec import CODEC, codec
from conformance.suite.exchange.encoding import encode
from conformance.suite.exchange.recording import Answer, Exchange
from conformance.suite.exchange.request import Request
from conformance.suite.exploring.settling import Known
from conformance.suite.images import IMAGES
from conformance.suite.images.requests import undecided
from conformance.suite.report.report import Result
from conformance.suite.sending.sender import Sender
from conformance.suite.settings import Limits, Settings
from conformance.suite.verdicts.entries import fails
from conformance.suite.verdicts.verdict import Outcome

CORRECT = Behaviour()
EXAMPLES = Settings(TARGET).examples


@pytest.fixture(scope="module")
def correct() -> Result:
    """Make one run with random requests against the correct server."""
    return run_on(CORRECT, settings(examples=EXAMPLES))


def random(made: Result) -> list[Exchange]:
    planned = {planned.id for planned in prepared_for(made).plan.exchanges}
    found = [exchange for id_, exchange in made.recording.exchanges.items() if id_ not in planned]
    assert found == [exchange for exchange in made.recording.exchanges.values() if exchange.random]
    return found


def test_a_correct_server_keeps_every_property(correct: Result) -> None:
    found = {rule: outcome for rule, outcome in outcomes(correct).items() if "/property/" in rule}
    assert len(found) == 2 * len(contract().operations)
    assert set(found.values()) == {"pass"}


def test_random_requests_change_no_verdict(correct: Result) -> None:
    assert "fail" not in outcomes(correct).values()
    assert "broken" not in outcomes(correct).values()


@pytest.mark.parametrize(
    ("prompt", "valid", "usable"),
    [
        ("x" * 1000, True, True),
        ("\N{OTTER}" * 500, True, True),
        ("\N{OTTER}" * 501, True, False),
        ("\N{OTTER}" * 1000, False, False),
        ("\N{OTTER}" * 1001, False, True),
    ],
)
def test_a_random_text_is_sent_where_every_count_of_characters_agrees(
    prompt: str, *, valid: bool, usable: bool
) -> None:
    found = Known(operation(), IMAGES, of_request(contract(), operation()), (), (None,), (), frozenset())
    assert found.usable({"prompt": prompt}, valid=valid) is usable


@pytest.mark.parametrize(("images", "most"), [(None, 2), (60, 1)])
def test_operations_are_tried_at_once_unless_a_budget_counts_images(
    correct: Result, monkeypatch: pytest.MonkeyPatch, images: int | None, most: int
) -> None:
    on_their_way = [0]

    class Watched(Sender):
        async def exchange(
            self, id_: str, request: Request, *, valid: bool, images: int = 0, random: bool = False
        ) -> Exchange:
            sending = super().exchange(id_, request, valid=valid, images=images, random=random)
            if not random:
                return await sending
            on_their_way.append(on_their_way[-1] + 1)
            await asyncio.sleep(0.01)
            made = await sending
            on_their_way.append(on_their_way[-1] - 1)
            return made

    monkeypatch.setattr(run, "Sender", Watched)
    made = run_on(CORRECT, settings(examples=EXAMPLES, limits=Limits(concurrency=2, images=images)))
    assert max(on_their_way) == most
    # Whatever comes back first, the same is sent, and stands in the same order.
    assert [(one.id, one.request) for one in random(made)] == [(one.id, one.request) for one in random(correct)]


def test_each_random_request_is_what_it_is_said_to_be(correct: Result) -> None:
    assert random(correct)
    for exchange in random(correct):
        made = operation(exchange.request.operation)
        broken = violated(of_request(contract(), made), exchange.request.fields)
        assert bool(broken) is not exchange.valid
        assert undecided(made, exchange.request.fields) is None


def test_random_requests_ask_for_few_images(correct: Result) -> None:
    for exchange in random(correct):
        if exchange.valid:
            assert (exchange.request.fields.get("n") or 1) in (1, 2)


def test_random_requests_are_few_and_ask_for_few_images_in_all(correct: Result) -> None:
    made = random(correct)
    costs = [IMAGES.cost(operation(one.request.operation), one.request.fields) for one in made if one.valid]
    assert sum(cost.images for cost in costs) <= EXAMPLES * len(contract().operations)
    assert {(one.request.operation, one.valid) for one in made} == set(product(contract().operations, (True, False)))
    assert len(made) <= 40


def test_random_requests_survive_a_recording(correct: Result) -> None:
    for exchange in random(correct):
        written = json.loads(json.dumps(CODEC.unstructure(exchange)))
        again = codec(IMAGES.contents).structure(written, Exchange)
        assert (again.request.key, again.random) == (exchange.request.key, True)


def test_random_requests_are_the_same_every_time() -> None:
    only = settings("createImage/accepted", "createImage/property/valid", examples=2)
    first, second = (random(run_on(CORRECT, only)) for _ in range(2))
    assert [exchange.request.key for exchange in first] == [exchange.request.key for exchange in second]
    assert first


@cache
def learned() -> frozenset[str]:
    """Return every body that the plan sends."""
    requests = [planned.request for planned in plan().exchanges if planned.request.operation == "createImage"]
    return frozenset(canonical(encode(request, operation(), {}).body) for request in requests)


def canonical(body: bytes | Values) -> str:
    try:
        return json.dumps(json.loads(body) if isinstance(body, bytes) else body, sort_keys=True)
    except (ValueError, RecursionError):
        return ""


def refuse_what_is_new(made: Operation, values: Values) -> Values:
    """Take no valid request but those that the plan has."""
    checked = CORRECT.validate(made, values)
    if canonical(values) not in learned():
        raise RefusedError("No.")
    return checked


def take_what_is_new(made: Operation, values: Values) -> Values:
    """Refuse no invalid request but those that the plan has."""
    try:
        return CORRECT.validate(made, values)
    except RefusedError:
        if canonical(values) in learned():
            raise
        return {"prompt": "otter", "size": "256x256"}


@pytest.mark.parametrize(
    ("validate", "rule"),
    [(refuse_what_is_new, "createImage/property/valid"), (take_what_is_new, "createImage/property/invalid")],
)
def test_what_only_random_requests_show_is_found_and_shrunk(
    validate: Callable[[Operation, Values], Values], rule: str
) -> None:
    made = run_on(Behaviour(validate=validate), settings("createImage/*", examples=5))
    (failed,) = [verdict for verdict in made.verdicts if verdict.outcome is Outcome.FAIL]
    assert failed.rule.id == rule
    shown = made.recording.exchanges[failed.evidence[0]].request
    assert len(shown.fields) <= 2
    assert all(len(shown.key) <= len(exchange.request.key) for exchange in random(made) if fails(exchange))


def test_none_are_sent_where_no_valid_request_was_accepted() -> None:
    assert random(run_on(status(400), settings("createImage/accepted", "createImage/property/*", examples=3))) == []


def test_none_are_sent_when_switched_off() -> None:
    made = run_on(CORRECT, settings("createImage/accepted", "createImage/property/*"))
    assert random(made) == []
    assert {v.outcome for v in by_rule(made).values() if "/property/" in v.rule.id} == {Outcome.NOT_JUDGED}


@pytest.mark.parametrize(
    ("valid", "code", "broken"),
    [
        (True, 200, False),
        (True, 400, True),
        (True, 500, True),
        (True, 401, False),
        (True, 429, False),
        (True, 503, False),
        # A redirect says nothing of a request that is to be accepted; where one is to be refused, it is no refusal.
        (True, 302, False),
        (False, 302, True),
        (False, 401, False),
        (False, 400, False),
        (False, 422, False),
        (False, 200, True),
        (False, 500, True),
        (False, 429, False),
    ],
)
def test_what_breaks_a_property(*, valid: bool, code: int, broken: bool) -> None:
    exchange = Exchange("a", Request("createImage", {}), valid=valid, answer=Answer(code, (), b""))
    assert fails(exchange) is broken


def test_a_server_that_answers_the_same_request_in_two_ways_is_survived() -> None:
    planned, seen = 3, list[bytes]()

    def respond(request: httpx.Request) -> httpx.Response:
        if request.method != "POST":
            return httpx.Response(200)
        steady = len(seen) < planned or request.content in seen
        seen.append(request.content)
        return httpx.Response(200 if steady else 400, json={"created": 1, "data": []})

    made = run_on(
        httpx.MockTransport(respond), settings("createImage/stable", "createImage/property/valid", examples=5)
    )
    assert outcomes(made)["createImage/stable"] == "fail"


def test_invalid_requests_are_sent_alone_too() -> None:
    made = run_on(CORRECT, settings("createImage/property/invalid", examples=1))
    sent = [exchange for exchange in random(made) if not exchange.valid]
    assert outcomes(made) == {"createImage/property/invalid": "pass"}
    assert by_rule(made)["createImage/property/invalid"].samples == len(sent) > 0
