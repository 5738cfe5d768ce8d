"""What a server does not offer, and what only looks like that: refusals must be taken for what they are."""

from collections.abc import Callable

import pytest

from conformance.reference import Behaviour, JsonValue, Operation, RefusedError, Values
from conformance.selftest.suite.runs import by_rule, outcomes, run_on, settings
from conformance.suite.verdicts.verdict import Outcome, Verdict

CORRECT = Behaviour()
EVERYWHERE = ("*/accepted", "*/model/*", "*@dall-e-2")
NO_SUCH = RefusedError("This is not available here.", status=404)
WRONG_FILE = RefusedError("Only files of 512 x 512 are taken.", "image")


def refusing(when: Callable[[str, Values], bool], refusal: RefusedError = NO_SUCH) -> Behaviour:
    """Refuse what a function of the operation's kind and the values says."""

    def validate(operation: Operation, values: Values) -> Values:
        if when(operation.kind, values):
            raise refusal
        return CORRECT.validate(operation, values)

    return Behaviour(validate=validate)


def judged(server: Behaviour, *only: str, model: str | None = None) -> dict[str, Verdict]:
    return by_rule(run_on(server, settings(*(only or EVERYWHERE), model=model)))


def accused(found: dict[str, Verdict]) -> set[str]:
    return {rule for rule, verdict in found.items() if verdict.outcome in (Outcome.FAIL, Outcome.BROKEN)}


# A model that one operation refuses


@pytest.mark.parametrize(
    ("kind", "operation", "other"),
    [
        ("generations", "createImage", "createImageEdit"),
        ("edits", "createImageEdit", "createImage"),
        ("variations", "createImageVariation", "createImage"),
    ],
)
@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_model_that_one_operation_refuses(kind: str, operation: str, other: str, status: int) -> None:
    server = refusing(
        lambda made, values: made == kind and values.get("model") == "dall-e-2", RefusedError("No.", status=status)
    )
    found = judged(server)
    # A server error is a failure of its own, for which nothing need be known of models.
    assert accused(found) == {f"{operation}/model/accepted"}
    words = f'model = "dall-e-2", which {other} accepts: status {status}'
    assert found[f"{operation}/model/accepted"].message.startswith(words)
    about = {verdict.outcome for rule, verdict in found.items() if rule.endswith("@dall-e-2")}
    assert about == ({Outcome.BLOCKED} if operation == "createImage" else {Outcome.PASS})


def test_a_model_that_no_operation_takes_is_not_offered() -> None:
    found = judged(refusing(lambda _, values: values.get("model") == "dall-e-2"))
    assert accused(found) == set()
    assert found["createImageEdit/model/accepted"].outcome is Outcome.UNSUPPORTED
    # The other documented model is offered there.
    assert found["createImage/model/accepted"].outcome is Outcome.PASS
    assert found["createImage/size/accepted@dall-e-2"].outcome is Outcome.UNSUPPORTED


def test_a_model_that_is_tried_in_no_other_operation_is_not_offered() -> None:
    server = refusing(lambda kind, values: kind == "edits" and values.get("model") == "dall-e-2")
    found = judged(server, "createImageEdit/model/*", "createImageEdit/accepted")
    assert {rule: found[rule].outcome for rule in found if rule.endswith("accepted")} == {
        "createImageEdit/accepted": Outcome.PASS,
        "createImageEdit/model/accepted": Outcome.UNSUPPORTED,
    }


def test_an_operation_that_refuses_the_file_refuses_no_model() -> None:
    found = judged(refusing(lambda kind, _: kind == "edits", WRONG_FILE))
    assert accused(found) == {"createImageEdit/accepted"}
    for rule in ("accepted", "optional"):
        verdict = found[f"createImageEdit/model/{rule}"]
        assert verdict.outcome is Outcome.BLOCKED
        assert "Only files of 512 x 512 are taken." in verdict.message


def test_a_model_of_its_own_for_edits_hides_none_that_the_server_offers() -> None:
    server = refusing(lambda kind, values: kind == "edits" and values.get("model") != "own")
    found = judged(server, model="own")
    assert accused(found) == {"createImageEdit/model/accepted"}


def test_a_model_that_was_put_off_is_not_refused() -> None:
    later = RefusedError("Later.", status=429, headers={"retry-after": "0"})
    found = judged(refusing(lambda kind, values: kind == "edits" and values.get("model") == "dall-e-2", later))
    assert accused(found) == set()
    assert found["createImageEdit/model/accepted"].outcome is Outcome.BLOCKED


# What a refusal says


@pytest.mark.parametrize(
    ("refusal", "hint"),
    [
        (RefusedError("The engine dall-e-2 is not known."), True),
        (RefusedError("Not known.", "model"), True),
        (RefusedError("Not known.", code="MODEL_not_found"), True),
        (RefusedError("Only files of 512 x 512 are taken.", "image"), False),
        (RefusedError("No."), False),
    ],
)
def test_the_hint_at_models_is_given_where_the_answer_speaks_of_one(refusal: RefusedError, *, hint: bool) -> None:
    found = judged(refusing(lambda _, __: True, refusal), "*/accepted", "*/model/optional")
    for operation in ("createImage", "createImageEdit"):
        assert ("name one with MODEL" in found[f"{operation}/accepted"].message) is hint
        optional = found[f"{operation}/model/optional"]
        assert optional.outcome is (Outcome.UNSUPPORTED if hint else Outcome.BLOCKED)
        assert hint or refusal.message in optional.message


def test_one_file_is_not_every_request() -> None:
    found = judged(refusing(lambda _, __: True, WRONG_FILE), "*/accepted")
    assert found["createImage/accepted"].message.startswith("no valid request was accepted, one got status")
    for operation in ("createImageEdit", "createImageVariation"):
        assert found[f"{operation}/accepted"].message.startswith("the valid request was not accepted: status")


# What holds without a model


def unlimited(named: str | None = None) -> Behaviour:
    """Take every size and style, or only for requests that don't name this model."""

    def validate(operation: Operation, values: Values) -> Values:
        if named and values.get("model") == named:
            return CORRECT.validate(operation, values)
        return CORRECT.validate(operation, {**values, "model": "own"})

    return Behaviour(validate=validate)


def test_a_limit_that_holds_for_no_model_shows_nothing_of_the_default() -> None:
    found = judged(unlimited(), "createImage/model/default", "createImage/*@dall-e-2")
    assert "createImage/size/enum@dall-e-2" in accused(found)
    verdict = found["createImage/model/default"]
    assert verdict.outcome is Outcome.BLOCKED
    assert "accepted where the model is named" in verdict.message


@pytest.mark.parametrize("only", ["createImage/model/default", "createImage/*"])
def test_a_limit_that_holds_for_the_default_model_alone(only: str) -> None:
    found = judged(unlimited("dall-e-2"), only)
    assert found["createImage/model/default"].outcome is Outcome.FAIL


def test_an_absent_model_that_stands_for_another_is_none_of_the_defaults() -> None:
    def validate(operation: Operation, values: Values) -> Values:
        if values.get("model", "own") != "own":
            raise NO_SUCH
        return CORRECT.validate(operation, {**values, "model": "own"})

    found = outcomes(run_on(Behaviour(validate=validate), settings("createImage/model/*")))
    assert found["createImage/model/default"] == "unsupported"
    assert "fail" not in found.values()


# Null


def null_refused(name: str) -> Behaviour:
    return refusing(lambda _, values: name in values and values[name] is None, RefusedError("No.", name))


@pytest.mark.parametrize("rule", ["size/nullable", "size/accepted@dall-e-2", "style/nullable"])
def test_null_alone_is_told_first(rule: str) -> None:
    verdict = judged(null_refused(rule.partition("/")[0]), f"createImage/{rule}")[f"createImage/{rule}"]
    assert verdict.outcome is Outcome.FAIL
    assert verdict.message.startswith("null is refused: status 400")


def test_null_among_others_is_not_told_first() -> None:
    def when(_: str, values: Values) -> bool:
        value: JsonValue = values.get("size", "")
        return value in (None, "512x512")

    verdict = judged(refusing(when), "createImage/size/*")["createImage/size/accepted@dall-e-2"]
    assert verdict.outcome is Outcome.FAIL
    assert verdict.message.startswith("size = ")
    assert {case.what for case in verdict.cases} == {'size = "512x512"', "size = null"}


@pytest.mark.parametrize("name", ["quality", "user"])
def test_that_null_alone_is_taken_where_it_should_not_be_is_told_first(name: str) -> None:
    def without_null(operation: Operation, values: Values) -> Values:
        return CORRECT.validate(operation, {n: v for n, v in values.items() if n != name or v is not None})

    rule = f"createImage/{name}/type"
    verdict = judged(Behaviour(validate=without_null), rule)[rule]
    assert verdict.outcome is Outcome.FAIL
    assert verdict.message.startswith(
        f"null, unlike other wrong values of {name}, is not refused: accepted with status"
    )


def test_that_all_wrong_values_are_taken_is_no_matter_of_null() -> None:
    def without(operation: Operation, values: Values) -> Values:
        return CORRECT.validate(operation, {n: v for n, v in values.items() if n != "user"})

    verdict = judged(Behaviour(validate=without), "createImage/user/type")["createImage/user/type"]
    assert verdict.outcome is Outcome.FAIL
    assert "unlike" not in verdict.message


@pytest.mark.parametrize("status", [400, 500])
def test_where_nothing_is_accepted_the_absent_model_is_not_to_blame(status: int) -> None:
    found = judged(refusing(lambda _, __: True, RefusedError("No.", status=status)), "*/accepted", "*/model/optional")
    operations = ("createImage", "createImageEdit", "createImageVariation")
    assert accused(found) == {f"{operation}/accepted" for operation in operations}


def test_a_server_that_wants_a_model_is_told_to_refuse_requests_without_one() -> None:
    rule = "createImage/model/default"
    verdict = judged(refusing(lambda _, values: "model" not in values), rule)[rule]
    assert (verdict.outcome, verdict.message) == (Outcome.UNSUPPORTED, "the server refuses requests without a model")
