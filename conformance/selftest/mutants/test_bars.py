"""The bars themselves: what is complained about, and that the walk through the contract is blind."""

from __future__ import annotations

import copy
from typing import Any

import attrs
import pytest

from conformance.mutants import catalogue
from conformance.mutants.benign.serving import in_process
from conformance.mutants.measure import bars, survivors
from conformance.mutants.measure.trial import Finding
from conformance.mutants.mutant import OPERATIONS, Benign, Lie, Mutant
from conformance.mutants.walks import contracts
from conformance.reference import create_app, load_contract

MUTANT = Mutant("createImage/lie", "a lie", create_app, ("createImage/n/m*",), ("createImage/size/*",))
SERVER = Benign("server", "a server", lambda: in_process(create_app()))
LISTED = attrs.evolve(MUTANT, id="createImage/contract/type:dropped")


def complaint(finding: Finding, mutant: Mutant = MUTANT) -> str:
    """Take the complaint out of the outcome of a mutant that must have one at most."""
    outcome = bars.of_mutant(mutant, finding)
    return "; ".join((*outcome.complaints, *outcome.tolerable))


def test_a_mutant_that_a_fitting_rule_finds_is_fine() -> None:
    assert complaint(Finding(failed=("createImage/n/maximum",))) == ""


def test_a_consequence_may_fail_beside_a_fitting_rule() -> None:
    assert complaint(Finding(failed=("createImage/n/maximum", "createImage/size/enum"))) == ""


def test_advice_counts_as_finding() -> None:
    advised = attrs.evolve(MUTANT, fits=("createImage/n/integer-form",))
    assert complaint(Finding(advised=("createImage/n/integer-form",)), advised) == ""


def test_advice_never_counts_as_unrelated() -> None:
    assert complaint(Finding(advised=("createImage/error/status",), failed=("createImage/n/minimum",))) == ""


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (Finding(), "survives"),
        (Finding(failed=("createImage/style/enum",)), "something else"),
        (Finding(failed=("createImage/size/enum",)), "something else"),
        (Finding(failed=("createImage/n/maximum", "createImage/style/enum")), "fail too: createImage/style/enum"),
        (Finding(broken=("createImage/n/maximum",)), "broken"),
        (Finding(could_not_run="no connection"), "no connection"),
    ],
)
def test_a_mutant_is_complained_about(finding: Finding, words: str) -> None:
    assert words in complaint(finding)


def test_a_listed_survivor_may_survive_but_not_be_found() -> None:
    assert complaint(Finding(), LISTED) == ""
    assert "listed as a survivor" in complaint(Finding(failed=("createImage/n/type",)), LISTED)


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (Finding(passed=200, advised=("createImage/error/status",)), ""),
        (Finding(passed=200, failed=("createImage/n/type",)), "falsely accused: createImage/n/type"),
        (Finding(passed=200, broken=("createImage/n/type",)), "broken"),
        (Finding(passed=3), "only 3 rules pass"),
        (Finding(passed=200, unclear=("createImage/n/accepted",)), "left unclear: createImage/n/accepted"),
        (Finding(could_not_run="no connection"), "no connection"),
    ],
)
def test_what_is_said_of_a_correct_server(finding: Finding, words: str) -> None:
    complaints = "; ".join(bars.of_benign(SERVER, finding).complaints)
    assert words in complaints
    assert bool(words) == bool(complaints)


@pytest.mark.parametrize(
    ("unclear", "words"),
    [
        (("createImage/n/accepted",), ""),
        (("createImage/n/accepted", "createImage/accepted"), "left unclear: createImage/accepted"),
        ((), "listed as undecided, but is decided: */n/accepted"),
    ],
)
def test_what_may_be_undecided_on_a_correct_server(unclear: tuple[str, ...], words: str) -> None:
    server = attrs.evolve(SERVER, undecided=("*/n/accepted",))
    complaints = "; ".join(bars.of_benign(server, Finding(passed=200, unclear=unclear)).complaints)
    assert words in complaints
    assert bool(words) == bool(complaints)


def test_every_survivor_has_a_reason() -> None:
    assert all(entry.reason.endswith(".") for entry in (*survivors.survivors(), *survivors.besides()))


def test_a_server_that_is_called_otherwise_is_tried_otherwise() -> None:
    """What a lie says of its trial must reach it, or it would survive for want of a key or of random requests."""
    lie = Lie("lie", "a lie", create_app, ("security",), models=("other",), key="key", examples=3)
    assert [(m.models, m.key, m.examples) for m in lie.mutants()] == [(("other",), "key", 3)] * len(OPERATIONS)


def test_a_pattern_of_one_operation_is_kept_out_of_the_others() -> None:
    lie = Lie("lie", "a lie", create_app, ("size/enum", "createImage/size/type"))
    fits = {mutant.id.split("/")[0]: len(mutant.fits) for mutant in lie.mutants()}
    assert fits == {"createImage": 2, "createImageEdit": 1, "createImageVariation": 1}


def test_a_new_keyword_of_the_contract_gives_mutants() -> None:
    document: dict[str, Any] = copy.deepcopy(dict(load_contract()))
    document["components"]["schemas"]["CreateImageRequest"]["properties"]["user"]["maxLength"] = 64
    known = set(catalogue.mutants())
    new = {mutant.id for mutant in contracts.mutants(document)} - known
    pointer = "createImage/contract/properties/user/maxLength"
    assert new == {f"{pointer}:dropped", f"{pointer}:less by 1", f"{pointer}:more by 1"}
