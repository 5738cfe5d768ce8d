"""Requests in which values meet: what is chosen, in which order, at what price, and what is told of a failure."""

from collections.abc import Iterable
from itertools import combinations
from random import Random

import pytest

from conformance.reference import Behaviour, Operation, Order, RefusedError, Values
from conformance.reference.drawing import draw
from conformance.reference.validation import validate
from conformance.selftest.suite.runs import contract, operation, outcomes, run_on, settings
from conformance.suite.contract.constraints import of_request, violated
from conformance.suite.contract.places import Fields
from conformance.suite.exchange.recording import Exchange
from conformance.suite.exploring.combining import Combining
from conformance.suite.exploring.kinds import kinds, label, labels
from conformance.suite.exploring.settling import Known
from conformance.suite.exploring.stage import SHRINKING
from conformance.suite.images import IMAGES
from conformance.suite.report.report import Result
from conformance.suite.settings import Settings, Target

ENTRIES: tuple[Fields, ...] = (
    {"prompt": "otter", "model": "dall-e-2"},
    {"prompt": "otter", "model": "dall-e-3"},
)
EXAMPLES = Settings(Target("")).examples
FORM = "createImageVariation"


def known(name: str = "createImage", entries: tuple[Fields, ...] = ENTRIES) -> Known:
    models = (*(str(fields["model"]) for fields in entries), None)
    made = operation(name)
    return Known(made, IMAGES, of_request(contract(), made), (), models, entries, frozenset())


def chosen(number: int, most: int = 2, seed: int = 1, accepted: Iterable[Fields] = ()) -> list[Fields]:
    combining = Combining(known(), accepted, Random(seed))  # noqa: S311 - no secret
    found = (combining.next(most) for _ in range(number))
    return [fields for fields in found if fields is not None]


def pairs(fields: Fields) -> set[tuple[tuple[str, str], tuple[str, str]]]:
    return set(combinations(labels(known(), fields).items(), 2))


def sent(made: Result, name: str = "createImage") -> list[Exchange]:
    every = made.recording.exchanges.values()
    return [one for one in every if one.random and one.request.operation == name]


def images(exchanges: Iterable[Exchange]) -> int:
    return sum(IMAGES.cost(operation(one.request.operation), one.request.fields).images for one in exchanges)


def test_every_request_is_valid_and_brings_two_kinds_together_for_the_first_time() -> None:
    met: set[tuple[tuple[str, str], tuple[str, str]]] = set()
    for fields in chosen(12):
        assert not violated(known().constraints, fields)
        assert not pairs(fields) <= met
        met |= pairs(fields)


def test_in_the_end_every_two_kinds_have_met_that_the_contract_has_together() -> None:
    found = chosen(200)
    assert chosen(1, accepted=found) == []
    met = {pair for fields in found for pair in pairs(fields)}
    assert (("quality", '"hd"'), ("style", '"vivid"')) in met
    assert (("quality", '"standard"'), ("style", '"natural"')) in met
    assert (("n", "more"), ("response_format", "absent")) in met
    assert (("prompt", "odd"), ("size", '"1024x1792"')) in met
    assert (("n", "more"), ("quality", '"hd"')) not in met
    assert len(found) < 80


def test_what_met_before_is_left_out() -> None:
    first = chosen(1)
    (second,) = chosen(1, accepted=first)
    assert pairs(second) - pairs(first[0])
    assert second != first[0]


def test_no_request_asks_for_more_images_than_it_may() -> None:
    assert all((fields.get("n") or 1) == 1 for fields in chosen(8, most=1))
    assert chosen(1)[0]["n"] == 2


def test_the_choice_depends_on_the_seed_alone() -> None:
    assert chosen(4) == chosen(4)
    assert chosen(4) != chosen(4, seed=2)


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [("n", 1, "least"), ("n", 7, "more"), ("n", None, "null"), ("user", "user-1", "plain"), ("user", "0", "short")],
)
def test_the_kind_of_a_value(name: str, value: object, kind: str) -> None:
    assert label(known(), name, value) == kind


def test_a_field_that_may_be_any_text_gets_odd_ones_too() -> None:
    odd = next(kind for kind in kinds(known(), "prompt") if kind.label == "odd")
    (text,) = odd.values
    assert {*"\"'%<{$\\"} <= {*str(text)}
    assert len(str(text)) == 300


def refused_together(made: Operation, values: Values) -> Values:
    checked = validate(made, values)
    if values.get("n", 1) != 1 and "'" in str(values.get("user")):
        raise RefusedError("No.")
    return checked


def test_a_failure_is_told_by_the_fields_that_it_takes() -> None:
    only = settings(f"{FORM}/accepted", f"{FORM}/property/valid", examples=24)
    made = run_on(Behaviour(validate=refused_together), only)
    failed = next(verdict for verdict in made.verdicts if verdict.rule.id == f"{FORM}/property/valid")
    assert failed.outcome.value == "fail"
    fields = made.recording.exchanges[failed.evidence[0]].request.fields
    assert fields.keys() - {"image", "model"} == {"n", "user"}
    assert len(str(fields["user"])) <= 32


def test_shrinking_takes_few_images() -> None:
    def ever_larger(order: Order, index: int) -> bytes:
        return draw(order, index) if order.count == 1 else b"no image"

    only = settings("createImage/accepted", "createImage/property/valid", examples=EXAMPLES)
    right = run_on(Behaviour(), only)
    wrong = run_on(Behaviour(draw=ever_larger), only)
    assert len(sent(wrong)) > len(sent(right))
    assert images(sent(wrong)) <= images(sent(right)) + SHRINKING


def test_an_invalid_request_has_little_beside_the_fault() -> None:
    def lenient(made: Operation, values: Values) -> Values:
        known_form = values.get("response_format") in ("url", "b64_json", None)
        return validate(made, values if "size" in values or known_form else {"prompt": "otter"})

    made = run_on(Behaviour(validate=lenient), settings("createImage/*", examples=EXAMPLES))
    assert [rule for rule, outcome in outcomes(made).items() if outcome == "fail"] == ["createImage/property/invalid"]
    invalid = [one.request.fields for one in sent(made) if not one.valid]
    alone = [
        fields
        for fields in invalid
        if "response_format" in fields and fields.keys() <= {"prompt", "model", "response_format"}
    ]
    assert len(alone) == 1
