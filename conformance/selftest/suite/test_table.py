"""The table of a result is readable on any terminal, for any contract."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from conformance.selftest.suite.runs import contract, correct
from conformance.selftest.suite.screen import same
from conformance.suite.contract import document
from conformance.suite.contract.document import Contract
from conformance.suite.report import report
from conformance.suite.report.names import short_names
from conformance.suite.report.record import Report
from conformance.suite.report.table import table
from conformance.suite.verdicts.verdict import Outcome

ACID = Path(__file__).parents[1] / "acid" / "openapi.yaml"
NAMES = ("generations", "edits", "variations")
LEVELS = ("core", "strict", "advice")


def names(given: Contract) -> dict[str, str]:
    return short_names({id_: [operation.pointer] for id_, operation in given.operations.items()})


def every_outcome() -> Report:
    """Return a report in which every operation has each outcome, and large numbers of some."""
    built = report.build(correct())
    for index, verdict in enumerate(built["verdicts"]):
        verdict["outcome"] = list(Outcome)[index % len(Outcome)]
    built["causes"] = []
    return built


def lines_of(built: Report, width: int) -> list[str]:
    """Return the lines of the table that are not empty."""
    file = io.StringIO()
    console = Console(file=file, width=width)
    console.print(table(console, built))
    return [line.rstrip() for line in file.getvalue().splitlines() if line.strip()]


def test_operations_are_called_by_the_last_word_of_their_path() -> None:
    assert names(contract()) == dict(zip(contract().operations, NAMES, strict=True))
    assert names(document.load(ACID)) == {"sowBed": "sowings", "listPlots": "plots"}


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ({"a": ["/paths/~1b~1{id}/get/responses"]}, {"a": "b"}),
        ({"a": ["/components/schemas/A", "/paths/~1b/get"]}, {"a": "b"}),
        ({"a": ["/paths/~1x~1b/get"], "c": ["/paths/~1x~1b/post"]}, {"a": "get b", "c": "post b"}),
        ({"a": ["/paths/~1b/post"], "a+json": ["/paths/~1b/post/requestBody"]}, {"a": "b", "a+json": "b+json"}),
        ({"a": ["/paths/~1b~0c/parameters/0", "/paths/~1b~0c/get/parameters/1"]}, {"a": "b~c"}),
        ({"a": ["/paths/~1x~1b/get"], "c": ["/paths/~1y~1b/get"]}, {"a": "a", "c": "c"}),
        ({"a": ["/paths/~1b/get"], "c": ["/components/schemas/C"]}, {"a": "a", "c": "c"}),
        ({"a": ["/paths/~1/get"]}, {"a": "a"}),
        ({"a": ["/paths/~1{id}/get"]}, {"a": "a"}),
    ],
)
def test_no_two_operations_are_called_alike(places: dict[str, list[str]], expected: dict[str, str]) -> None:
    assert short_names(places) == expected


@pytest.mark.parametrize(
    ("width", "headings"),
    [
        (200, ["operation", "level", "pass", "fail", "blocked", "not judged", "unsupported", "broken"]),
        (80, ["operation", "level", "pass", "fail", "blocked", "not judged", "unsupported", "broken"]),
        (60, ["operation", "level", "pass", "fail", "blocked", "judged", "ported", "broken"]),
    ],
)
def test_nothing_of_the_table_is_cut_off(width: int, headings: list[str]) -> None:
    lines = lines_of(every_outcome(), width)
    assert all(len(line) <= width for line in lines)
    assert "…" not in "".join(lines)
    rule = next(index for index, line in enumerate(lines) if "─" in line)
    assert " ".join(lines[rule - 1].split()) == " ".join(headings)
    assert [line.split() for line in lines[: rule - 1]] == ([] if width > 60 else [["not", "unsup-"]])
    rows = [line.split() for line in lines[rule + 1 :]]
    assert [row[0] for row in rows[::3]] == list(NAMES)
    assert [next(word for word in row if word in LEVELS) for row in rows] == [*LEVELS] * 3
    assert sum(int(word) for row in rows for word in row if word.isdigit()) == len(every_outcome()["verdicts"])


def test_where_there_is_no_room_the_rows_are_sentences() -> None:
    built = every_outcome()
    lines = lines_of(built, 40)
    assert all(len(line) <= 40 for line in lines)
    mine = [v["outcome"] for v in built["verdicts"] if (v["operation"], v["level"]) == ("createImage", "core")]
    listed = ", ".join(f"{mine.count(outcome)} {outcome}" for outcome in Outcome)
    assert " ".join(lines).startswith(f"generations core: {listed} generations strict: ")


def test_columns_of_nothing_but_zeros_are_left_out() -> None:
    (head, _, *_) = lines_of(report.build(correct()), 60)
    assert head.split() == ["operation", "level", "pass", "not", "judged", "unsupported"]
    (head, _, *_) = lines_of(same(), 80)
    assert "fail" in head
    assert "broken" not in head
