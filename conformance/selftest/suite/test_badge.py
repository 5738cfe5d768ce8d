"""The badge is green only where all of core was decided and the run passes."""

from collections.abc import Callable
from xml.etree import ElementTree as ET

import attrs
import pytest

from conformance.reference import Behaviour
from conformance.selftest.suite.runs import correct, run_on, settings
from conformance.suite.report import pages, report
from conformance.suite.report.record import Report
from conformance.suite.rules.rule import Level
from conformance.suite.settings import Limits
from conformance.suite.verdicts.verdict import Outcome, Verdict

GREEN, AMBER, RED, GREY = "#1a7f37", "#9a6700", "#b42318", "#6b6b6b"
_TEXT = "{http://www.w3.org/2000/svg}text"


def shown(built: Report) -> tuple[str, str]:
    """Return the colour of a badge, and what it says."""
    made = pages.badge(built)
    (colour,) = [colour for colour in (GREEN, AMBER, RED, GREY) if f'fill="{colour}"' in made]
    root = ET.fromstring(made)  # noqa: S314 - what the suite made
    return colour, [one.text or "" for one in root.iter(_TEXT)][1]


def decided(verdict: Verdict) -> Verdict:
    """Return a verdict of the correct run as one that also sent random requests gives it."""
    return attrs.evolve(verdict, outcome=Outcome.PASS) if verdict.outcome is Outcome.NOT_JUDGED else verdict


def built(
    change: Callable[[Verdict], Verdict] = lambda verdict: verdict,
    keep: Callable[[Verdict], bool] = lambda _: True,
    level: Level = Level.ADVICE,
) -> Report:
    """Build the report of a whole run on the correct server with some verdicts changed or left out."""
    made = correct()
    verdicts = tuple(change(decided(verdict)) for verdict in made.verdicts if keep(verdict))
    return report.build(attrs.evolve(made, verdicts=verdicts, settings=attrs.evolve(made.settings, level=level)))


def becomes(outcome: Outcome, when: Callable[[Verdict], bool]) -> Callable[[Verdict], Verdict]:
    return lambda verdict: attrs.evolve(verdict, outcome=outcome) if when(verdict) else verdict


def is_core(verdict: Verdict) -> bool:
    return verdict.rule.level is Level.CORE


def is_variation(verdict: Verdict) -> bool:
    return verdict.rule.operation == "createImageVariation"


def test_all_of_core_alone_is_enough_for_green() -> None:
    assert shown(built()) == (GREEN, "205 of 205 rules")
    assert shown(built(keep=is_core, level=Level.CORE)) == (GREEN, "138 of 138 core rules")


def test_an_operation_that_is_not_offered_is_decided() -> None:
    colour, words = shown(built(becomes(Outcome.UNSUPPORTED, is_variation)))
    assert (colour, words.endswith(" rules")) == (GREEN, True)


def test_what_is_left_of_strict_keeps_no_badge_from_being_green() -> None:
    strict = becomes(Outcome.NOT_JUDGED, lambda verdict: verdict.rule.level is Level.STRICT)
    assert shown(built(strict)) == (GREEN, "138 of 138 rules")


@pytest.mark.parametrize("outcome", [Outcome.NOT_JUDGED, Outcome.BLOCKED])
def test_one_core_rule_that_was_not_decided_makes_it_amber(outcome: Outcome) -> None:
    one = becomes(outcome, lambda verdict: verdict.rule.id == "createImage/n/accepted")
    assert shown(built(one)) == (AMBER, "263 of 264 judged")
    assert shown(built(one, is_core, Level.CORE)) == (AMBER, "140 of 264 judged")


def test_a_selection_of_rules_makes_it_amber() -> None:
    assert shown(built(keep=lambda verdict: not is_variation(verdict))) == (AMBER, "187 of 264 judged")
    assert shown(built(keep=lambda verdict: verdict.rule.level is Level.STRICT)) == (AMBER, "67 of 264 judged")


def test_an_image_budget_makes_it_amber() -> None:
    made = run_on(Behaviour(), settings(limits=Limits(images=4)))
    colour, words = shown(report.build(made))
    assert (colour, words.endswith(" of 264 judged")) == (AMBER, True)


def test_a_failure_makes_it_red_however_little_was_judged() -> None:
    fails = becomes(Outcome.FAIL, lambda verdict: verdict.rule.id == "createImage/n/accepted")
    assert shown(built(fails)) == (RED, "204 of 205 rules")
    assert shown(built(fails, lambda verdict: "/n/" in verdict.rule.id))[0] == RED


def test_what_can_not_be_judged_is_neither() -> None:
    assert shown(built(keep=lambda _: False)) == (GREY, "not judged")
    assert shown(built(becomes(Outcome.BROKEN, is_variation)))[0] == GREY
