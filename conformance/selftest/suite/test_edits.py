"""Proposed values break what they should, and boundary values don't."""

import re

import pytest

from conformance.selftest.suite.runs import contract
from conformance.suite.contract.constraints import Constraint, of_request, violated
from conformance.suite.contract.document import Source
from conformance.suite.contract.inside import fitting_texts, inside, overlong_texts
from conformance.suite.contract.outside import elsewhere, outside
from conformance.suite.contract.places import ABSENT

REQUESTS = [c for o in contract().operations.values() for c in of_request(contract(), o)]
FIELDS = [(o, name) for o in contract().operations.values() for name in o.request.properties]


@pytest.mark.parametrize("constraint", REQUESTS, ids=lambda constraint: constraint.id)
def test_each_constraint_of_the_contract_can_be_broken(constraint: Constraint) -> None:
    proposals = outside(constraint, elsewhere(contract(), constraint.place[0]))
    assert any(value is ABSENT or constraint.breaks(value) for value in proposals)


def lone(keyword: str, value: object, *, nullable: bool = False) -> Constraint:
    """Make a constraint that the contract may have one day."""
    return Constraint(f"make/field/{keyword}", "make", ("field",), keyword, value, Source("", 1, ""), nullable)


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("type", "string"),
        ("type", "integer"),
        ("type", "number"),
        ("type", "boolean"),
        ("type", "array"),
        ("type", "object"),
        ("type", "null"),
        ("type", ["string", "integer"]),
        ("enum", ["a", "b"]),
        ("enum", ["a", None]),
        ("enum", [1, 2]),
        ("not", {"enum": ["a"]}),
        ("minimum", 5),
        ("minimum", 0),
        ("maximum", 5),
        ("maximum", 0),
        ("exclusiveMinimum", 5),
        ("exclusiveMaximum", 5),
        ("multipleOf", 2),
        ("multipleOf", 0.5),
        ("minLength", 1),
        ("maxLength", 5),
        ("maxLength", 0),
        ("minItems", 1),
        ("maxItems", 3),
        ("const", "a"),
        ("const", 5),
        ("pattern", "^a+$"),
        ("pattern", "^[0-9]+$"),
    ],
)
def test_each_keyword_can_be_broken(keyword: str, value: object) -> None:
    constraint = lone(keyword, value)
    assert any(constraint.breaks(proposal) for proposal in outside(constraint, ("other",)))


@pytest.mark.parametrize(("nullable", "proposed"), [(True, False), (False, True)])
def test_null_is_proposed_where_it_is_no_value(*, nullable: bool, proposed: bool) -> None:
    assert (None in outside(lone("type", "string", nullable=nullable), ())) is proposed


def test_a_closed_field_is_tried_with_documented_values() -> None:
    assert outside(lone("type", "null", nullable=True), ("hd",))[0] == "hd"


@pytest.mark.parametrize(("operation", "name"), FIELDS, ids=lambda part: getattr(part, "id", part))
def test_boundary_values_are_valid(operation: object, name: str) -> None:
    found = next(o for o in contract().operations.values() if o is operation)
    constraints = [c for c in of_request(contract(), found) if c.place == (name,) and c.condition is None]
    for value in inside(found.request.properties[name]):
        assert not [c.id for c in constraints if c.keyword != "required" and c.breaks(value)]


def test_boundary_values_of_each_model_are_valid() -> None:
    request = contract().operations["createImage"]
    constraints = of_request(contract(), request)
    for block in request.request.blocks:
        for name, schema in block.properties.items():
            for value in inside(schema):
                body = {"prompt": "otter", "model": block.condition.label, name: value}
                assert violated(constraints, body) == ()


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("limit", [0, 1, 2, 3, 1000, 4000])
def test_texts_at_a_limit_keep_or_break_it_in_code_points_and_in_units(limit: int) -> None:
    fitting, overlong = fitting_texts(limit), overlong_texts(limit)
    assert all(max(len(text), units(text)) <= limit for text in fitting)
    assert all(min(len(text), units(text)) > limit for text in overlong)
    assert [len(text) for text in overlong] == [limit + 1] * 2
    assert "" not in fitting or not limit


def test_texts_at_a_limit_tell_characters_from_bytes_and_glyphs() -> None:
    plain, astral = fitting_texts(1000)
    assert [len(plain), len(astral)] == [1000, 500]
    assert len(plain.encode()) == units(plain) == units(astral) == 1000 < len(astral.encode())
    plain, combining = overlong_texts(1000)
    assert len(plain) == len(combining) == 1001
    assert len(re.sub("[\N{COMBINING DOT ABOVE}]", "", combining)) == 501


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("size", {"256x256", "512x512", "1024x1024", "1792x1024", "1024x1792"}),
        ("style", {"vivid", "natural"}),
        ("prompt", set[str]()),
        ("no such field", set[str]()),
    ],
)
def test_elsewhere(name: str, expected: set[str]) -> None:
    assert set(elsewhere(contract(), name)) == expected


@pytest.mark.parametrize("condition", ["dall-e-2", "dall-e-3"])
def test_the_sizes_of_the_other_model_are_tried(condition: str) -> None:
    constraint = next(c for c in REQUESTS if c.id == f"createImage/size/enum@{condition}")
    other = {"dall-e-2": "1792x1024", "dall-e-3": "256x256"}[condition]
    assert other in outside(constraint, elsewhere(contract(), "size"))


def test_inside_takes_the_example_only_without_limits() -> None:
    properties = contract().operations["createImage"].request.properties
    assert inside(properties["user"]) == ("user-1234",)
    assert set(inside(properties["n"])) == {1, 10}
