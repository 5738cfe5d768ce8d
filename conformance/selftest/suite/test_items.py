"""A report as pytest items: junit.xml has a case for each verdict, which ends as the verdict says."""

import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from conformance.selftest.suite.runs import correct, rules
from conformance.suite.report import items, report
from conformance.suite.report.record import Report, VerdictEntry
from conformance.suite.settings import UsageError

MAXIMUM = "createImage/n/maximum"


def built(*changes: tuple[str, dict[str, Any]]) -> Report:
    """Build the report of a correct server with parts of some verdicts changed."""
    made = report.build(correct())
    changed = dict(changes)
    verdicts: list[Any] = [{**verdict, **changed.get(verdict["rule"], {})} for verdict in made["verdicts"]]
    return {**made, "verdicts": verdicts}


def written(made: Report, path: Path) -> dict[str, ET.Element]:
    """Return the cases of junit.xml by the name of their rule."""
    items.write(made, path)
    suites = ET.parse(path).getroot()  # noqa: S314 - a file that the suite wrote
    assert [suite.attrib["name"] for suite in suites.iter("testsuite")] == ["openai-images-conformance"]
    return {case.attrib["name"]: case for case in suites.iter("testcase")}


def test_each_verdict_is_a_case_under_its_operation(tmp_path: Path) -> None:
    made = built()
    cases = written(made, tmp_path / "junit.xml")
    assert list(cases) == [verdict["rule"] for verdict in made["verdicts"]]
    classes = {name: case.attrib["classname"] for name, case in cases.items()}
    assert classes == {rule.id: f"openai-images.{rule.operation}" for rule in rules()}


FAILED = {"outcome": "fail", "message": "Too many.", "expected": "refused", "actual": "status 200", "curl": "curl -sS"}


@pytest.mark.parametrize(
    ("changed", "kind", "words"),
    [
        ({}, None, ""),
        (FAILED, "failure", "Too many."),
        ({**FAILED, "known": "One day."}, "skipped", "known: One day."),
        ({**FAILED, "level": "advice"}, "skipped", "advice: Too many."),
        ({"outcome": "blocked", "message": "No answer."}, "skipped", "blocked: No answer."),
        ({"outcome": "unsupported", "message": "No model."}, "skipped", "unsupported: No model."),
        ({"outcome": "not judged", "message": "No budget."}, "skipped", "not judged: No budget."),
        ({"outcome": "broken", "message": "Oops."}, "error", "broken: Oops."),
    ],
)
def test_a_case_ends_as_its_verdict_says(changed: dict[str, Any], kind: str | None, words: str, tmp_path: Path) -> None:
    cases = written(built((MAXIMUM, changed)), tmp_path / "junit.xml")
    found = {child.tag: child for child in cases[MAXIMUM] if child.tag in ("failure", "error", "skipped")}
    assert set(found) == ({kind} if kind else set())
    assert not kind or words in found[kind].attrib["message"]
    assert kind != "failure" or found[kind].attrib["message"] == words
    assert not [name for name, case in cases.items() if name != MAXIMUM and case.find("failure") is not None]


def test_a_failure_says_all_that_a_person_needs(tmp_path: Path) -> None:
    case = written(built((MAXIMUM, FAILED)), tmp_path / "junit.xml")[MAXIMUM]
    text = case.findtext("failure") or ""
    source = next(verdict["source"] for verdict in built()["verdicts"] if verdict["rule"] == MAXIMUM)
    assert text.splitlines() == [
        "n above 10 must be refused",
        f"contract: line {source['line']}: {source['text']}",
        "expected: refused",
        "actual: status 200",
        "try: curl -sS",
    ]


def test_a_case_has_the_time_of_its_exchanges_and_says_what_the_rule_is(tmp_path: Path) -> None:
    made = built((MAXIMUM, {**FAILED, "seconds": 61.25}))
    cases = written(made, tmp_path / "junit.xml")
    assert cases[MAXIMUM].attrib["time"] == "61.250"
    told = {verdict["rule"]: f"{verdict['seconds']:.3f}" for verdict in made["verdicts"]}
    assert {name: case.attrib["time"] for name, case in cases.items()} == told
    properties = {one.attrib["name"]: one.attrib["value"] for one in cases[MAXIMUM].iter("property")}
    line = next(verdict["source"]["line"] for verdict in made["verdicts"] if verdict["rule"] == MAXIMUM)
    assert properties == {"title": "n above 10 must be refused", "level": "strict", "contract line": str(line)}


EACH_ENDING: tuple[dict[str, Any], ...] = (
    FAILED,
    {**FAILED, "known": "One day."},
    {"outcome": "blocked"},
    {"outcome": "not judged"},
    {"outcome": "unsupported"},
    {"outcome": "broken"},
)
CASES = {"properties", "skipped", "error", "failure"}
"""What a case may hold in the schemas of JUnit files, the properties first."""


def test_the_file_is_what_its_readers_expect(tmp_path: Path) -> None:
    odd = {"message": "\x00\x1b[31m]]>&<b>\ud83e\uffff", "title": "\x07<&>\"'"}
    ids = [rule.id for rule in rules()]
    made = built(*((id_, {**ending, **odd}) for id_, ending in zip(ids, EACH_ENDING, strict=False)))
    path = tmp_path / "junit.xml"
    cases = written(made, path)
    (suite,) = list(ET.parse(path).getroot())  # noqa: S314 - a file that the suite wrote
    ends = [tag for case in cases.values() for tag in CASES - {"properties"} if case.find(tag) is not None]
    counted = {name: int(suite.attrib[name]) for name in ("tests", "failures", "errors", "skipped")}
    assert counted == {"tests": len(ids), "failures": 1, "errors": 1, "skipped": len(ends) - 2}
    assert [child.tag for child in suite] == ["testcase"] * len(ids)
    assert len({(case.attrib["classname"], case.attrib["name"]) for case in cases.values()}) == len(ids)
    for case in cases.values():
        assert set(case.attrib) == {"classname", "name", "time"}
        assert float(case.attrib["time"]) >= 0
        package, _, name = case.attrib["classname"].rpartition(".")
        assert package
        assert name
        tags = [child.tag for child in case]
        assert tags[0] == "properties"
        assert {*tags} <= CASES
        assert len(tags) <= 2
    # What no XML can hold is written in its place, and nothing that was sent is markup.
    assert cases[ids[0]][1].attrib["message"] == "#x00#x1B[31m]]>&<b>#xD83E#xFFFF"


@pytest.mark.parametrize(("name", "value"), [("PYTEST_ADDOPTS", "--no-such-option"), ("PYTEST_PLUGINS", "nonsense")])
def test_the_options_of_another_pytest_change_nothing(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(name, value)
    assert len(written(built(), tmp_path / "junit.xml")) == len(rules())
    assert os.environ[name] == value


def test_a_place_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match=r"^[^\n]*junit\.xml can't be written[^\n]*$"):
        items.write(built(), tmp_path / "file" / "junit.xml")


@pytest.mark.parametrize("outcome", ["fail", "broken", "blocked", "unsupported"])
def test_what_is_no_pass_ends_in_no_pass(outcome: str) -> None:
    verdict: VerdictEntry = next(v for v in built((MAXIMUM, {"outcome": outcome}))["verdicts"] if v["rule"] == MAXIMUM)
    with pytest.raises((pytest.fail.Exception, pytest.skip.Exception, RuntimeError)):
        items.settle(verdict)
