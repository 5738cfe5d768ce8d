"""Nothing is held against a server that came once only: what would be is sent again, and so is what nobody answered."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from attrs import evolve

from conformance.mutants import catalogue
from conformance.mutants.measure.trial import Network
from conformance.reference import Behaviour, create_app
from conformance.selftest.suite.runs import KEY, Sequence, always, by_rule, outcomes, prepared_for, run_on, settings
from conformance.suite import run
from conformance.suite.exchange import recording
from conformance.suite.exchange.recording import Exchange, Recording
from conformance.suite.images import IMAGES
from conformance.suite.report import report
from conformance.suite.report.report import Result
from conformance.suite.settings import Limits

RECENT = "createImage/response/created/recent"
CORRECT = create_app(Behaviour(api_key=KEY))
ERROR = {"error": {"message": "No.", "type": "server_error", "param": None, "code": None}}
Disturbed = Callable[[httpx.Request], httpx.Response | None]


class Disturbing(httpx.AsyncBaseTransport):
    """The correct server but for what a function answers; it may also raise what the network would."""

    def __init__(self, disturb: Disturbed) -> None:
        """Take the function."""
        self.server = httpx.ASGITransport(CORRECT)
        self.disturb = disturb

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        disturbed = self.disturb(request)
        return disturbed or await self.server.handle_async_request(request)


def every_tenth(seed: int, *, drop: bool) -> Disturbed:
    """Lose one request in ten, by chance, or answer it with 500."""
    chance = random.Random(seed)  # noqa: S311 - no secret

    def disturb(request: httpx.Request) -> httpx.Response | None:
        if request.method != "POST" or chance.random() >= 0.1:
            return None
        if drop:
            raise httpx.ReadError("", request=request)
        return httpx.Response(500, json=ERROR)

    return disturb


def failed(made: Result) -> set[str]:
    return {rule for rule, outcome in outcomes(made).items() if outcome == "fail"}


@pytest.mark.parametrize("seed", range(4))
def test_a_server_that_fails_now_and_then_is_accused_of_that_alone(seed: int) -> None:
    made = run_on(Disturbing(every_tenth(seed, drop=False)), settings("createImage/*"))
    assert failed(made) == {"createImage/stable"}
    words = r"\d+ of \d+ exchanges came out otherwise when sent again(, on valid requests too)?: status 500: .*, then "
    assert re.match(words, by_rule(made)["createImage/stable"].message)


@pytest.mark.parametrize("seed", range(4))
def test_a_network_that_loses_now_and_then_is_nobody_s_fault(seed: int) -> None:
    made = run_on(Disturbing(every_tenth(seed, drop=True)), settings("createImage/*"))
    assert failed(made) == set()
    assert "blocked" not in outcomes(made).values()


def test_what_comes_once_is_no_failure_and_what_comes_twice_is() -> None:
    right, wrong = httpx.Response(400, json=ERROR), httpx.Response(200, json={"created": 1})
    rule = "createImage/n/maximum"
    for bad, outcome in (((wrong, right), "pass"), ((wrong, wrong), "fail")):
        answers = Sequence(*bad)
        made = run_on(
            Disturbing(lambda r, answers=answers: answers(r) if b'"n": 11' in r.content else None), settings(rule)
        )
        assert (outcomes(made)[rule], len(answers.requests)) == (outcome, 2)
        (exchange,) = [one for one in made.recording.exchanges.values() if one.before]
        assert [one.status for one in exchange.sendings] == [one.status_code for one in bad]


def test_what_was_seen_once_and_not_sent_again_is_blocked_and_says_so() -> None:
    made = run_on(always(lambda _: httpx.Response(200, json={})), settings("createImage/n/maximum"))
    once = {id_: evolve(one, before=None) for id_, one in made.recording.exchanges.items()}
    (verdict,) = run.judge(prepared_for(made), Recording(made.recording.header, once))
    assert outcomes(made) == {"createImage/n/maximum": "fail"}
    assert verdict.outcome == "blocked"
    assert verdict.message == (
        "could not find out: n = 11: accepted with status 200; it was not sent again to see whether that is always so"
    )


def test_an_image_budget_keeps_some_for_what_is_sent_again() -> None:
    one = {"created": 1, "data": [{"url": "http://reference.test/1"}]}
    server = always(lambda _: httpx.Response(200, json=one))
    made = run_on(server, settings("createImage/*", limits=Limits(images=6)))
    assert outcomes(made)[RECENT] == "fail"
    assert made.images_requested <= 6
    assert any(exchange.left_out for exchange in made.recording.exchanges.values())


def test_what_an_image_budget_keeps_and_nothing_needs_is_spent_on_the_plan() -> None:
    whole = run_on(Behaviour(), settings("createImage/*"))
    enough = run_on(Behaviour(), settings("createImage/*", limits=Limits(images=whole.images_requested)))
    assert outcomes(enough) == outcomes(whole)
    assert enough.recording.exchanges.keys() == whole.recording.exchanges.keys()


def test_an_exchange_that_was_sent_again_is_written_and_read_with_what_came_before(tmp_path: Path) -> None:
    server = Disturbing(every_tenth(1, drop=False))
    made = run_on(server, settings("createImage/*"), tmp_path / "recording.ndjson")
    kept = recording.read(tmp_path / "recording.ndjson", IMAGES.contents)
    assert any(one.before for one in kept.exchanges.values())
    assert kept.exchanges == made.recording.exchanges
    assert run.result_of(made.settings, prepared_for(made), kept).verdicts == made.verdicts
    assert run.result_of(made.settings, prepared_for(made), kept).requests == made.requests


# Bad requests that are never answered


def hanging(request: httpx.Request, when: bytes) -> httpx.Response | None:
    if when in request.content:
        raise httpx.ReadTimeout("", request=request)
    return None


@pytest.mark.parametrize("rule", ["createImage/body/survived", "createImage/body/malformed"])
def test_a_bad_request_on_which_the_server_hangs_is_a_failure_that_says_how_long_was_waited(rule: str) -> None:
    hang = Disturbing(lambda request: hanging(request, b"[" * 100) or hanging(request, b'["A cute baby'))
    made = run_on(hang, settings(rule, limits=Limits(seconds=7)))
    verdict = by_rule(made)[rule]
    assert verdict.outcome == "fail"
    assert verdict.actual == "no answer within 7 s"
    assert [len(made.recording.exchanges[id_].sendings) for id_ in verdict.evidence[:1]] == [2]


def test_a_server_that_is_gone_after_a_bad_request_is_not_accused_of_hanging() -> None:
    """What is never answered again says that the server is gone: for that there may be many reasons."""
    gone: list[bool] = []

    def dying(request: httpx.Request) -> httpx.Response | None:
        if gone or b'["A cute baby' in request.content:
            gone.append(True)
            raise httpx.ReadTimeout("", request=request)
        return None

    made = run_on(Disturbing(dying), settings("createImage/body/*"))
    assert failed(made) == set()
    assert outcomes(made)["createImage/body/survived"] == "blocked"


def test_a_valid_request_that_is_not_answered_in_time_is_not_sent_again() -> None:
    sent: list[bytes] = []

    def slow(request: httpx.Request) -> httpx.Response | None:
        if b"b64_json" in request.content:
            sent.append(request.content)
        return hanging(request, b"b64_json")

    made = run_on(Disturbing(slow), settings("createImage/response_format/accepted"))
    assert outcomes(made)["createImage/response_format/accepted"] == "blocked"
    assert len(sent) == len(set(sent)) > 0


# What kind of difference makes a server unsteady


def differing(made: Result, *answers: httpx.Response) -> dict[str, str]:
    """Judge the stability of a server that answered one request in these ways."""

    def exchange(response: httpx.Response, before: Exchange | None) -> Exchange:
        body = recording.Answer(response.status_code, (("content-type", "application/json"),), response.content)
        return evolve(first, answer=body, before=before)

    exchanges = dict(made.recording.exchanges)
    first = next(one for one in exchanges.values() if one.valid is (answers[-1].status_code < 300))
    last: Exchange | None = None
    for response in answers:
        last = exchange(response, last)
    assert last is not None
    exchanges[first.id] = last
    judged = run.judge(prepared_for(made), Recording(made.recording.header, exchanges))
    verdict = next(one for one in judged if one.rule.id == "createImage/stable")
    return {"outcome": verdict.outcome.value, "message": verdict.message}


@pytest.mark.parametrize(
    ("codes", "outcome"),
    [
        ((500, 200), "fail"),
        ((200, 400), "fail"),
        ((400, 401), "fail"),
        ((429, 200), "pass"),
        ((503, 200), "pass"),
        ((400, 422), "pass"),
    ],
)
def test_only_answers_that_say_different_things_make_a_server_unsteady(codes: tuple[int, ...], outcome: str) -> None:
    made = run_on(Behaviour(), settings("createImage/stable", "createImage/n/maximum"))
    good = {"created": int(made.recording.header.started), "data": [{"url": "http://reference.test/1"}]}
    answers = [httpx.Response(code, json=good if code < 300 else ERROR) for code in codes]
    assert differing(made, *answers)["outcome"] == outcome


def test_an_answer_that_is_wrong_once_makes_a_server_unsteady() -> None:
    made = run_on(Behaviour(), settings("createImage/stable"))
    good = {"created": int(made.recording.header.started), "data": [{"url": "http://reference.test/1"}]}
    found = differing(made, httpx.Response(200, json={**good, "created": 1}), httpx.Response(200, json=good))
    assert found["outcome"] == "fail"
    assert "created is 1" in found["message"]


def test_the_images_of_each_sending_are_counted() -> None:
    made = run_on(always(lambda _: httpx.Response(200, json={"created": 1, "data": [{}]})), settings(RECENT))
    again = sum(len(exchange.sendings) - 1 for exchange in made.recording.exchanges.values() if exchange.valid)
    assert again > 0
    valid = [exchange for exchange in made.recording.exchanges.values() if exchange.valid]
    assert report.build(made)["images_received"] == len(valid) + again


@pytest.mark.parametrize(
    "lie", ["createImage/n-ignored", "createImage/body-never-answered", "createImage/sometimes-500"]
)
def test_no_beginning_of_a_recording_contradicts_the_whole(lie: str, tmp_path: Path) -> None:
    """What was sent again stands there twice; before the second time nothing may be held against the server."""
    mutant = catalogue.mutants()[lie]
    path = tmp_path / "recording.ndjson"
    made = run_on(Network(mutant.make()), settings(*mutant.only), path)
    whole = outcomes(made)
    lines = path.read_text(encoding="utf-8").split("\n")
    assert len(lines) - 2 > len(made.recording.exchanges)
    for end in range(2, len(lines), 9):
        path.write_text("\n".join(lines[:end]) + "\n", encoding="utf-8")
        for verdict in run.judge(prepared_for(made), recording.read(path, IMAGES.contents)):
            said = {verdict.outcome.value, whole[verdict.rule.id]}
            assert said not in ({"pass", "fail"}, {"unsupported", "fail"}), (end, verdict.rule.id)
