"""Verdicts on servers of every kind: strict, lax, broken, absent, and those that answer at random."""

import hashlib
import json
from collections.abc import Iterable

import httpx
import pytest
from attrs import evolve

from conformance.reference import Behaviour, Operation, RefusedError, Values
from conformance.selftest.suite.runs import always, by_rule, correct, outcomes, prepared_for, run_on, settings, status
from conformance.suite import run
from conformance.suite.exchange.recording import Answer, Exchange, Recording
from conformance.suite.exchange.view import View
from conformance.suite.report.report import Result
from conformance.suite.rules.rule import Answers, Want
from conformance.suite.verdicts.evidence import Evidence
from conformance.suite.verdicts.judge import verdicts
from conformance.suite.verdicts.verdict import Outcome, by_outcome

CORRECT = Behaviour()
GOOD = {"created": 1, "data": [{"url": "http://i.test/1"}]}
AGAINST_BAD_REQUESTS = (Want.REFUSED, Want.SURVIVED, Want.DENIED)


def refusing(*bad: str, when: str = "") -> Behaviour:
    """Refuse every request that has all of these fields, or whose values hold a text."""

    def validate(operation: Operation, values: Values) -> Values:
        if (bad and set(bad) <= set(values)) or (when and when in json.dumps(values)):
            raise RefusedError("No.")
        return CORRECT.validate(operation, values)

    return Behaviour(validate=validate)


def that_want(result: Result, *wants: Want) -> Iterable[tuple[str, str]]:
    return [(v.rule.id, v.outcome.value) for v in result.verdicts if v.rule.want in wants]


def changed(rule: str, **parts: object) -> str:
    """Judge a rule on the correct run with the answers to its own requests replaced by these parts."""
    made = correct()
    ids = {attempt.exchange for case in prepared_for(made).plan.cases[rule] for attempt in case.attempts}
    exchanges = made.recording.exchanges
    return judged({id_: twice(evolve(x, **parts)) if id_ in ids else x for id_, x in exchanges.items()}, rule)


def twice(exchange: Exchange) -> Exchange:
    """Return an exchange as if the same had come when it was sent again."""
    return evolve(exchange, before=exchange)


def judged(exchanges: dict[str, Exchange], rule: str) -> str:
    about = prepared_for(correct())
    evidence = Evidence(about.plan, Recording(correct().recording.header, exchanges), about.api.selector)
    (verdict,) = verdicts(evidence, [one for one in about.rules if one.id == rule])
    return verdict.outcome.value


def answer(code: int, body: bytes = b"{}") -> Answer:
    return Answer(code, (("content-type", "application/json"),), body)


@pytest.mark.parametrize("rule", ["createImage/n/maximum", "createImageEdit/image/square", "createImage/model/default"])
@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (400, "pass"),
        (404, "pass"),
        (413, "pass"),
        (422, "pass"),
        (200, "fail"),
        (202, "fail"),
        (500, "fail"),
        (502, "fail"),
        (501, "fail"),
        (100, "fail"),
        (302, "fail"),
        (307, "fail"),
        (429, "blocked"),
        (503, "blocked"),
    ],
)
def test_a_refusal(rule: str, code: int, outcome: str) -> None:
    assert changed(rule, answer=answer(code)) == outcome


@pytest.mark.parametrize("rule", ["createImage/n/maximum", "createImage/n/accepted", "createImage/body/survived"])
def test_no_answer_is_blocked(rule: str) -> None:
    assert changed(rule, answer=None, failure="no connection") == "blocked"


@pytest.mark.parametrize(
    ("code", "outcome"), [(200, "pass"), (400, "pass"), (422, "pass"), (500, "fail"), (599, "fail")]
)
def test_survival(code: int, outcome: str) -> None:
    assert changed("createImage/body/survived", answer=answer(code)) == outcome


@pytest.mark.parametrize(("code", "outcome"), [(200, "fail"), (400, "pass"), (404, "pass"), (302, "pass")])
def test_denial(code: int, outcome: str) -> None:
    assert changed("createImage/path", answer=answer(code)) == outcome


@pytest.mark.parametrize("rule", ["createImage/n/maximum", "createImage/prompt/required", "createImage/body/malformed"])
def test_a_refusal_beside_a_refused_twin_is_blocked(rule: str) -> None:
    made = correct()
    twins = {attempt.twin or "" for case in prepared_for(made).plan.cases[rule] for attempt in case.attempts}
    exchanges = dict(made.recording.exchanges)
    for id_ in twins & exchanges.keys():
        exchanges[id_] = evolve(exchanges[id_], answer=answer(400))
    assert judged(exchanges, rule) == "blocked"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (400, "fail"),
        (422, "fail"),
        (500, "fail"),
        (302, "blocked"),
        (404, "unsupported"),
        (405, "unsupported"),
        (501, "unsupported"),
    ],
)
def test_a_server_with_one_status_for_everything(code: int, expected: str) -> None:
    made = run_on(status(code), settings("createImage/*"))
    found = outcomes(made)
    assert found["createImage/accepted"] == expected
    assert "pass" not in dict(that_want(made, *AGAINST_BAD_REQUESTS, Want.ACCEPTED)).values()


@pytest.mark.parametrize("code", [429, 503])
def test_a_server_that_puts_off_is_not_accused(code: int) -> None:
    made = run_on(status(code, **{"retry-after": "0"}), settings("createImage/*"))
    assert set(outcomes(made).values()) <= {"blocked", "unsupported", "pass"}
    assert outcomes(made)["createImage/accepted"] == "blocked"


def test_a_server_that_refuses_everything_passes_nothing() -> None:
    made = run_on(status(400))
    assert {outcome for _, outcome in that_want(made, *AGAINST_BAD_REQUESTS)} <= {"blocked", "unsupported"}
    assert {outcome for _, outcome in that_want(made, Want.ACCEPTED)} <= {"fail", "blocked", "unsupported"}


def test_a_server_that_accepts_everything_refuses_nothing() -> None:
    made = run_on(always(lambda _: httpx.Response(200, json=GOOD)))
    refused = dict(that_want(made, Want.REFUSED, Want.DENIED))
    # Where no limit is kept, nothing shows what an absent model stands for.
    assert refused.pop("createImage/model/default") == "blocked"
    assert set(refused.values()) <= {"fail", "unsupported"}
    assert {outcome for _, outcome in that_want(made, Want.ACCEPTED, Want.SURVIVED)} <= {"pass", "unsupported"}


def coin(seed: int) -> httpx.MockTransport:
    """Answer at random, though the same request always the same way."""

    def respond(request: httpx.Request) -> httpx.Response:
        side = hashlib.sha256(bytes([seed]) + request.content + str(request.headers).encode()).digest()[0] % 4
        return httpx.Response((200, 200, 400, 500)[side], json=GOOD)

    return always(respond)


@pytest.mark.parametrize("seed", range(3))
def test_no_refusal_passes_without_an_accepted_twin(seed: int) -> None:
    made = run_on(coin(seed), settings("createImage/*"))
    exchanges = made.recording.exchanges
    for verdict in made.verdicts:
        if verdict.rule.want in AGAINST_BAD_REQUESTS and verdict.outcome is Outcome.PASS:
            attempts = [a for case in prepared_for(made).plan.cases[verdict.rule.id] for a in case.attempts]
            for id_ in verdict.evidence:
                twins = [exchanges.get(a.twin or "") for a in attempts if a.exchange == id_]
                assert any(twin is not None and twin.accepted for twin in twins)


def test_a_model_that_is_not_offered_is_unsupported() -> None:
    made = outcomes(run_on(refusing(when="dall-e-3"), settings("createImage/*")))
    about = {rule: outcome for rule, outcome in made.items() if rule.endswith("@dall-e-3")}
    assert about
    assert set(about.values()) == {"unsupported"}
    assert made["createImage/accepted"] == made["createImage/n/maximum"] == made["createImage/model/optional"] == "pass"


def test_a_server_with_a_model_of_its_own() -> None:
    def validate(operation: Operation, values: Values) -> Values:
        if values.get("model") != "own":
            raise RefusedError("There is no such model.", "model", status=404)
        return CORRECT.validate(operation, values)

    made = outcomes(run_on(Behaviour(validate=validate), settings("createImage/*", model="own")))
    assert made["createImage/accepted"] == made["createImage/n/maximum"] == made["createImage/size/accepted"] == "pass"
    assert {made[rule] for rule in made if "@" in rule} == {"unsupported"}


def test_an_operation_that_is_not_offered_leaves_the_others_alone() -> None:
    def validate(operation: Operation, values: Values) -> Values:
        if operation.kind == "variations":
            raise RefusedError("There is no such operation.", status=404)
        return CORRECT.validate(operation, values)

    made = outcomes(run_on(Behaviour(validate=validate), settings("createImage/n/*", "createImageVariation/n/*")))
    by_operation = {rule.split("/")[0]: set[str]() for rule in made}
    for rule, outcome in made.items():
        by_operation[rule.split("/")[0]].add(outcome)
    assert by_operation == {"createImage": {"pass"}, "createImageVariation": {"unsupported"}}


@pytest.mark.parametrize("together", [("user", "n"), ("n", "response_format"), ("quality", "user")])
def test_values_that_are_refused_together_are_tried_alone(together: tuple[str, ...]) -> None:
    made = run_on(refusing(*together), settings("createImage/*"))
    failed = [rule for rule, outcome in outcomes(made).items() if outcome in ("fail", "broken")]
    # The server names no field in its refusals, which is against it.
    assert not [rule for rule in failed if not rule.startswith("createImage/error/")]
    assert outcomes(made)["createImage/n/accepted"] == outcomes(made)["createImage/n/maximum"] == "pass"


def refusing_value(field: str, value: object) -> Behaviour:
    """Refuse one value of one field."""

    def validate(operation: Operation, values: Values) -> Values:
        if field in values and values[field] == value:
            raise RefusedError("No.", field)
        return CORRECT.validate(operation, values)

    return Behaviour(validate=validate)


def core_failures(server: Behaviour) -> set[str]:
    made = outcomes(run_on(server, settings("createImage/*")))
    assert made["createImage/accepted"] == made["createImage/prompt/accepted@dall-e-2"] == "pass"
    assert "broken" not in made.values()
    return {rule for rule, o in made.items() if o == "fail" and not rule.startswith("createImage/error/")}


@pytest.mark.parametrize(
    ("field", "rules"),
    [
        ("n", {"n/accepted", "n/accepted@dall-e-3", "n/nullable", "n/integer-form"}),
        ("user", {"user/accepted"}),
        ("response_format", {"response_format/accepted", "response_format/nullable"}),
    ],
)
def test_a_field_that_is_refused_hides_no_other(field: str, rules: set[str]) -> None:
    # The full request has the field, so that everything else is found out on the probe.
    assert core_failures(refusing(field)) == {f"createImage/{rule}" for rule in rules}


@pytest.mark.parametrize(
    ("field", "value"), [("n", 10), ("user", "user-1234"), ("response_format", "b64_json"), ("style", "natural")]
)
def test_a_value_that_is_refused_alone_is_a_failure(field: str, value: object) -> None:
    assert core_failures(refusing_value(field, value)) == {f"createImage/{field}/accepted"}


def crash(_: View) -> list[str] | None:
    raise ZeroDivisionError


def test_a_check_that_crashes_is_ours() -> None:
    made = correct()
    about = prepared_for(made)
    rule = next(rule for rule in about.rules if isinstance(rule.about, Answers))
    evidence = Evidence(about.plan, made.recording, about.api.selector)
    (verdict,) = verdicts(evidence, [evolve(rule, about=evolve(rule.about, check=crash))])
    assert verdict.outcome is Outcome.BROKEN
    assert "ZeroDivisionError" in verdict.message


def test_evidence_and_samples() -> None:
    for verdict in correct().verdicts:
        assert set(verdict.evidence) <= set(correct().recording.exchanges)
        if verdict.outcome is Outcome.PASS:
            assert verdict.samples == len(verdict.evidence) > 0
            assert verdict.message == f"on {verdict.samples} sample{'' if verdict.samples == 1 else 's'}"


def test_a_failure_says_what_was_expected_and_what_came() -> None:
    made = by_rule(run_on(refusing("n"), settings("createImage/n/accepted")))["createImage/n/accepted"]
    assert made.outcome is Outcome.FAIL
    assert "accepted" in made.expected
    assert "400" in made.actual
    assert made.samples >= len(made.evidence) > 0


def test_a_rule_about_answers_counts_them() -> None:
    exchanges = dict(correct().recording.exchanges)
    accepted = [id_ for id_, x in exchanges.items() if x.accepted and x.request.operation == "createImage"]
    exchanges[accepted[0]] = twice(evolve(exchanges[accepted[0]], answer=answer(200, b'{"data": []}')))
    found = run.judge(prepared_for(correct()), Recording(correct().recording.header, exchanges))
    (verdict,) = [v for v in found if v.rule.id == "createImage/response/created/required"]
    assert (verdict.outcome, verdict.evidence, verdict.samples) == (Outcome.FAIL, (accepted[0],), len(accepted))


@pytest.mark.parametrize("rule", ["createImage/error/error/required", "createImage/error/json"])
def test_errors_to_requests_that_lead_elsewhere_are_not_the_operation_s(rule: str) -> None:
    odd = {id_: x for id_, x in correct().recording.exchanges.items() if x.request.raw.leads_elsewhere}
    assert {x.request.raw.method or x.request.raw.path for x in odd.values()} >= {"PUT"}
    answers = {id_: twice(evolve(x, answer=answer(404, b"<html>"))) for id_, x in odd.items()}
    assert judged({**correct().recording.exchanges, **answers}, rule) == "pass"


def test_by_outcome() -> None:
    groups = by_outcome(correct().verdicts)
    assert set(groups) == set(Outcome)
    assert sum(map(len, groups.values())) == len(correct().verdicts)


def test_an_empty_recording_passes_nothing() -> None:
    found = run.judge(prepared_for(correct()), Recording(correct().recording.header, {}))
    assert {verdict.outcome for verdict in found} <= {Outcome.BLOCKED, Outcome.UNSUPPORTED}
