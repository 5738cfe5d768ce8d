"""Ids of rules outlive a version: who names a rule by the id that it had before means the rule of today."""

import json
from pathlib import Path

import pytest
from attrs import evolve

from conformance.selftest.suite.runs import rules
from conformance.selftest.suite.test_adopting import COUNT, FAULTY, folder, held, judge
from conformance.suite import command
from conformance.suite.images import IMAGES
from conformance.suite.report import known
from conformance.suite.report.known import Known
from conformance.suite.rules import renamed
from conformance.suite.rules.rule import Level, select

OLD = "createImage/response/data/items/number"
TABLE = {OLD: COUNT}
KNOWN = '[[known]]\nrule = "{}"\nreason = "Later."\n'
__all__ = ["folder"]


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say that one rule was called otherwise before."""
    monkeypatch.setattr(command, "IMAGES", evolve(IMAGES, renamed=TABLE))


def test_each_earlier_id_leads_to_a_rule_and_none_is_given_again() -> None:
    ids = {rule.id for rule in rules()}
    assert set(IMAGES.renamed.values()) <= ids
    assert not IMAGES.renamed.keys() & ids


def test_a_table_is_toml(tmp_path: Path) -> None:
    path = tmp_path / "renamed.toml"
    path.write_text(f'# Why.\n"{OLD}" = "{COUNT}"\n', encoding="utf-8")
    assert renamed.read(path) == TABLE


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("pattern", "where"), [(OLD, "in its place"), ("createImage/response/data/items/*", "beside it")]
)
def test_a_known_failure_holds_under_its_earlier_id_and_is_told(
    pattern: str, where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("known.toml").write_text(KNOWN.format(pattern), encoding="utf-8")
    assert judge(FAULTY, "--known", "known.toml") == 0
    said = " ".join(capsys.readouterr().err.split())
    assert f"the known failure {pattern} names what is called {COUNT} now; write that {where}." in said


@pytest.mark.usefixtures("table")
def test_one_that_is_mended_is_told_under_the_id_that_the_file_has(capsys: pytest.CaptureFixture[str]) -> None:
    Path("known.toml").write_text(KNOWN.format(OLD), encoding="utf-8")
    assert judge("", "--known", "known.toml") == 1
    assert f"the known failure {OLD} no longer fails" in " ".join(capsys.readouterr().out.split())


@pytest.mark.usefixtures("table")
def test_what_is_written_has_the_ids_of_today(capsys: pytest.CaptureFixture[str]) -> None:
    Path("known.toml").write_text(KNOWN.format(OLD), encoding="utf-8")
    assert judge(FAULTY, "--write-known", "known.toml") == 1
    assert held() == {COUNT: "Later."}
    assert "1 known failure written to known.toml.\n" in capsys.readouterr().err


def test_a_pattern_that_names_living_rules_too_stays_beside_the_id_of_today() -> None:
    (entry,) = known.settle([Known("*/items/*", "Later.")], rules(), TABLE)
    assert [one.rule for one in entry.renewed()] == ["*/items/*", COUNT]
    assert not entry.outdated


def test_a_choice_by_an_earlier_id_holds() -> None:
    every = rules()
    (chosen,) = select(every, (OLD,), Level.ADVICE, renamed=TABLE)
    assert chosen.id == COUNT
    assert COUNT not in {rule.id for rule in select(every, (), Level.ADVICE, (OLD,), TABLE)}


@pytest.mark.usefixtures("table")
def test_an_earlier_report_is_compared_under_the_ids_of_today(capsys: pytest.CaptureFixture[str]) -> None:
    judge(FAULTY, "--out", "new")
    report = json.loads(Path("new/report.json").read_text(encoding="utf-8"))
    for verdict in report["verdicts"]:
        verdict["rule"] = OLD if verdict["rule"] == COUNT else verdict["rule"]
    Path("old").mkdir()
    Path("old/report.json").write_text(json.dumps(report), encoding="utf-8")
    capsys.readouterr()
    assert command.main(["compare", "old/report.json", "new/report.json"]) == 0
    assert OLD not in capsys.readouterr().out
