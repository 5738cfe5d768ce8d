"""The title of a rule says in plain words what it asks for, of any contract."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance import CONTRACT
from conformance.selftest.suite import runs
from conformance.selftest.suite.schemas import read
from conformance.selftest.suite.test_keywords import SCHEMAS
from conformance.suite.contract import document
from conformance.suite.contract.constraints import of_schema
from conformance.suite.contract.schema import Condition
from conformance.suite.images import IMAGES
from conformance.suite.rules import titles
from conformance.suite.rules.api import Api
from conformance.suite.rules.catalogue import all_rules
from conformance.suite.rules.rule import Breach, Level, Rule

HERE = Path(__file__).parent.parent
CONTRACTS = {
    "the documented one": (CONTRACT, IMAGES),
    "of the GPT era": (HERE / "contracts" / "gpt_images.yaml", IMAGES),
    "the greenhouse": (HERE / "acid" / "openapi.yaml", Api()),
}
EXPECTED = {
    "createImage/accepted": "a valid request is accepted",
    "createImage/n/minimum": "n below 1 must be refused",
    "createImage/n/maximum": "n above 10 must be refused",
    "createImage/n/type": "n that is not an integer or null must be refused",
    "createImage/prompt/required": "prompt left out must be refused",
    "createImage/prompt/maxLength@dall-e-2": "prompt longer than 1000 characters must be refused (dall-e-2)",
    "createImage/quality/type@dall-e-2": "any quality must be refused (dall-e-2)",
    "createImage/size/enum": "size outside its 5 allowed values must be refused",
    "createImage/size/enum@dall-e-3": "size outside its 3 allowed values must be refused (dall-e-3)",
    "createImage/size/accepted@dall-e-3": "every documented size is accepted (dall-e-3)",
    "createImage/n/accepted": "n within its limits is accepted",
    "createImage/user/accepted": "user may be given",
    "createImage/n/optional": "n may be left out",
    "createImage/n/nullable": "n may be null",
    "createImage/n/integer-form": "n may be written as 1.0",
    "createImage/model/default": "the limits of the default model hold where model is left out",
    "createImage/body/malformed": "a malformed body must be refused",
    "createImage/security": "a missing or wrong key must be refused",
    "createImage/response/created/required": "created is present in the answer",
    "createImage/response/created/type": "created is an integer",
    "createImage/response/data/items/type": "an item of data is an object",
    "createImage/response/data/items/url/format": "data[].url is a valid URI",
    "createImage/response/data/items/url/null": "data[].url is left out rather than null",
    "createImage/response/data/items/url/fetchable": "a URL in the answer can be fetched without the key",
    "createImage/response/data/items/dimensions": "the images have the size that was asked for",
    "createImage/error/error/message/required": "error answers carry error.message",
    "createImage/error/error/param/type": "error.param of an error answer is a string or null",
    "createImage/property/invalid": "random invalid requests must be refused",
    "createImageEdit/model/not": "model dall-e-3 must be refused",
    "createImageEdit/mask/file-size": "mask of 4 MiB must be refused",
}
OF_THE_GREENHOUSE = {
    "sowBed/labels/minItems": "labels with fewer than 1 item must be refused",
    "sowBed/labels/items/maxLength": "an item of labels longer than 12 characters must be refused",
    "sowBed/gardener/name/required": "gardener.name left out must be refused",
    "sowBed/gardener/additionalProperties": "gardener with an undocumented member must be refused",
    "sowBed/companions/type": "companions that is not a string or an array must be refused",
    "sowBed/spacing/exclusiveMinimum": "spacing of 0 or less must be refused",
    "sowBed/sow_on/format": "sow_on that is not a valid date must be refused",
    "sowBed/rows/maximum@arid": "rows above 6 must be refused (arid)",
    "sowBed/response/plots/items/sensor/pattern": "plots[].sensor matches its pattern",
}


def rules_of(name: str) -> tuple[Rule, ...]:
    path, api = CONTRACTS[name]
    return all_rules(document.load(path), api)


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_rule_has_a_short_title_of_its_own_in_plain_words(name: str) -> None:
    rules = rules_of(name)
    told = [(rule, titles.title(rule)) for rule in rules]
    assert all(0 < len(title) <= titles.LONGEST for _, title in told)
    assert not [title for rule, title in told if rule.id in title or any(sign in title for sign in "{}\"'`@\\…")]
    twice = Counter((rule.operation, rule.level, title) for rule, title in told)
    assert [key for key, number in twice.items() if number > 1] == []


def test_every_rule_of_an_operation_has_another_title_whatever_its_level() -> None:
    twice = Counter((rule.operation, titles.title(rule)) for rule in runs.rules())
    assert max(twice.values()) == 1


@pytest.mark.parametrize("id_", EXPECTED)
def test_a_title_says_what_the_rule_asks_for(id_: str) -> None:
    assert {rule.id: titles.title(rule) for rule in runs.rules()}[id_] == EXPECTED[id_]


def test_no_name_of_a_field_is_needed() -> None:
    told = {rule.id: titles.title(rule) for rule in rules_of("the greenhouse")}
    assert {id_: told[id_] for id_ in OF_THE_GREENHOUSE} == OF_THE_GREENHOUSE


@pytest.mark.parametrize("keyword", SCHEMAS)
def test_every_keyword_has_words_for_requests_and_for_answers(keyword: str) -> None:
    @settings(max_examples=20, deadline=None, derandomize=True, database=None)
    @given(SCHEMAS[keyword])
    def holds(found: dict[str, Any]) -> None:
        asked = next(one for one in of_schema(read(found)) if one.keyword == keyword and not one.place)
        other = evolve(asked, keyword="unheard-of")
        refused, answered = titled(Breach(asked)), titles.kept(asked, error=False)
        assert refused.startswith("a request ")
        assert refused.endswith(" must be refused")
        assert answered.startswith("the answer ")
        assert refused != titled(Breach(other)) == "a request that breaks its schema must be refused"
        assert answered != titles.kept(other, error=False) == "the answer keeps its schema"

    holds()


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(
    st.text(min_size=1, max_size=200), st.text(max_size=200), st.sampled_from(["const", "enum", "maximum", "format"])
)
def test_no_name_or_value_makes_a_title_long_or_of_more_than_one_line(name: str, value: str, keyword: str) -> None:
    (asked, *_) = of_schema(read({"type": "string"}))
    odd = evolve(asked, place=(name,), keyword=keyword, value=value, condition=Condition(value, {}, ""))
    assert titled(Breach(odd)).isprintable()
    assert len(titled(Breach(odd))) <= titles.LONGEST


def titled(about: Breach) -> str:
    return titles.title(Rule("make/thing", Level.CORE, "make", about.constraint.source, about))
