"""What is to be accepted shares few requests, in an order that decides most for what it costs."""

import os
import subprocess
import sys

import pytest

from conformance.reference import Behaviour
from conformance.selftest.suite.runs import contract, operation, plan, rules, run_on, settings
from conformance.selftest.suite.test_plan import OWN, PLANS, by_id, changed
from conformance.suite.contract.constraints import of_request
from conformance.suite.images import IMAGES
from conformance.suite.plan import planner
from conformance.suite.plan.contexts import enter
from conformance.suite.plan.draft import Draft
from conformance.suite.plan.packing import Feature, packed
from conformance.suite.plan.plan import Need
from conformance.suite.rules.rule import Edit, Edits, Level, Values, Want, select
from conformance.suite.settings import Limits
from conformance.suite.verdicts.verdict import Outcome


@pytest.mark.parametrize("operation", ["createImage", "createImageEdit", "createImageVariation"])
def test_sizes_and_the_default_are_asked_for_in_the_answer_itself(operation: str) -> None:
    least = [one.request.fields for one in plan().least() if one.request.operation == operation]
    inline = {fields.get("size") for fields in least if fields.get("response_format") == "b64_json"}
    assert inline >= {"512x512", None}
    assert len(inline - {None}) > 1


@pytest.mark.parametrize(("name", "files"), [("createImageEdit", 2), ("createImageVariation", 1)])
def test_every_flavour_of_png_is_shown_in_three_requests(name: str, files: int) -> None:
    chosen = select(rules(), (f"{name}/*/flavours",), Level.ADVICE)
    made = planner.make(contract(), IMAGES, chosen)
    assert [len(made.cases[rule.id]) for rule in chosen] == [5] * files
    shared = {case.attempts[0].exchange for rule in chosen for case in made.cases[rule.id]}
    assert len(shared) == 3
    for rule in chosen:
        for case in made.cases[rule.id]:
            together, alone = (by_id(made)[attempt.exchange] for attempt in case.attempts[:2])
            base = made.contexts[0].full.fields
            assert changed(alone.request.fields, base) == {rule.id.split("/")[1]}
            assert Need((together.id,), accepted=False) in alone.needs


@pytest.mark.parametrize("model", PLANS)
def test_what_shares_a_request_that_is_accepted_is_tried_in_no_other(model: str | None) -> None:
    made = plan(model)
    sent = {planned.id for planned in made.least()}
    for rule in rules():
        if isinstance(rule.about, Values | Edits) and rule.want is Want.ACCEPTED:
            for case in made.cases.get(rule.id, ()):
                assert len([attempt for attempt in case.attempts if attempt.exchange in sent]) == 1


def test_what_fits_nowhere_takes_no_room_from_others() -> None:
    constraints = of_request(contract(), operation())
    draft = Draft(contract(), operation(), IMAGES, constraints)
    contexts = enter(draft, None)
    edits = ({"size": "512x512"}, {"n": 0}, {"n": None}, {"response_format": None}, {"response_format": "b64_json"})
    features = [Feature(f"rule {number}", Edit("a case", fields), contexts) for number, fields in enumerate(edits)]
    found = {feature.rule: pack for feature, pack in packed(draft, contexts[0], features)}
    assert found["rule 0"].fields == {"size": "512x512", "n": None, "response_format": None}
    assert found["rule 0"] is found["rule 2"] is found["rule 3"]
    assert found["rule 1"].fields == {"n": 0}
    assert found["rule 4"].fields == {"response_format": "b64_json"}


def test_many_images_are_asked_for_once() -> None:
    many = [planned for planned in plan().least() if planned.images > 2]
    assert [(planned.request.operation, planned.images) for planned in many] == [("createImage", 10)]
    assert {planned.request.operation for planned in plan().least() if planned.images == 2} == {
        "createImageEdit",
        "createImageVariation",
    }


def test_nothing_rides_on_a_request_for_several_images() -> None:
    full = {context.operation: context.full.fields for context in reversed(plan().contexts)}
    for planned in plan().least():
        if planned.images > 1:
            assert changed(planned.request.fields, full[planned.request.operation]) == {"n"}


def test_operations_are_entered_before_anything_else_and_what_costs_nothing_comes_last() -> None:
    least = [planned for planned in plan().least() if not planned.last]
    entries = [planned.request.operation for planned in least[:6]]
    assert sorted(entries[:3]) == sorted(entries[3:]) == sorted(contract().operations)
    valid = [planned.valid for planned in least]
    assert valid == sorted(valid, reverse=True)


def test_the_user_s_own_model_enters_first() -> None:
    first = plan(OWN).least()[:3]
    assert {planned.request.fields.get("model") for planned in first} == {OWN}


@pytest.mark.parametrize(("images", "most"), [(4, 60), (12, 20), (24, 8)])
def test_a_small_budget_decides_most_core_rules(images: int, most: int) -> None:
    result = run_on(Behaviour(), settings(limits=Limits(images=images)))
    assert result.images_requested <= images
    left = [v.rule.id for v in result.verdicts if v.rule.level is Level.CORE and v.outcome is Outcome.NOT_JUDGED]
    random = [rule for rule in left if rule.endswith("/property/valid")]
    assert len(left) - len(random) + len(contract().operations) <= most
    assert not [v.rule.id for v in result.verdicts if v.outcome is Outcome.FAIL]


_ORDER = """
from conformance.selftest.suite.runs import plan
print(*(planned.id for planned in plan().exchanges))
"""


def test_the_order_is_the_same_in_every_process() -> None:
    # Texts hash otherwise in each process, and sets have their order from that.
    orders = {
        subprocess.run(  # noqa: S603 - a fixed command
            [sys.executable, "-c", _ORDER],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in (1, 2, 3)
    }
    assert len(orders) == 1
