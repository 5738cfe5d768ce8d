"""What is selected is judged as in a whole run, and sends what it needs and no more."""

import asyncio
from collections.abc import Mapping
from functools import cache

import httpx
import pytest

from conformance.reference import Behaviour, create_app
from conformance.selftest.suite.runs import KEY, contract, rules, settings
from conformance.suite import run
from conformance.suite.images import IMAGES
from conformance.suite.plan import planner
from conformance.suite.plan.prepared import Prepared
from conformance.suite.report.report import Result
from conformance.suite.rules.rule import Answers, Random, Rule
from conformance.suite.verdicts.verdict import Outcome


class Remembering(httpx.AsyncBaseTransport):
    """Draws each image but once: the reference answers the same request with the same bytes."""

    def __init__(self, server: httpx.AsyncBaseTransport) -> None:
        """Take the server that draws."""
        self._server = server
        self._answers: dict[tuple[str, str, str, bytes], tuple[int, list[tuple[bytes, bytes]], bytes]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = f"{request.headers.get('content-type')} {request.headers.get('authorization')}"
        key = (request.method, str(request.url), asked, await request.aread())
        if key not in self._answers:
            answer = await self._server.handle_async_request(request)
            self._answers[key] = (answer.status_code, answer.headers.raw, await answer.aread())
        status, headers, body = self._answers[key]
        return httpx.Response(status, headers=headers, content=body)


@cache
def reference() -> Remembering:
    return Remembering(httpx.ASGITransport(create_app(Behaviour(api_key=KEY))))


def judged(chosen: tuple[Rule, ...], examples: int = 0) -> Result:
    plan = planner.make(contract(), IMAGES, chosen, key=True)
    prepared = Prepared(contract(), IMAGES, chosen, plan)
    return asyncio.run(run.run(settings(examples=examples), prepared, transport=reference()))


@cache
def whole() -> Mapping[str, Outcome]:
    return {verdict.rule.id: verdict.outcome for verdict in judged(rules()).verdicts}


@pytest.mark.parametrize("operation", contract().operations)
def test_each_rule_alone_is_judged_as_among_all(operation: str) -> None:
    chosen = [rule for rule in rules() if rule.operation == operation and not isinstance(rule.about, Random)]
    alone = {rule.id: judged((rule,)).verdicts[0].outcome for rule in chosen}
    assert alone == {rule.id: whole()[rule.id] for rule in chosen}


@pytest.mark.parametrize("rule", [rule for rule in rules() if isinstance(rule.about, Random)], ids=lambda rule: rule.id)
def test_random_requests_are_judged_alone(rule: Rule) -> None:
    assert judged((rule,), examples=1).verdicts[0].outcome is Outcome.PASS


def test_rules_about_errors_alone_send_invalid_requests_and_few_images() -> None:
    chosen = tuple(rule for rule in rules() if rule.id.startswith("createImage/error/"))
    made = judged(chosen)
    assert {verdict.outcome for verdict in made.verdicts} == {Outcome.PASS}
    exchanges = made.recording.exchanges.values()
    assert sum(not exchange.valid for exchange in exchanges) > 30
    # The valid ones are twins and ways into the operation.
    assert made.images_requested <= 12


@pytest.mark.parametrize(
    ("rule", "images"),
    [
        ("createImage/accepted", 3),
        ("createImage/response/created/type", 3),
        ("createImage/response/status", 3),
        ("createImage/n/maximum", 1),
        ("createImage/size/enum@dall-e-3", 1),
        ("createImage/security", 1),
        ("createImageEdit/image/square", 1),
        ("createImageVariation/path", 1),
    ],
)
def test_one_rule_sends_the_ways_in_that_it_needs(rule: str, images: int) -> None:
    (chosen,) = [one for one in rules() if one.id == rule]
    assert judged((chosen,)).images_requested == images


def test_a_rule_about_answers_is_fed_by_the_fields_that_it_depends_on() -> None:
    (chosen,) = [one for one in rules() if one.id == "createImage/response_format/honoured"]
    assert isinstance(chosen.about, Answers)
    made = judged((chosen,))
    assert made.verdicts[0].outcome is Outcome.PASS
    forms = {str(exchange.request.fields.get("response_format")) for exchange in made.recording.exchanges.values()}
    assert {"url", "b64_json"} <= forms
    assert made.requests < 12
