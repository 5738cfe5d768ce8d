"""Every keyword that the suite admits has a way to be kept and a way to be broken alone, whatever its value."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.selftest.suite.schemas import read
from conformance.suite.contract.constraints import Constraint, of_schema
from conformance.suite.contract.examples import FORMATS
from conformance.suite.contract.inside import inside
from conformance.suite.contract.outside import farther, outside
from conformance.suite.contract.schema import VALIDATED

# A text of a pattern is found by Hypothesis too.
QUICK = settings(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=(HealthCheck.nested_given,),
)
NAMES = st.text("abcdefgh", min_size=1, max_size=5)
SMALL = st.integers(1, 20)
TYPES = ("string", "integer", "number", "boolean", "array", "object")
SCALARS = st.lists(NAMES, min_size=1, max_size=4, unique=True)
PATTERNS = st.sampled_from(["^a+$", "^[0-9]{3}$", "[A-F]", "^[a-z]+-[0-9]+$", "^(red|green)$", r"^\d\d:\d\d$", "x"])


def of(type_: str, **keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(type_), **keywords})


def members(least: int) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(NAMES, st.just({"type": "string"}), min_size=least, max_size=4)


SCHEMAS: Mapping[str, st.SearchStrategy[dict[str, Any]]] = {
    "type": st.sampled_from(TYPES).map(lambda name: {"type": name})
    | st.lists(st.sampled_from(TYPES[:4]), min_size=2, max_size=3, unique=True).map(lambda names: {"type": names}),
    "enum": of("string", enum=SCALARS) | of("integer", enum=st.lists(SMALL, min_size=1, max_size=4, unique=True)),
    "const": of("string", const=NAMES) | of("integer", const=SMALL),
    "not": of("string", **{"not": SCALARS.map(lambda names: {"enum": names})})
    | of("string", **{"not": PATTERNS.map(lambda pattern: {"pattern": pattern})})
    | of("integer", **{"not": SMALL.map(lambda limit: {"minimum": limit})}),
    "format": of("string", format=st.sampled_from(sorted(FORMATS))),
    "minimum": of("integer", minimum=st.integers(-5, 50)) | of("number", minimum=st.integers(-5, 50)),
    "maximum": of("integer", maximum=st.integers(-5, 50)) | of("number", maximum=st.integers(-5, 50)),
    "exclusiveMinimum": of("integer", exclusiveMinimum=st.integers(-5, 50)) | of("number", exclusiveMinimum=SMALL),
    "exclusiveMaximum": of("integer", exclusiveMaximum=st.integers(-5, 50)) | of("number", exclusiveMaximum=SMALL),
    "multipleOf": of("integer", multipleOf=st.integers(2, 20))
    | of("number", multipleOf=st.sampled_from([0.5, 0.25, 2, 3])),
    "minLength": of("string", minLength=SMALL),
    "maxLength": of("string", maxLength=st.integers(0, 50)),
    "pattern": of("string", pattern=PATTERNS),
    "minItems": of("array", minItems=SMALL) | of("array", minItems=SMALL, items=of("integer")),
    "maxItems": of("array", maxItems=SMALL)
    | of("array", maxItems=SMALL, uniqueItems=st.just(value=True), items=of("string", maxLength=SMALL)),
    "uniqueItems": of("array", uniqueItems=st.just(value=True))
    | of("array", uniqueItems=st.just(value=True), minItems=SMALL, items=of("integer")),
    "contains": of("array", contains=SCALARS.map(lambda names: {"enum": names}))
    | of("array", contains=st.sampled_from(TYPES[:4]).map(lambda name: {"type": name})),
    "minProperties": members(2).flatmap(
        lambda properties: of(
            "object", properties=st.just(properties), minProperties=st.integers(1, len(properties) + 2)
        )
    ),
    "maxProperties": members(1).flatmap(
        lambda properties: of(
            "object", properties=st.just(properties), maxProperties=st.integers(len(properties), len(properties) + 3)
        )
    ),
    "additionalProperties": of("object", properties=members(1), additionalProperties=st.just(value=False))
    | of("object", properties=members(1), additionalProperties=st.sampled_from(TYPES).map(lambda name: {"type": name})),
}


def broken(constraints: tuple[Constraint, ...], value: object) -> list[str]:
    found = [constraint for constraint in constraints if constraint.violated_by_value(value)]
    types = {constraint.place for constraint in found if constraint.keyword == "type"}
    return [c.id for c in found if c.keyword == "type" or c.place not in types]


def test_every_admitted_keyword_is_tried() -> None:
    assert set(SCHEMAS) == VALIDATED


@pytest.mark.parametrize("keyword", SCHEMAS)
def test_a_keyword_can_be_kept_and_broken_alone(keyword: str) -> None:
    @QUICK
    @given(SCHEMAS[keyword])
    def holds(found: dict[str, Any]) -> None:
        schema = read(found)
        constraints = of_schema(schema)
        kept = inside(schema)
        assert kept
        assert [broken(constraints, value) for value in kept] == [[]] * len(kept)
        (asked,) = [one for one in constraints if one.keyword == keyword and not one.place]
        proposals = [p for value in kept for p in (*outside(asked, (), value), *farther(asked, value))]
        assert any(broken(constraints, value) == [asked.id] for value in proposals)

    holds()
