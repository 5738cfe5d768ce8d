"""report.json: its schema, its figures, and what known failures make of the exit code."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import httpx
import jsonschema
import pytest
from attrs import evolve

from conformance import distribution
from conformance.reference import Behaviour, Operation, Values
from conformance.selftest.suite.runs import (
    KEY,
    always,
    contract,
    correct,
    prepared_for,
    rules,
    run_on,
    settings,
    status,
)
from conformance.suite.report import known as known_failures
from conformance.suite.report import record, report
from conformance.suite.report.known import Known
from conformance.suite.report.record import Exit, Report
from conformance.suite.report.report import Result
from conformance.suite.rules.rule import Level
from conformance.suite.settings import Limits, UsageError
from conformance.suite.verdicts.verdict import Outcome, Verdict

CORRECT = Behaviour()
SCHEMA: Any = json.loads(record.SCHEMA.read_text(encoding="utf-8"))


def lax(made: Operation, values: Values) -> Values:
    """Take any number of images."""
    n = values.get("n")
    return CORRECT.validate(made, {**values, "n": 10} if isinstance(n, int) and n > 10 else values)


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """Make a run in which just one rule fails."""
    made = run_on(Behaviour(validate=lax), settings("createImage/n/*"))
    return evolve(made, settings=evolve(made.settings, out=tmp_path_factory.mktemp("out")))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("code", [200, 400, 404, 500])
def test_every_report_fits_the_schema(code: int, tmp_path: Path) -> None:
    made = run_on(status(code), settings("createImage/*"))
    built = report.build(evolve(made, settings=evolve(made.settings, out=tmp_path)))
    path = record.write(built, tmp_path)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(path.read_text(encoding="utf-8")))  # pyright: ignore[reportUnknownMemberType]
    assert [each.name for each in tmp_path.glob("report.json*")] == ["report.json"]


def test_figures() -> None:
    built = report.build(correct())
    assert built["requests"] == len(correct().recording.exchanges)
    assert built["images_requested"] == sum(planned.images for planned in prepared_for(correct()).plan.least())
    assert built["images_received"] >= built["images_requested"]
    assert sum(sum(row.values()) for row in built["counts"].values()) == len(built["verdicts"])
    for level, row in built["counts"].items():
        for outcome, count in row.items():
            assert count == sum((v["level"], v["outcome"]) == (level, outcome) for v in built["verdicts"])


def test_a_report_says_how_its_run_was_made() -> None:
    chosen = settings("createImage/n/maximum", limits=Limits(seconds=9.5, concurrency=3, images=50))
    made = run_on(status(400, server=f"nginx {KEY}"), evolve(chosen, seed=7, level=Level.STRICT))
    started = evolve(made.recording.header, started=1709208000.75)
    built = report.build(evolve(made, recording=evolve(made.recording, header=started)))
    assert built["date"] == "2024-02-29T12:00:00Z"
    assert built["tool"] == {"name": "openai-images-conformance", "version": version("openai-images-conformance")}
    assert built["target"]["embedded"] is False
    assert built["server"] == "nginx REDACTED"
    info = cast("dict[str, str]", contract().document["info"])
    assert built["contract"] == {"sha256": contract().sha256, "title": info["title"], "version": info["version"]}
    assert built["seed"] == 7
    assert built["options"] == {
        "only": ["createImage/n/maximum"],
        "exclude": [],
        "level": "strict",
        "images": 50,
        "examples": 0,
        "concurrency": 3,
        "timeout": 9.5,
        "max_size": None,
        "deadline": None,
        "rate": None,
        "requests": None,
    }


def test_a_checkout_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distribution, "NAME", "no-such-distribution")
    assert report.build(correct())["tool"] == {"name": report.TOOL, "version": "unknown"}


def test_an_earlier_recording_does_not_say_how_it_was_made() -> None:
    made = run_on(status(400), settings("createImage/n/maximum"))
    header = evolve(made.recording.header, shape=None)
    built = report.build(evolve(made, recording=evolve(made.recording, header=header)))
    assert (built["seed"], built["options"]["examples"], built["server"]) == (None, None, None)
    jsonschema.Draft202012Validator(SCHEMA).validate(built)  # pyright: ignore[reportUnknownMemberType]


def test_a_conformant_server() -> None:
    built = report.build(correct())
    assert (built["outcome"], record.exit_code(built)) == ("pass", Exit.CONFORMANT)


def test_a_failure_can_be_reproduced(failing: Result) -> None:
    built = report.build(failing)
    (failed,) = [verdict for verdict in built["verdicts"] if verdict["outcome"] == "fail"]
    assert (failed["rule"], built["outcome"]) == ("createImage/n/maximum", "fail")
    assert record.exit_code(built) is Exit.NOT_CONFORMANT
    assert failed["curl"] is not None
    assert failed["curl"].startswith("curl ")
    assert set(failed["evidence"]) <= set(failing.recording.exchanges)
    assert KEY not in json.dumps(built)


def test_what_holds_has_no_command(failing: Result) -> None:
    assert all(v["curl"] is None for v in report.build(failing)["verdicts"] if v["outcome"] != "fail")


@pytest.mark.parametrize(
    ("known", "outcome", "stale"),
    [
        ([], "fail", []),
        (["createImage/n/maximum"], "pass", []),
        (["createImage/n/*"], "pass", []),
        # Strict both ways: what is listed and holds is against the run.
        (["createImage/n/maximum", "createImage/n/minimum"], "fail", ["createImage/n/minimum"]),
        (["createImage/n/minimum"], "fail", ["createImage/n/minimum"]),
        # What was not judged in this run says nothing.
        (["createImage/n/maximum", "createImageEdit/*"], "pass", []),
    ],
)
def test_known_failures(failing: Result, known: list[str], outcome: str, stale: list[str]) -> None:
    built = report.build(failing, tuple(Known(rule, "It is known.") for rule in known))
    assert (built["outcome"], built["stale_known"]) == (outcome, stale)


def test_a_known_failure_keeps_its_reason(failing: Result) -> None:
    built = report.build(failing, (Known("createImage/n/maximum", "One day."),))
    reasons = {verdict["rule"]: verdict["known"] for verdict in built["verdicts"]}
    assert reasons["createImage/n/maximum"] == "One day."
    assert {reason for rule, reason in reasons.items() if rule != "createImage/n/maximum"} == {None}


def with_outcomes(*outcomes: tuple[str, Outcome]) -> Report:
    """Build a report from verdicts of these levels and outcomes."""
    first = {level: next(r for r in rules() if r.level == level) for level in ("core", "strict", "advice")}
    shown = next(iter(correct().recording.exchanges))
    verdicts = tuple(Verdict(first[level], outcome, "", evidence=(shown,)) for level, outcome in outcomes)
    return report.build(evolve(correct(), verdicts=verdicts))


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([("core", Outcome.PASS)], 0),
        ([("core", Outcome.PASS), ("advice", Outcome.FAIL)], 0),
        ([("core", Outcome.PASS), ("core", Outcome.NOT_JUDGED), ("strict", Outcome.BLOCKED)], 0),
        ([("core", Outcome.PASS), ("core", Outcome.BLOCKED), ("strict", Outcome.UNSUPPORTED)], 2),
        ([("core", Outcome.FAIL), ("core", Outcome.BLOCKED)], 1),
        ([("core", Outcome.FAIL)], 1),
        ([("core", Outcome.PASS), ("strict", Outcome.FAIL)], 1),
        ([("core", Outcome.FAIL), ("core", Outcome.BROKEN)], 2),
        ([("core", Outcome.PASS), ("advice", Outcome.BROKEN)], 2),
        ([("core", Outcome.BLOCKED), ("strict", Outcome.UNSUPPORTED)], 2),
        ([], 2),
    ],
)
def test_exit_code(outcomes: list[tuple[str, Outcome]], code: int) -> None:
    assert record.exit_code(with_outcomes(*outcomes)) == code


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ("createImage/n/maximun", "did you mean createImage/n/maximum"),
        ("createImage/qualty/*", "did you mean createImage/quality/"),
        ("CREATEIMAGE", "`make rules` lists them."),
    ],
)
def test_a_known_failure_that_names_no_rule_is_refused(pattern: str, hint: str) -> None:
    fine = (Known("createImage/n/maximum", "a"), Known("createImageEdit/*", "b"))
    known_failures.check(fine, rules())
    with pytest.raises(UsageError) as caught:
        known_failures.check((*fine, Known(pattern, "c")), rules())
    assert f"no rule matches the known failure '{pattern}'; {hint}" in str(caught.value)
    assert str(caught.value).count(" or ") < 3


KNOWN = '[[known]]\nrule = "a/*"\nreason = "b"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [(KNOWN, (Known("a/*", "b"),)), (KNOWN * 2, (Known("a/*", "b"),) * 2), ("known = []", ())],
)
def test_known_file(text: str, expected: tuple[Known, ...], tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text(text, encoding="utf-8")
    assert known_failures.read(path) == expected
    assert known_failures.read(None) == ()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[[other]]\n",
        b"known = 5",
        b"known = 'text'",
        b"known = ['text']",
        b"[known]\nrule = 'a'",
        b"[[known]]\nrule = 'a'",
        b"[[known]]\nrule = 'a'\nreason = ''",
        b"[[known]]\nrule = ' '\nreason = 'b'",
        b"[[known]]\nrule = 5\nreason = 'b'",
        b"[[known]",
        b"\xff\xfe",
    ],
)
def test_a_bad_known_file_is_refused_in_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"^[^\n]*known\.toml[^\n]*$"):
        known_failures.read(path)


def test_who_took_the_last_failure_off_is_told_what_to_write(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text("# None.\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"known\.toml must hold .*, or `known = \[\]` if"):
        known_failures.read(path)
    path.write_text("known = []\n", encoding="utf-8")
    assert known_failures.read(path) == ()


@pytest.mark.parametrize("name", ["no-such.toml", "."])
def test_a_known_file_that_can_not_be_read_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read"):
        known_failures.read(tmp_path / name)


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="can't be written"):
        record.write(report.build(correct()), tmp_path / "file")


def test_a_hostile_answer_fits_into_the_report(tmp_path: Path) -> None:
    body = b'{"error": {"message": "\\ud83e \\u0000 \x1b[31m", "type": [], "param": {}, "code": 1e999}}'
    made = run_on(always(lambda _: httpx.Response(400, content=body)), settings("createImage/*"))
    path = record.write(report.build(evolve(made, settings=evolve(made.settings, out=tmp_path))), tmp_path)
    loaded = cast("Report", json.loads(path.read_bytes()))
    assert "broken" not in {verdict["outcome"] for verdict in loaded["verdicts"]}
    assert path.read_text(encoding="ascii").replace("\n", "").isprintable()
