"""The sum of all outcomes: each bar holds where it should, and no longer where one thing is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from conformance.mutants import __main__ as program
from conformance.mutants import catalogue
from conformance.mutants.measure import survivors
from conformance.mutants.measure.bars import Outcome
from conformance.mutants.measure.fits import WIDEST, Fit
from conformance.mutants.measure.matrix import MOST_UNRELATED, Matrix, summed_up
from conformance.mutants.measure.trial import Finding, rules

RULE = rules()[0]
FOUND = Finding(failed=(RULE,))


def whole() -> tuple[Outcome, ...]:
    """Return outcomes of the whole catalogue in which the first mutants break all rules between them."""
    left = iter(rules())
    return tuple(outcome(id_, left) for id_ in catalogue.mutants())


def outcome(id_: str, left: Iterator[str]) -> Outcome:
    reason = survivors.reason(survivors.survivors(), id_)
    if reason is not None:
        return Outcome(id_, Finding(), reason=reason)
    rule = next(left, RULE)
    return Outcome(id_, Finding(failed=(rule,)), fitting=(rule,))


def test_all_bars_hold_where_all_is_well() -> None:
    matrix = summed_up(whole(), (), whole=True)
    assert matrix.holds
    assert (matrix.unbroken, matrix.excused, matrix.stale) == ((), (), ())


@pytest.mark.parametrize(
    ("bad", "count"),
    [
        (Outcome("bad", FOUND, Fit(WIDEST + 1), (RULE,), complaints=("wide",)), "fits_too_wide"),
        (Outcome("bad", FOUND, Fit(1, ("typo",)), (RULE,), complaints=("typo",)), "fits_without_a_rule"),
        (Outcome("bad", Finding(broken=(RULE,)), complaints=("broken",)), "broken"),
    ],
)
def test_one_bad_outcome_is_counted_and_no_bar_holds(bad: Outcome, count: str) -> None:
    matrix = summed_up((*whole(), bad), (), whole=True)
    assert matrix.counts[count] == 1
    assert not matrix.holds


@pytest.mark.parametrize(("causes", "every", "holds"), [(2, 3, True), (3, 21, True), (3, 19, False), (2, 1, False)])
def test_one_fault_may_show_more_causes_only_now_and_then(causes: int, every: int, *, holds: bool) -> None:
    many = tuple(str(number) for number in range(causes))
    found = [one for one in whole() if one.finding.killers]
    told = [attrs.evolve(one.finding, causes=("0",) if n % every else many) for n, one in enumerate(found, 1)]
    outcomes = [attrs.evolve(one, finding=finding) for one, finding in zip(found, told, strict=True)]
    rest = [one for one in whole() if not one.finding.killers]
    assert summed_up((*outcomes, *rest), (), whole=True).holds is holds


def test_a_rule_that_no_mutant_breaks_is_named() -> None:
    outcomes = without(rules()[-1])
    matrix = summed_up(outcomes, (), whole=True)
    assert matrix.unbroken == (rules()[-1],)
    assert matrix.counts["rules_unbroken"] == 1
    assert not matrix.holds


def test_an_unbroken_rule_may_have_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survivors, "unbroken", lambda: {rules()[-1]: "It can't be."})
    matrix = summed_up(without(rules()[-1]), (), whole=True)
    assert matrix.excused == (rules()[-1],)
    assert matrix.holds


@pytest.mark.parametrize(("rule", "words"), [(RULE, "which a mutant breaks"), ("createImage/x", "which is no rule")])
def test_a_stale_reason_is_complained_about(monkeypatch: pytest.MonkeyPatch, rule: str, words: str) -> None:
    monkeypatch.setattr(survivors, "unbroken", lambda: {rule: "It can't be."})
    matrix = summed_up(whole(), (), whole=True)
    assert matrix.stale == (f"{rule}, {words}",)
    assert not matrix.holds


def test_an_entry_for_mutants_that_are_none_is_stale() -> None:
    outcomes = tuple(one for one in whole() if not one.id.endswith("/key-not-asked"))
    matrix = summed_up(outcomes, (), whole=True)
    assert matrix.stale == ("*/key-not-asked, which is no mutant",)
    assert not matrix.holds


def test_a_part_of_the_catalogue_says_nothing_of_rules_and_entries() -> None:
    assert summed_up(whole()[:1], (), whole=False).holds


def test_unrelated_failures_are_borne_up_to_their_share() -> None:
    outcomes = whole()
    found = [index for index, one in enumerate(outcomes) if one.reason is None]
    most = int(MOST_UNRELATED * len(found))
    for count, holds in ((most, True), (most + 1, False)):
        bad = set(found[:count])
        changed = tuple(unrelated(one) if index in bad else one for index, one in enumerate(outcomes))
        assert summed_up(changed, (), whole=True).holds is holds


def test_another_complaint_is_never_borne() -> None:
    first, *others = whole()
    both = attrs.evolve(unrelated(first), complaints=("survives",))
    assert not summed_up((both, *others), (), whole=True).holds


def test_what_fails_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bad = attrs.evolve(whole()[0], fit=Fit(WIDEST + 1), complaints=("its fits match too many rules",))
    made = Matrix((bad,), unbroken=("createImage/x",), stale=("createImage/y, which is no rule",))

    def measure(_: str, __: int | None) -> Matrix:
        return made

    monkeypatch.setattr(program, "measure", measure)
    assert program.main(["--json", str(tmp_path / "matrix.json")]) == 1
    printed = capsys.readouterr().out
    for words in ("too many rules", "no mutant breaks createImage/x", "names createImage/y", "NOT ALL BARS HOLD"):
        assert words in printed
    written = json.loads((tmp_path / "matrix.json").read_text())
    assert written["counts"] == {**written["counts"], "fits_too_wide": 1, "rules_unbroken": 1}
    assert written["rules_that_no_mutant_breaks"] == ["createImage/x"]
    assert written["stale_entries"] == ["createImage/y, which is no rule"]


def without(rule: str) -> tuple[Outcome, ...]:
    """Return the outcomes of the whole catalogue, in which no mutant breaks this rule."""
    other = RULE if rule != RULE else rules()[1]
    return tuple(
        attrs.evolve(one, finding=Finding(failed=(other,)), fitting=(other,)) if one.fitting == (rule,) else one
        for one in whole()
    )


def unrelated(outcome: Outcome) -> Outcome:
    return attrs.evolve(outcome, unrelated=("createImage/path",), tolerable=("unrelated",))
