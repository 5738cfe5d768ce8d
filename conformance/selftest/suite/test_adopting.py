"""What fails today is written as known failures, with which the same server is green until something changes."""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.mutants import catalogue
from conformance.reference import Behaviour
from conformance.selftest.suite import runs
from conformance.selftest.suite.test_pages import HOSTILE, report, verdict
from conformance.suite import command
from conformance.suite.report import adopting, known
from conformance.suite.report.known import Known

FAULTY, ONLY = "createImage/n-ignored", "createImage/n/*,createImage/response/data/count"
COUNT, DEFAULT = "createImage/response/data/count", "createImage/n/default"


@cache
def recorded(server: str) -> bytes:
    """Return the recording of a run on a faulty server, or on the correct one."""
    made = httpx.ASGITransport(catalogue.mutants()[server].make()) if server else Behaviour()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "recording.ndjson"
        runs.run_on(made, runs.settings(*ONLY.split(",")), record=path)
        return path.read_bytes()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def judge(server: str, *arguments: str) -> int:
    """Judge a recording from the command line and return the exit code."""
    Path("made.ndjson").write_bytes(recorded(server))
    return command.main(["--judge", "made.ndjson", "--only", ONLY, *arguments])


def held(path: str = "known.toml") -> dict[str, str]:
    return {entry.rule: entry.reason for entry in known.read(Path(path))}


def test_a_run_with_what_was_written_is_green_and_tells_what_is_mended(capsys: pytest.CaptureFixture[str]) -> None:
    assert judge(FAULTY, "--write-known", "known.toml") == 1
    assert "1 known failure written to known.toml." in capsys.readouterr().err
    assert judge(FAULTY, "--known", "known.toml") == 0
    assert "written" not in capsys.readouterr().err
    assert judge("", "--known", "known.toml") == 1
    assert f"the known failure {COUNT} no longer fails" in " ".join(capsys.readouterr().out.split())


def test_the_reason_is_what_was_found() -> None:
    judge(FAULTY, "--write-known", "known.toml")
    assert held() == {COUNT: "data has 1 item where 10 were due, in 1 of 4 answers"}


def test_what_a_person_wrote_is_kept_and_what_is_mended_taken_off(capsys: pytest.CaptureFixture[str]) -> None:
    mine = [
        Known(COUNT, 'One "day"\n\\ soon\x7f.'),
        Known(DEFAULT, "Mended."),
        Known("createImageEdit/*", "Not judged."),
    ]
    Path("known.toml").write_text(adopting.toml(mine), encoding="utf-8")
    assert judge(FAULTY, "--write-known", "known.toml") == 1
    assert held() == {COUNT: 'One "day"\n\\ soon\x7f.', "createImageEdit/*": "Not judged."}
    assert "2 known failures written to known.toml, 1 that no longer fails taken off." in capsys.readouterr().err


def test_a_pattern_that_names_a_failure_is_enough() -> None:
    Path("known.toml").write_text('[[known]]\nrule = "*/count"\nreason = "Later."\n', encoding="utf-8")
    judge(FAULTY, "--write-known", "known.toml")
    assert held() == {"*/count": "Later."}


def test_a_reason_of_another_file_is_taken_over() -> None:
    Path("mine.toml").write_text(adopting.toml([Known("*/count", "Later.")]), encoding="utf-8")
    assert judge(FAULTY, "--known", "mine.toml", "--write-known", "known.toml") == 0
    assert held() == {COUNT: "Later."}


def test_nothing_that_fails_is_an_empty_list_that_can_be_read() -> None:
    assert judge("", "--write-known", "known.toml") == 0
    assert held() == {}
    assert judge("", "--known", "known.toml") == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# My notes", "must hold [[known]] tables"),
        ("known = 1", "must hold [[known]] tables"),
        ("[project]\nname = 1\n[[known]]\nrule = 'a'\nreason = 'b'", "holds more than [[known]] tables"),
        ("[[known]]\nrule = 'a'\nreason = 'b'\nticket = 7", "holds more than [[known]] tables"),
    ],
)
def test_another_file_is_not_replaced(text: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("notes.toml").write_text(text, encoding="utf-8")
    assert judge(FAULTY, "--write-known", "notes.toml") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    assert Path("notes.toml").read_text(encoding="utf-8") == text
    assert not Path("report").exists()


def test_a_place_that_can_not_be_written_is_told_after_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert judge(FAULTY, "--write-known", "nowhere/known.toml") == 2
    assert "can't be written to nowhere/known.toml: No such file" in capsys.readouterr().err
    assert Path("report/report.json").exists()


def test_advice_is_not_among_them_and_no_rule_is_taken_for_a_pattern() -> None:
    made = report(verdict("fail", rule="a/[b]*?"), verdict("fail", "advice", rule="c"), verdict("blocked", rule="d"))
    (entry,) = adopting.adopted(made["verdicts"], ())
    assert entry.rule == "a/[[]b][*][?]"


TEXTS: Sequence[str] = (HOSTILE, '"""\\', "'''\n[[known]]\nrule = \"*\"", "\x7f\x85\u2028\ud83e", "\\u0000")


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(TEXTS) | st.text(min_size=1))
def test_any_finding_can_be_read_again(words: str) -> None:
    made = adopting.adopted([verdict("fail", message=words, title="It fails.")], ())
    (table,) = tomllib.loads(adopting.toml(made))["known"]
    assert table == {"rule": made[0].rule, "reason": made[0].reason}
    assert made[0].reason.isprintable()
    # What a person wrote may be any text that TOML can hold.
    if not any("\ud800" <= sign <= "\udfff" for sign in words):
        (table,) = tomllib.loads(adopting.toml([Known(words, words)]))["known"]
        assert table == {"rule": words, "reason": words}
