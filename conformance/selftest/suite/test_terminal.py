"""What a person sees, whatever a server sent."""

import io
import re
import time
from pathlib import Path

import httpx
import pytest
from attrs import evolve
from rich.console import Console

from conformance import CONTRACT
from conformance.selftest.suite.runs import always, correct, page, run_on, settings
from conformance.suite.report import report, terminal
from conformance.suite.report.known import Known
from conformance.suite.report.report import Report
from conformance.suite.verdicts.verdict import Outcome

HOSTILE = "\x1b[31mred\x1b]0;title\x07\x08\x9b2J\u202e\u2066[bold]bold[/bold]\\ \N{OTTER}\u0085"


def printed(built: Report, out: Path = Path("report"), width: int = 200) -> str:
    """Print a summary as on a terminal of this many columns."""
    file = io.StringIO()
    console = Console(file=file, highlight=False, markup=False, width=width, force_terminal=False)
    terminal.summary(console, built, CONTRACT, out)
    return file.getvalue()


def hostile(tmp_path: Path) -> Report:
    body = httpx.Response(400, json={"error": {"message": HOSTILE, "type": HOSTILE, "param": 5, "code": HOSTILE}})
    made = run_on(always(lambda _: httpx.Response(400, content=body.content)), settings("createImage/*"))
    return report.build(evolve(made, settings=evolve(made.settings, out=tmp_path)))


def test_a_hostile_answer_can_not_move_the_cursor(tmp_path: Path) -> None:
    text = printed(hostile(tmp_path))
    assert "FAIL createImage/accepted" in text
    assert text.replace("\n", "").isprintable()


def test_what_a_server_sends_is_no_markup(tmp_path: Path) -> None:
    built = hostile(tmp_path)
    built["verdicts"][0]["message"] = "[bold]a[/bold][/nonsense]"
    assert "[bold]a[/bold][/nonsense]" in printed(built)


def test_a_known_failure_is_told_as_such(tmp_path: Path) -> None:
    built = hostile(tmp_path)
    known = {**built, "verdicts": [{**verdict, "known": "One day."} for verdict in built["verdicts"]]}
    assert "known: One day." in printed(known)  # pyright: ignore[reportArgumentType] - the same keys


def test_a_conformant_server() -> None:
    text = printed(report.build(correct()))
    # The random stage was switched off, so not all is judged.
    assert "\nCONFORMANT as far as judged, 258 of 264 rules judged: 0 core or strict rules" in text
    assert "FAIL" not in text.replace("CONFORMANT", "")
    assert "report.json" in text


def test_the_table_fits_into_80_columns() -> None:
    built = report.build(correct())
    text = printed(built, width=80)
    assert "…" not in text
    for words in (*{verdict["operation"] for verdict in built["verdicts"]}, *Outcome):
        assert f" {words} " in text


@pytest.mark.parametrize(
    ("fails", "requests", "images", "words"),
    [
        (0, 0, 0, "0 core or strict rules fail; 0 requests, asked for 0 images, got 7, "),
        (1, 1, 1, "1 core or strict rule fails; 1 request, asked for 1 image, got 7, "),
        (2, 2, 2, "2 core or strict rules fail; 2 requests, asked for 2 images, got 7, "),
    ],
)
def test_the_closing_line_counts_in_words(fails: int, requests: int, images: int, words: str) -> None:
    built = report.build(correct())
    core = [verdict for verdict in built["verdicts"] if verdict["level"] == "core"]
    for verdict in core[:fails]:
        verdict["outcome"] = "fail"
    built.update(requests=requests, images_requested=images, images_received=7)
    assert f": {words}" in printed(built)


def test_the_embedded_server_is_told_as_such() -> None:
    built = report.build(correct())
    assert "EMBEDDED" not in printed(built)
    built["target"]["embedded"] = built["complete"] = True
    text = printed(built)
    assert f"EMBEDDED REFERENCE SERVER {built['target']['url']}" in text
    assert "\nCONFORMANT (EMBEDDED REFERENCE SERVER): 0 core or strict rules fail" in text


def test_a_stale_entry_is_named() -> None:
    built = report.build(correct(), (Known("createImage/quality/*", "Once."),))
    listed = "the known failure createImage/quality/* no longer fails; take it off the list."
    assert f"\nNOT CONFORMANT: {listed} {built['requests']} requests, " in printed(built)
    built["stale_known"].append("createImage/n/\x1b*")
    listed = "the known failures createImage/quality/* and createImage/n/\\x1b* no longer fail; take them off the list."
    assert f"\nNOT CONFORMANT: {listed} " in printed(built)
    next(verdict for verdict in built["verdicts"] if verdict["level"] == "core")["outcome"] = "fail"
    assert f"\nNOT CONFORMANT: 1 core or strict rule fails, and {listed} " in printed(built)


@pytest.mark.parametrize(("curl", "told"), [("curl -F 'image=@uploads/a.png'", 1), ("curl -X POST", 0)])
def test_where_commands_that_name_files_are_run_is_told_once(curl: str, told: int) -> None:
    built = report.build(correct())
    for verdict in built["verdicts"][:2]:
        verdict.update(outcome="fail", curl=curl)
    text = printed(built, Path("some/where"))
    assert text.count("Run commands that name uploads/ in the report's folder, some/where.") == told
    assert page(built).count("in the folder of this page") == told


def test_the_bar_grows_with_the_run() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True)
    with terminal.bar(console, 1, lambda _: 2) as bar:
        for exchange in list(correct().recording.exchanges.values())[:3]:
            bar(exchange)
        assert bar.words().startswith("3 of 3 requests, 6 images so far, ")


def test_a_pipe_gets_a_line_now_and_then_also_while_nothing_comes() -> None:
    file = io.StringIO()
    first = next(iter(correct().recording.exchanges.values()))
    with terminal.bar(Console(file=file, width=40), 4, lambda _: 1, seconds=0.01) as bar:
        bar(first)
        bar(first)
        while file.getvalue().count("\n") < 3:
            time.sleep(0.01)
    lines = file.getvalue().splitlines()
    assert re.fullmatch(r"2 of 4 requests, 2 images so far, \d+ s, about \d+ s left", lines[-1])
    time.sleep(0.05)
    assert file.getvalue().splitlines() == lines
