"""An earlier recording judged again: the same verdicts, also where only some of the rules are asked for."""

from functools import cache
from pathlib import Path

import pytest

from conformance.reference import Behaviour, Operation, Values
from conformance.selftest.suite.runs import by_rule, plan, prepared, prepared_for, run_on, settings
from conformance.suite import run
from conformance.suite.exchange import recording
from conformance.suite.images import IMAGES
from conformance.suite.report.report import Result

CORRECT = Behaviour()
SELECTIONS = [
    "createImage/n/m*",
    "createImage/body/*",
    "createImage/response/*",
    "createImage/security",
    "createImage/model/*",
    "createImage/*/optional",
    "createImage/*@dall-e-3",
    "createImage/accepted",
    "createImage/*/accepted*",
    "createImage/n/*",
    "createImage/*/nullable*",
]


def lax(made: Operation, values: Values) -> Values:
    """Take any number of images, and call it one."""
    n = values.get("n")
    return CORRECT.validate(made, {**values, "n": 1} if isinstance(n, int) and n > 1 else values)


@cache
def whole() -> Result:
    """Make one run of an operation against a server with a fault."""
    return run_on(Behaviour(validate=lax), settings("createImage/*"))


@pytest.mark.parametrize("only", SELECTIONS)
def test_a_selection_has_the_verdicts_that_it_has_among_all(only: str) -> None:
    verdicts = run.judge(prepared((only,), None), whole().recording)
    among = by_rule(whole())
    assert verdicts == tuple(among[verdict.rule.id] for verdict in verdicts)
    assert verdicts


@pytest.mark.parametrize("only", SELECTIONS)
def test_a_recording_of_a_selection_has_the_verdicts_of_its_run(only: str, tmp_path: Path) -> None:
    made = run_on(Behaviour(validate=lax), settings(only), tmp_path / "recording.ndjson")
    kept = recording.read(tmp_path / "recording.ndjson", IMAGES.contents)
    assert kept == made.recording
    assert run.result_of(made.settings, prepared_for(made), kept).verdicts == made.verdicts


def test_the_fault_is_seen() -> None:
    assert {rule for rule, v in by_rule(whole()).items() if v.outcome == "fail"} >= {"createImage/n/maximum"}


@pytest.mark.parametrize(
    ("only", "valid"),
    [
        ("createImage/n/m*", {True, False}),
        ("createImage/body/*", {True, False}),
        ("createImageEdit/image/*", {True, False}),
        ("createImage/*/accepted*", {True}),
        ("createImageEdit/*/optional", {True}),
        ("createImageVariation/*/accepted*", {True}),
    ],
)
def test_an_exchange_has_the_same_id_whatever_else_is_asked_for(only: str, valid: set[bool]) -> None:
    ids = {planned.id: planned.request.key for planned in plan().exchanges}
    made = prepared((only,), None).plan.exchanges
    assert {planned.id: planned.request.key for planned in made}.items() <= ids.items()
    assert {planned.valid for planned in made} >= valid
