"""A value at a place of a JSON document is changed, and nothing else is."""

import copy

import pytest

from conformance.suite.contract.places import ABSENT, Place, changed, files_in, instances, is_file, with_fields
from conformance.suite.exchange.upload import Text, Upload

FILE = Upload(Text())
BODY: dict[str, object] = {"a": 1, "b": {"c": [{"d": 2, "e": 3}, {"d": 4}, 5], "f": None}, "g": [], "h": [[6], [7]]}


@pytest.mark.parametrize(
    ("place", "new", "expected"),
    [
        ((), 9, 9),
        ((), ABSENT, ABSENT),
        (("a",), 9, {**BODY, "a": 9}),
        (("a",), None, {**BODY, "a": None}),
        (("a",), ABSENT, {name: value for name, value in BODY.items() if name != "a"}),
        (("z",), 9, {**BODY, "z": 9}),
        (("z",), ABSENT, BODY),
        (("b", "f"), 9, {**BODY, "b": {"c": [{"d": 2, "e": 3}, {"d": 4}, 5], "f": 9}}),
        (("b", "f"), ABSENT, {**BODY, "b": {"c": [{"d": 2, "e": 3}, {"d": 4}, 5]}}),
        (("b", "z"), 9, {**BODY, "b": {"c": [{"d": 2, "e": 3}, {"d": 4}, 5], "f": None, "z": 9}}),
        # An item stands for each: the first is changed, so that the others stay as they were.
        (("b", "c", "*", "d"), 9, {**BODY, "b": {"c": [{"d": 9, "e": 3}, {"d": 4}, 5], "f": None}}),
        (("b", "c", "*", "e"), ABSENT, {**BODY, "b": {"c": [{"d": 2}, {"d": 4}, 5], "f": None}}),
        (("b", "c", "*"), 9, {**BODY, "b": {"c": [9, {"d": 4}, 5], "f": None}}),
        (("h", "*", "*"), 9, {**BODY, "h": [[9], [7]]}),
        # Where the way to the place is not there, nothing changes.
        (("z", "c"), 9, BODY),
        (("a", "c"), 9, BODY),
        (("b", "f", "c"), 9, BODY),
        (("g", "*"), 9, BODY),
        (("g", "*", "d"), 9, BODY),
        (("a", "*"), 9, BODY),
        (("b", "z", "*", "d"), 9, BODY),
    ],
)
def test_changed(place: Place, new: object, expected: object) -> None:
    before = copy.deepcopy(BODY)
    assert changed(BODY, place, new) == expected
    assert before == BODY


def test_what_was_changed_stands_at_the_place() -> None:
    for place in (("a",), ("b", "f"), ("b", "c", "*", "d"), ("h", "*", "*")):
        found = list(instances(changed(BODY, place, "new"), place, required=False))
        assert found[0][1] == "new"
        assert len(found) == len(list(instances(BODY, place, required=False)))


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ({}, {"a": 1, "b": None}),
        ({"a": 2}, {"a": 2, "b": None}),
        ({"c": FILE}, {"a": 1, "b": None, "c": FILE}),
        ({"a": None}, {"a": None, "b": None}),
        ({"a": ABSENT, "b": ABSENT}, {}),
        ({"z": ABSENT}, {"a": 1, "b": None}),
    ],
)
def test_with_fields(edits: dict[str, object], expected: dict[str, object]) -> None:
    fields = {"a": 1, "b": None}
    assert with_fields(fields, edits) == expected
    assert list(with_fields(fields, edits)) == list(expected)
    assert fields == {"a": 1, "b": None}


NO_FILES: list[object] = [None, "a", 1, 1.5, True, [], {}, [[FILE]]]


@pytest.mark.parametrize(
    ("value", "files"),
    [
        (FILE, [FILE]),
        ([FILE, FILE], [FILE, FILE]),
        (["a", FILE], [FILE]),
        *((value, list[object]()) for value in NO_FILES),
    ],
)
def test_files_in(value: object, files: list[object]) -> None:
    assert files_in(value) == files
    assert is_file(value) is (value is FILE)
