"""The fits of the whole catalogue, without a trial: few rules for each lie, and lies for each rule."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from conformance.mutants import catalogue
from conformance.mutants.measure import fits, survivors
from conformance.mutants.measure.trial import matches, rules
from conformance.mutants.mutant import Mutant
from conformance.mutants.walks import concerns
from conformance.mutants.walks.contracts import written_out
from conformance.reference import create_app, load_contract

MUTANT = Mutant("createImage/lie", "a lie", create_app, ("createImage/n/m*",), only=("createImage/*",))
FOUND = [id_ for id_ in catalogue.mutants() if survivors.reason(survivors.survivors(), id_) is None]


def complaints(*patterns: str, id_: str = MUTANT.id) -> str:
    return "; ".join(fits.of_mutant(attrs.evolve(MUTANT, id=id_, fits=patterns), rules()).complaints)


def test_no_fit_of_the_catalogue_is_complained_about() -> None:
    found = {mutant.id: fits.of_mutant(mutant, rules()).complaints for mutant in catalogue.mutants().values()}
    assert {id_: words for id_, words in found.items() if words} == {}


def test_every_rule_is_about_the_lie_of_a_mutant_that_can_be_found() -> None:
    patterns = {pattern for id_ in FOUND for pattern in catalogue.mutants()[id_].fits}
    assert [rule for rule in rules() if not matches(rule, tuple(patterns))] == list(survivors.unbroken())


def test_every_entry_of_the_survivors_means_something() -> None:
    assert survivors.unused(tuple(catalogue.mutants())) == ()
    assert set(survivors.unbroken()) <= set(rules())


def test_a_narrow_fit_is_fine() -> None:
    assert complaints("createImage/n/m*") == ""


def test_a_fit_that_any_rule_would_do_for_is_complained_about() -> None:
    assert "match" in complaints("createImage/*")


def test_a_fit_may_be_as_wide_as_the_bar_and_no_wider() -> None:
    mine = [rule for rule in rules() if matches(rule, MUTANT.only)]
    assert complaints(*mine[: fits.WIDEST]) == ""
    assert complaints(*mine[: fits.WIDEST + 1]) == f"its fits match {fits.WIDEST + 1} rules"


def test_rules_that_do_not_judge_the_mutant_make_no_fit_wide() -> None:
    assert complaints("*/n/maximum", "createImageEdit/*") == ""


def test_a_pattern_that_is_the_id_of_no_rule_is_complained_about() -> None:
    assert complaints("createImage/n/m*", "createImage/n/maximun") == "createImage/n/maximun is the id of no rule"


def test_no_rule_need_be_about_the_lie_of_a_survivor() -> None:
    assert complaints("createImage/maximun", id_="createImage/contract/type:dropped") == ""


def schema(name: str) -> dict[str, Any]:
    document: dict[str, Any] = dict(load_contract())
    return written_out(document, document["components"]["schemas"][name])


@pytest.mark.parametrize(
    ("path", "what", "rule"),
    [
        ("properties/n/anyOf/0/maximum", "more by 1", "n/maximum"),
        ("properties/n/anyOf/0/maximum", "less by 1", "n/accepted*"),
        ("properties/n/anyOf/0/minimum", "less by 1", "n/minimum"),
        ("properties/n/anyOf/1", "dropped", "n/nullable"),
        ("properties/n/anyOf/0", "dropped", "n/accepted*"),
        ("properties/n/anyOf", "dropped", "n/type n/minimum n/maximum"),
        ("properties/model", "dropped", "model/type"),
        ("properties/user", "nullable", "user/type"),
        ("required", "without prompt", "prompt/required"),
        ("required", "with user", "user/optional"),
        (
            "allOf/0",
            "dropped",
            "prompt/maxLength@dall-e-2 size/enum@dall-e-2 quality/type@dall-e-2 style/type@dall-e-2",
        ),
        ("allOf/1/if", "dropped", "prompt/maxLength@dall-e-3 n/maximum@dall-e-3 size/enum@dall-e-3"),
        ("allOf/1/if/properties/model", "dropped", "prompt/accepted* n/accepted* size/accepted*"),
        ("allOf/1/if/required", "without model", "model/optional"),
        ("allOf/1/then/properties/n/maximum", "less by 1", "n/accepted@dall-e-3"),
        ("allOf/1/then/properties/size/enum", "with 256x256", "size/enum@dall-e-3"),
        ("allOf/1/then/properties/size/enum", "without None", "size/nullable size/accepted@dall-e-3"),
    ],
)
def test_which_rules_a_change_of_the_contract_is_about(path: str, what: str, rule: str) -> None:
    steps = tuple(int(step) if step.isdigit() else step for step in path.split("/"))
    assert " ".join(concerns.of_change(schema("CreateImageRequest"), steps, what, is_form=False).fits) == rule


@pytest.mark.parametrize(
    ("path", "what", "rule"),
    [
        ("properties/model/not", "dropped", "model/not"),
        ("properties/model/not/enum", "with dall-e-2", "model/accepted*"),
        ("properties/size", "dropped", "size/enum"),
        ("properties/image", "dropped", "image/*"),
    ],
)
def test_in_a_form_every_value_is_a_text(path: str, what: str, rule: str) -> None:
    found = concerns.of_change(schema("CreateImageEditRequest"), tuple(path.split("/")), what, is_form=True)
    assert " ".join(found.fits) == rule
