"""What was not found out is never green: a server that puts off, hangs or answers in part, and a user's own limits."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import attrs
import httpx
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.reference import Behaviour, Operation, RefusedError, Values, create_app
from conformance.selftest.suite import runs
from conformance.selftest.suite.runs import KEY, by_rule, correct, outcomes, page, prepared_for, run_on, status
from conformance.suite import run
from conformance.suite.exchange.recording import Recording
from conformance.suite.report import pages, record, report
from conformance.suite.report.record import Exit, Report
from conformance.suite.report.report import Result
from conformance.suite.settings import Limits
from conformance.suite.verdicts.verdict import Outcome

Answering = Callable[[httpx.Request], httpx.Response | None]
GREEN = "#1a7f37"
LATER = {"retry-after": "0"}


class Instead(httpx.AsyncBaseTransport):
    """The correct server, but for what a function answers, or that no answer comes."""

    def __init__(self, answer: Answering, *, hang: Callable[[httpx.Request], bool] = lambda _: False) -> None:
        """Take the function, and of which requests nothing is heard again."""
        self._server = httpx.ASGITransport(create_app(attrs.evolve(Behaviour(), api_key=KEY)))
        self._answer = answer
        self._hang = hang

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        if self._hang(request):
            raise httpx.ReadTimeout("no answer", request=request)
        return self._answer(request) or await self._server.handle_async_request(request)


def put_off(code: int, when: Callable[[httpx.Request], bool]) -> Instead:
    return Instead(lambda request: httpx.Response(code, headers=LATER, json={}) if when(request) else None)


def whole(server: httpx.AsyncBaseTransport, limits: Limits | None = None) -> Result:
    # One random request, so that nothing is left out by the tests' own limits.
    return run_on(server, runs.settings(examples=1, limits=limits))


def reported(made: Result) -> Report:
    return report.build(made)


def is_green(built: Report) -> bool:
    return GREEN in pages.badge(built)


# A server that keeps something from being found out


@pytest.mark.parametrize("code", [429, 503])
def test_a_server_that_puts_off_everything_is_not_green(code: int) -> None:
    made = run_on(status(code, **LATER), runs.settings("createImage/*"))
    built = reported(made)
    assert (built["outcome"], built["complete"], record.exit_code(built)) == ("incomplete", False, Exit.COULD_NOT_RUN)
    assert not is_green(built)
    assert "pass" not in {v["outcome"] for v in built["verdicts"] if v["level"] == "core"}


def test_a_server_that_puts_off_two_of_three_operations_is_not_green() -> None:
    built = reported(
        whole(put_off(429, lambda request: request.method == "POST" and "generations" not in request.url.path))
    )
    assert (built["outcome"], is_green(built)) == ("incomplete", False)


@pytest.mark.parametrize("code", [429, 503, 401])
def test_a_value_that_is_put_off_is_blocked_and_named(code: int) -> None:
    made = whole(put_off(code, lambda request: b"b64_json" in request.content))
    verdict = by_rule(made)["createImage/response_format/accepted"]
    assert verdict.outcome is Outcome.BLOCKED
    assert 'response_format = "b64_json"' in verdict.message
    assert reported(made)["outcome"] in ("incomplete", "fail")
    assert record.exit_code(reported(made)) is not Exit.CONFORMANT


def test_a_time_out_is_no_evidence_of_a_model_that_is_not_offered() -> None:
    def slow(request: httpx.Request) -> bool:
        return b"dall-e-3" in request.content and "generations" in request.url.path

    made = whole(Instead(lambda _: None, hang=slow))
    about = {rule: v for rule, v in by_rule(made).items() if rule.endswith("@dall-e-3")}
    assert {verdict.outcome for verdict in about.values()} == {Outcome.BLOCKED}
    assert all("no answer within" in verdict.message for verdict in about.values())
    assert record.exit_code(reported(made)) is Exit.COULD_NOT_RUN


def test_a_model_that_is_refused_is_not_offered() -> None:
    def validate(operation: Operation, values: Values) -> Values:
        if values.get("model") == "dall-e-3":
            raise RefusedError("No such model.", "model")
        return Behaviour().validate(operation, values)

    made = outcomes(run_on(Behaviour(validate=validate), runs.settings("createImage/*@dall-e-3")))
    assert set(made.values()) == {"unsupported"}


@pytest.mark.parametrize(("host", "outcome"), [("cdn.test", Outcome.BLOCKED), ("cdn.invalid", Outcome.FAIL)])
def test_an_image_on_a_host_that_is_out_of_reach_is_not_green(host: str, outcome: Outcome) -> None:
    url = "createImage/response/data/items/url"

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == host:
            raise httpx.ConnectError("Name or service not known", request=request)
        return httpx.Response(200, json={"created": 1, "data": [{"url": f"http://{host}/1.png"}]})

    made = run_on(httpx.MockTransport(answer), runs.settings(f"{url}/*"))
    verdict = by_rule(made)[f"{url}/fetchable"]
    assert verdict.outcome is outcome
    assert by_rule(made)[f"{url}/image"].outcome is Outcome.BLOCKED
    if outcome is Outcome.BLOCKED:
        assert verdict.message == "could not be fetched from here: Name or service not known"
        assert record.exit_code(reported(made)) is Exit.COULD_NOT_RUN


# The user's own limits


def test_a_whole_run_on_the_correct_server_is_complete_and_green() -> None:
    built = reported(whole(Instead(lambda _: None)))
    assert (built["outcome"], built["complete"], is_green(built)) == ("pass", True, True)
    assert built["judged"] == {"rules": 264, "of": 264, "core": 141, "of_core": 141}
    assert '<h1 class="pass">' in page(built)


@pytest.mark.parametrize("images", [4, 12, 24])
def test_an_image_budget_leaves_rules_not_judged(images: int) -> None:
    built = reported(whole(Instead(lambda _: None), Limits(images=images)))
    assert (built["outcome"], built["complete"], record.exit_code(built)) == ("pass", False, Exit.CONFORMANT)
    assert not is_green(built)
    assert {v["outcome"] for v in built["verdicts"] if v["level"] == "core"} == {"pass", "not judged", "unsupported"}
    assert f"{built['judged']['rules']} of 264 judged" in pages.badge(built)
    assert page(built).index("rules judged") < page(built).index("<table")
    assert '<h1 class="partial">' in page(built)


def test_a_selection_is_not_complete() -> None:
    built = reported(run_on(Behaviour(), runs.settings("createImage/n/*")))
    assert (built["outcome"], built["complete"], is_green(built)) == ("pass", False, False)
    assert built["judged"] == {"rules": 10, "of": 264, "core": 5, "of_core": 141}


def test_no_random_requests_is_a_limit_of_the_user() -> None:
    made = outcomes(correct())
    assert {outcome for rule, outcome in made.items() if "/property/" in rule} == {"not judged"}
    assert record.exit_code(reported(correct())) is Exit.CONFORMANT


def test_what_is_broken_is_never_green_nor_the_servers_fault() -> None:
    made = correct()
    broken = evolve(made.verdicts[0], outcome=Outcome.BROKEN)
    built = reported(evolve(made, verdicts=(broken, *made.verdicts[1:])))
    assert (built["outcome"], record.exit_code(built)) == ("error", Exit.COULD_NOT_RUN)


# A recording that breaks off


@cache
def strange() -> Result:
    """Make one planned run against a server with several faults at once."""

    def respond(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST" and b'"n": 11' in request.content:
            return httpx.Response(200, json={"created": 1, "data": [{"url": "http://i.test/1"}]})
        if b'"user"' in request.content and b"null" in request.content:
            return httpx.Response(400, json={"detail": "No."})
        if b"512x512" in request.content:
            return httpx.Response(500, text="failed")
        return None

    return run_on(Instead(respond), runs.settings())


@cache
def partial() -> Result:
    """Make one planned run against a server that refuses a model in one operation only."""

    def respond(request: httpx.Request) -> httpx.Response | None:
        here = request.url.path.endswith("/generations") and b'"model": "dall-e-2"' in request.content
        return httpx.Response(400, json={"detail": "No."}) if here else None

    return run_on(Instead(respond), runs.settings())


def contradictions(made: Result, kept: set[str]) -> dict[str, tuple[str, str]]:
    """Return the rules on which a part of a recording says the opposite of the whole."""
    exchanges = {id_: exchange for id_, exchange in made.recording.exchanges.items() if id_ in kept}
    parts = run.judge(prepared_for(made), Recording(made.recording.header, exchanges))
    decided = (Outcome.PASS, Outcome.FAIL, Outcome.UNSUPPORTED)
    return {
        part.rule.id: (part.outcome.value, verdict.outcome.value)
        for part, verdict in zip(parts, made.verdicts, strict=True)
        if part.outcome in decided and verdict.outcome in decided and part.outcome is not verdict.outcome
    }


@pytest.mark.parametrize("server", ["correct", "strange", "partial"])
def test_no_part_of_a_recording_contradicts_the_whole(server: str) -> None:
    made = {"correct": correct, "strange": strange, "partial": partial}[server]()
    ids = list(made.recording.exchanges)
    prefixes = st.integers(0, len(ids)).map(lambda length: set(ids[:length]))
    subsets = st.sets(st.sampled_from(ids), max_size=len(ids))
    lacking = st.sets(st.sampled_from(ids), max_size=12).map(lambda gone: set(ids) - gone)

    @settings(max_examples=30, deadline=None, database=None, derandomize=True)
    @given(prefixes | subsets | lacking)
    def holds(kept: set[str]) -> None:
        assert contradictions(made, kept) == {}

    holds()
    if server == "partial":
        assert by_rule(made)["createImage/model/accepted"].outcome is Outcome.FAIL
    for length in range(0, len(ids), 7):
        assert contradictions(made, set(ids[:length])) == {}


def test_one_operation_alone_doesnt_say_what_is_offered_nowhere() -> None:
    made = partial()
    mine = {id_: one for id_, one in made.recording.exchanges.items() if one.request.operation == "createImage"}
    found = {v.rule.id: v for v in run.judge(prepared_for(made), Recording(made.recording.header, mine))}
    assert found["createImage/model/accepted"].outcome is Outcome.BLOCKED
    assert found["createImage/n/maximum"].outcome is Outcome.PASS


def test_a_packed_refusal_accuses_nobody() -> None:
    made = correct()
    plan = prepared_for(made).plan
    packed = {
        attempt.exchange for cases in plan.cases.values() for c in cases for attempt in c.attempts if not attempt.alone
    }
    exchanges = {
        id_: evolve(exchange, answer=evolve(exchange.answer, status=400))
        if id_ in packed and exchange.answer
        else exchange
        for id_, exchange in made.recording.exchanges.items()
        if id_ not in {id_ for context in plan.contexts for id_ in context.ids} or id_ not in packed
    }
    verdicts = run.judge(prepared_for(made), Recording(made.recording.header, exchanges))
    about = {v.rule.id: v.outcome for v in verdicts if v.rule.id.endswith(("/accepted", "/nullable", "/optional"))}
    assert Outcome.FAIL not in about.values()


def test_an_empty_recording_decides_nothing() -> None:
    verdicts = run.judge(prepared_for(correct()), Recording(correct().recording.header, {}))
    left_out = {verdict.rule.id for verdict in verdicts if verdict.outcome is not Outcome.BLOCKED}
    assert left_out == {"createImage/size/accepted"}


def test_the_published_schema_knows_what_is_new(tmp_path: Path) -> None:
    path = record.write(reported(correct()), tmp_path)
    written = json.loads(path.read_text(encoding="utf-8"))
    assert (written["complete"], written["judged"]["of"]) == (False, 264)
