"""Causes: one fault is told in one sentence, two faults in two, and every failed rule belongs to one of them."""

from __future__ import annotations

from functools import cache

import httpx
import pytest
from attrs import evolve
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.mutants import catalogue
from conformance.mutants.measure.trial import Network
from conformance.reference import Behaviour, Operation, RefusedError, Values, create_app
from conformance.selftest.suite.runs import KEY, by_rule, run_on, settings
from conformance.suite.images import IMAGES
from conformance.suite.report.causes import Cause, causes
from conformance.suite.report.report import Result
from conformance.suite.rules.hints import HINTS, Kind
from conformance.suite.rules.rule import Level
from conformance.suite.verdicts.verdict import Outcome

CORRECT = Behaviour()
LONGEST_HINT = 66
"""What fits beside its heading on a line of 80 columns."""


@cache
def run_against(lie: str, *only: str) -> Result:
    """Make a run against a server that tells this lie in all operations."""
    return run_on(Network(catalogue.mutants()[f"createImage/{lie}"].make()), settings(*only))


def told(result: Result) -> tuple[Cause, ...]:
    return causes(result.verdicts, result.recording.exchanges, IMAGES.hints)


def titles(server: Behaviour | ASGIApp, *only: str) -> list[str]:
    transport = server if isinstance(server, Behaviour) else Network(server)
    return [cause.title for cause in told(run_on(transport, settings(*only)))]


def answering(status: int, body: object) -> ASGIApp:
    """Return a server that answers the same to whatever is asked."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await JSONResponse(body, status)(scope, receive, send)

    return app


def unchecked(*names: str) -> Behaviour:
    """Take these fields for absent where they are wrong."""

    def validate(operation: Operation, values: Values) -> Values:
        try:
            return CORRECT.validate(operation, values)
        except RefusedError:
            return CORRECT.validate(operation, {name: value for name, value in values.items() if name not in names})

    return Behaviour(validate=validate)


def test_a_correct_server_has_no_cause() -> None:
    assert titles(CORRECT) == []


@pytest.mark.parametrize(
    ("lie", "title"),
    [
        ("refusal-500", "Invalid requests make the server fail with 500 (12 rules)"),
        ("refusal-redirect", "Invalid requests are redirected with 307 (11 rules)"),
        ("accepts-all", "Invalid requests are accepted (7 rules)"),
        ("n-500", "Wrong values of n make the server fail with 500 (3 rules)"),
        ("created-null", "In answers, created is null, which breaks type: integer"),
        ("always-image", "Whatever is asked gets a success (17 rules)"),
        ("error-message-only", "Error answers are not of the usual form: error.type is missing (3 rules)"),
    ],
)
def test_a_fault_is_one_cause(lie: str, title: str) -> None:
    first, *_ = told(run_against(lie, "createImageVariation/*"))
    assert first.title == title


def test_a_fault_in_all_operations_is_one_cause() -> None:
    (cause,) = told(run_against("refusal-200"))
    assert cause.title == "Invalid requests get 200 with an error body (57 rules, 3 operations)"


@pytest.mark.parametrize(
    ("server", "title"),
    [
        (unchecked("n"), "Wrong values of n are accepted (3 rules)"),
        (answering(500, {}), "No valid request is accepted"),
        (answering(200, {"created": 1, "data": []}), "Whatever is asked gets a success"),
        (answering(200, {"error": {"message": "out of memory"}}), "Valid requests get 200 with an error body"),
    ],
    ids=["unchecked", "failing", "constant", "error"],
)
def test_what_one_operation_shows(server: Behaviour | ASGIApp, title: str) -> None:
    assert any(one.startswith(title) for one in titles(server, "createImageVariation/*"))


def test_a_field_that_is_neither_checked_nor_heeded_is_ignored() -> None:
    def validate(operation: Operation, values: Values) -> Values:
        return CORRECT.validate(operation, {name: value for name, value in values.items() if name != "n"})

    assert titles(Behaviour(validate=validate), "createImageVariation/*") == ["n is ignored (4 rules)"]


def test_two_fields_are_two_causes_and_three_are_one() -> None:
    only = "createImage/*"
    assert len(titles(unchecked("n", "style"), only)) == 2
    assert titles(unchecked("n", "style", "quality"), only) == ["Invalid requests are accepted (10 rules)"]


def test_what_holds_under_one_condition_is_one_cause() -> None:
    (title,) = titles(catalogue.mutants()["createImage/contract/allOf/1/then:dropped"].make(), "createImage/*")
    assert title.startswith("Wrong values of ")
    assert title.endswith(" with dall-e-3 are accepted (3 rules)")


def test_a_single_rule_is_told_by_its_title() -> None:
    mutant = catalogue.mutants()["createImage/contract/properties/n/anyOf/0/maximum:dropped"]
    assert titles(mutant.make(), "createImage/*") == ["N above 10 must be refused, but the server accepts it"]


def test_every_failed_rule_belongs_to_one_cause_and_the_gravest_comes_first() -> None:
    result = run_on(
        Network(answering(200, {"created": None, "data": [{"url": "x"}]})), settings("createImageVariation/*")
    )
    found = told(result)
    failed = [verdict.rule.id for verdict in result.verdicts if verdict.outcome is Outcome.FAIL]
    assert sorted(rule for cause in found for rule in cause.rules) == sorted(failed)
    levels = [list(Level).index(cause.level) for cause in found]
    assert levels == sorted(levels)
    assert len(found) < 10 < len(failed)


def test_the_reproducer_is_of_the_gravest_level_and_was_planned() -> None:
    result = run_against("refusal-200")
    for cause in told(result):
        verdict = by_rule(result)[cause.reproducer]
        assert cause.reproducer in cause.rules
        assert verdict.rule.level is cause.level
        assert not result.recording.exchanges[verdict.evidence[0]].random


def test_what_follows_from_an_answer_to_whatever_is_asked_is_shown_by_an_invalid_request() -> None:
    result = run_against("always-image", "createImageVariation/*")
    first, *_ = told(result)
    assert (first.kind, first.level, first.hint) == (Kind.WHATEVER, Level.CORE, HINTS[Kind.WHATEVER])
    assert by_rule(result)[first.reproducer].rule.level is Level.STRICT


def test_the_same_causes_are_told_whatever_the_order_of_the_exchanges() -> None:
    result = run_against("always-image", "createImageVariation/*")
    turned = dict(sorted(result.recording.exchanges.items(), reverse=True))
    assert causes(result.verdicts, turned, IMAGES.hints) == told(result)


def test_each_kind_has_a_hint_and_the_hint_of_the_api_goes_first() -> None:
    assert HINTS.keys() == set(Kind)
    assert all(len(hint) <= LONGEST_HINT for hint in (*HINTS.values(), *IMAGES.hints.values()))
    result = run_against("created-null", "createImageVariation/*")
    (cause,) = [one for one in told(result) if one.kind is Kind.ANSWERS]
    assert "seconds since 1970" in cause.hint
    (plain,) = [one for one in causes(result.verdicts, result.recording.exchanges) if one.kind is Kind.ANSWERS]
    assert plain.hint == HINTS[Kind.ANSWERS]


def test_a_long_finding_is_cut() -> None:
    result = run_against("created-null", "createImageVariation/*")
    long = tuple(evolve(one, actual="x" * 10_000) for one in result.verdicts)
    assert all(len(one.title) < 250 for one in causes(long, result.recording.exchanges))


def test_a_server_that_wants_no_key_but_gets_one_shows_one_cause() -> None:
    app = create_app(Behaviour(check_credentials=lambda _key, headers: None if headers.get("authorization") else _no()))
    result = run_on(httpx.ASGITransport(app), settings("*/security"))
    assert [cause.title for cause in told(result)] == [
        "Requests without a right key are accepted (3 rules, 3 operations)"
    ]
    assert KEY not in str(told(result))


def _no() -> None:
    raise RefusedError("No key.", status=401)
