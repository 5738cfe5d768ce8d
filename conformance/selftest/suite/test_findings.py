"""A result says in few lines what is wrong and why the rest is unclear, and everything if it is asked for."""

import math
import re

import pytest

from conformance.selftest.suite.screen import printed, rows, same
from conformance.suite.report.record import CauseEntry, Report, VerdictEntry
from conformance.suite.verdicts.verdict import Outcome

LONG = "an answer that goes on " * 40
CAUSE = re.compile(r"^ ?\d+\. (core|strict): ")


def shown(built: Report, width: int = 80) -> list[str]:
    """Return each cause as it is shown."""
    found: list[list[str]] = []
    for line in printed(built, width=width).splitlines():
        if CAUSE.match(line):
            found.append([])
        elif found and not line.startswith("    "):
            break
        if found:
            found[-1].append(line)
    return ["\n".join(lines) for lines in found]


def first(built: Report) -> tuple[CauseEntry, VerdictEntry]:
    """Return the first cause and the failure that shows it."""
    cause = built["causes"][0]
    return cause, next(verdict for verdict in built["verdicts"] if verdict["rule"] == cause["reproducer"])


@pytest.mark.parametrize("width", [80, 60, 40, 200])
@pytest.mark.parametrize("words", ["short", LONG])
@pytest.mark.parametrize("length", [20, 165, 300, 345, 420, 1275])
def test_a_cause_takes_eight_lines_and_its_command_can_be_pasted(width: int, words: str, length: int) -> None:
    built = same()
    cause, verdict = first(built)
    cause["title"] = cause["hint"] = verdict["message"] = words
    verdict["curl"] = f"curl {'-' * (length - 5)}"
    text = shown(built, width)[0]
    assert rows(text, width) <= math.ceil(8 * 80 / min(width, 80))
    told = f"    try {verdict['curl']}" in text.splitlines()
    assert told is not ("the command is long: see report.html, or -v" in " ".join(text.split()))
    assert told or length > 345
    assert width < 60 or f"    rules    {verdict['rule']}" in text
    assert "    seen     " in text


def test_a_cause_says_what_it_is_about() -> None:
    built = same()
    cause, verdict = first(built)
    cause.update(title="It is wrong (3 rules).", hint="Put it right.", level="core")
    verdict.update(message="It was wrong.", curl="curl http://h")
    more = f" and {len(cause['rules']) - 1} more"
    source = verdict["source"]
    assert shown(built, 200)[0] == (
        " 1. core: It is wrong (3 rules).\n"
        f"    rules    {verdict['rule']}{more}\n"
        f"    contract openapi.yaml:{source['line']}  {source['clause'] or source['text']}\n"
        "    seen     It was wrong.\n"
        "    hint     Put it right.\n"
        "    try curl http://h"
    )


@pytest.mark.parametrize(
    ("rule", "text", "line"),
    [
        ("createImage/n/maximum", "maximum: 10", "createImage/n/maximum, openapi.yaml:7: maximum: 10"),
        (f"createImage/{'n' * 33}", "How many.", f"createImage/{'n' * 33}, openapi.yaml:7"),
        (f"createImage/{'n' * 43}", "How many.", f"createImage/{'n' * 43}"),
        (
            "createImage/n/maximum",
            "How many images to make, at most.",
            "createImage/n/maximum, openapi.yaml:7: How many images to make, at…",
        ),
    ],
)
def test_where_the_command_is_long_the_source_stands_beside_the_rule(rule: str, text: str, line: str) -> None:
    built = same()
    cause, verdict = first(built)
    cause.update(title="It is wrong (1 rule).", hint="", rules=[rule], reproducer=rule)
    verdict.update(rule=rule, message="It was wrong.", curl=f"curl {'-' * 380}")
    verdict["source"].update(line=7, text=text, clause="")
    assert shown(built)[0].splitlines()[1:3] == [f"    rules    {line}", "    seen     It was wrong."]


def test_ten_causes_are_shown_and_the_others_counted() -> None:
    built = same()
    assert len(built["causes"]) > 12
    assert len(shown(built)) == 10
    counting = [cause for cause in built["causes"] if cause["level"] != "advice"]
    assert f"\n{len(counting) - 10} more causes in report.html, or with -v.\n" in printed(built)
    assert rows(printed(built, width=80), 80) < 110


def test_what_does_not_count_is_counted() -> None:
    built = same()
    built["causes"] = built["causes"][:2]
    failed = [verdict for verdict in built["verdicts"] if verdict["outcome"] == Outcome.FAIL]
    listed = [rule for cause in built["causes"] for rule in cause["rules"]]
    for verdict in failed:
        if verdict["rule"] not in listed:
            verdict["outcome"] = Outcome.PASS
    assert "Not counted" not in printed(built)
    cause, verdict = first(built)
    verdict["known"] = "One day."
    text = printed(built)
    assert "Not counted: 1 known failure; -v shows them.\n" in text
    # The cause is that of others too: one of them is shown in the place of the one that is known.
    assert f"    rules    {cause['rules'][1]} and {len(cause['rules']) - 1} more\n" in text
    for one in failed:
        if one["rule"] in cause["rules"]:
            one["known"] = "One day."
        elif one["rule"] in listed:
            one["level"] = "advice"
    text = printed(built)
    assert shown(built) == []
    known, advice = len(cause["rules"]), len(built["causes"][1]["rules"])
    assert f"Not counted: {known} known failures, {advice} advice findings; -v shows them.\n" in text
    everything = printed(built, verbose=True)
    assert everything.count("(core, known: One day.)\n") == known


def test_everything_is_told_if_it_is_asked_for() -> None:
    built = same()
    built["causes"][0]["hint"] = "Put it right."
    text = printed(built, verbose=True)
    failed = [verdict for verdict in built["verdicts"] if verdict["outcome"] == Outcome.FAIL]
    assert len(failed) > 50
    for verdict in failed:
        assert f"\nFAIL {verdict['rule']}  ({verdict['level']})\n" in text
        assert f"  try      {verdict['curl']}\n" in text
    assert all(f"\n{number}. {cause['level']}: " in text for number, cause in enumerate(built["causes"], 1))
    assert "hint     Put it right.\n" in text
    unclear = [v for v in built["verdicts"] if v["outcome"] not in (Outcome.PASS, Outcome.FAIL)]
    assert all(verdict["rule"] in text for verdict in unclear)
    assert "-v" not in text
    assert "more causes" not in text


def with_reasons(*reasons: tuple[Outcome, str]) -> str:
    """Print a result with these reasons why something was not found out."""
    built = same()
    built["causes"] = []
    for verdict in built["verdicts"]:
        verdict["outcome"] = Outcome.PASS
    for verdict, (outcome, message) in zip(built["verdicts"], reasons, strict=False):
        verdict.update(outcome=outcome, message=message)
    text = printed(built, width=80)
    return text[text.index(f"{min(reasons, key=lambda one: list(Outcome).index(one[0]))[0]}, ") :]


def test_the_same_reason_is_told_once() -> None:
    text = with_reasons(
        (Outcome.NOT_JUDGED, "could not find out: not sent: the image budget is spent (n = 10)"),
        (Outcome.NOT_JUDGED, 'could not find out: not sent: the image budget is spent (prompt = "a" (9 characters))'),
        (Outcome.NOT_JUDGED, "could not find out: the image budget is spent"),
        (Outcome.UNSUPPORTED, "no answer had what this rule is about, on 9 samples"),
        (Outcome.UNSUPPORTED, "no answer had what this rule is about, on 1 sample"),
        (Outcome.BLOCKED, "could not find out: no answer came"),
    )
    assert text.splitlines()[:3] == [
        f"blocked, {same()['verdicts'][5]['rule']}: could not find out: no answer came",
        "not judged, 3 rules: the image budget is spent",
        "unsupported, 2 rules: no answer had what this rule is about",
    ]


def test_five_reasons_are_told_and_the_others_counted() -> None:
    text = with_reasons(*((Outcome.BLOCKED, f"{number}. {LONG}") for number in range(9)))
    lines = text.splitlines()
    assert [line for line in lines if line.startswith("blocked, ")] == lines[:10:2]
    assert all(line.endswith("…") for line in lines[1:10:2])
    assert lines[10] == "4 other reasons for 4 rules: -v shows them."
