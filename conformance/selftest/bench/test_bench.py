"""What was measured becomes rows, the rows a document, and README quotes them as they stand there."""

import re
import sys
from pathlib import Path

import pytest

from scripts.bench import __main__ as command
from scripts.bench import page
from scripts.bench.page import Section
from scripts.bench.processes import BenchError, SkippedError, cost
from scripts.bench.table import Goal, Row


def test_a_row_tells_the_median_and_the_spread_of_the_ratios_of_each_round() -> None:
    row = Row("client-sync", "calls", "`openai`", "calls/s", [(200.4, 100), (90, 60), (1800, 600)])
    assert row.markdown() == (
        '| <a id="client-sync"></a>calls | `openai` | 2.00x (1.50 to 3.00) '
        "| 200 calls/s (90.0 to 1800) | 100 calls/s (60.0 to 600) |  |"
    )


@pytest.mark.parametrize(
    ("goal", "told"),
    [
        (Goal(most=2), "at most 2x"),
        (Goal(most=1.15), "at most 1.15x, missed"),
        (Goal(least=1.5), "at least 1.5x"),
        (Goal(least=3), "at least 3x, missed"),
    ],
)
def test_a_row_tells_its_goal_and_that_it_is_missed(goal: Goal, told: str) -> None:
    assert Row("one", "one", "two", "", [(3, 2)], goal).markdown().endswith(f"| 3 | 2 | {told} |")


def test_what_the_other_one_never_did_leaves_no_ratio() -> None:
    assert "| infx |" in Row("one", "one", "two", "", [(3, 0)]).markdown()


def test_writing_a_section_keeps_the_others() -> None:
    one, two = (Section([Row(name, "it", "other", "s", [(1, 2)])], {"httpx": "0.28.1"}) for name in ("one", "two"))
    document = "".join(f"<!-- {name}, written by make bench -->\n<!-- end of {name} -->\n" for name in ("a", "b"))
    written = page.replaced(page.replaced(document, "a", page.text("a", one)), "b", page.text("b", two))
    assert page.ratios(written) == {"one": "0.50x", "two": "0.50x"}
    again = page.replaced(written, "a", page.text("a", one))
    assert again == written
    assert "`make bench OPTS='--only a'`" in " ".join(written.split())
    assert ", rounds: 1;" in " ".join(written.split())


def test_a_document_without_marks_is_not_written() -> None:
    with pytest.raises(ValueError, match="no marks of 'client'"):
        page.replaced("", "client", "text")


def test_the_document_has_a_place_for_each_section() -> None:
    document = page.DOCUMENT.read_text(encoding="utf-8")
    assert [name for name in command.SECTIONS if page.replaced(document, name, "") == document] == []


def test_each_ratio_that_readme_quotes_stands_in_the_document() -> None:
    measured = page.ratios(page.DOCUMENT.read_text(encoding="utf-8"))
    readme = page.README.read_text(encoding="utf-8")
    quoted = page.quoted(readme)
    assert [ratio for ratio, _ in quoted] == re.findall(r"(?<![\w.])\d+(?:\.\d+)?x(?!\w)", readme)
    assert [(ratio, anchor) for ratio, anchor in quoted if measured.get(anchor) != ratio] == []


def test_a_quoted_ratio_is_found_by_the_link_to_its_row_and_follows_it() -> None:
    readme = "imports in [0.21x](docs/performance.md#client-import) of the time, [4x](docs/performance.md#gone)"
    assert page.quoted(readme) == [("0.21x", "client-import"), ("4x", "gone")]
    document = Row("client-import", "import", "`openai`", "ms", [(1, 4)]).markdown()
    assert page.requoted(readme, document) == readme.replace("0.21x", "0.25x")


def test_what_is_skipped_or_fails_leaves_the_document_and_the_other_sections(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def skipped(rounds: int, *, quick: bool) -> Section:
        raise SkippedError(f"no npm for {rounds} rounds, {quick}.")

    def failed(rounds: int, *, quick: bool) -> Section:
        raise BenchError(f"{rounds} rounds came to nothing, {quick}")

    def made(rounds: int, *, quick: bool) -> Section:
        return Section([Row("c", "it", "other", "s", [(1, 2)] * rounds)], {"quick": str(quick)})

    before = "".join(f"<!-- {name}, written by make bench -->\n{name}\n<!-- end of {name} -->\n" for name in "abc")
    for name, text in {"DOCUMENT": before, "README": "[9.99x](docs/performance.md#c)"}.items():
        (tmp_path / name).write_text(text)
        monkeypatch.setattr(page, name, tmp_path / name)
    monkeypatch.setattr(command, "SECTIONS", {"a": skipped, "b": failed, "c": made})
    assert command.main(["--rounds", "3"]) == 1
    after = page.DOCUMENT.read_text()
    assert after.partition("<!-- c,")[0] == before.partition("<!-- c,")[0]
    assert page.ratios(after) == {"c": "0.50x"}
    assert page.quoted(page.README.read_text()) == [("0.50x", "c")]
    assert "no npm for 3 rounds, False.\n" in capsys.readouterr().err
    assert command.main(["--only", "a"]) == 0


def test_a_command_that_fails_or_does_not_start_says_so() -> None:
    with pytest.raises(BenchError, match="ended with 3: no such thing"):
        cost([sys.executable, "-S", "-c", "import sys; print('no such thing'); sys.exit(3)"], 60)
    with pytest.raises(BenchError, match="could not be run"):
        cost(["/no/such/program"], 60)
