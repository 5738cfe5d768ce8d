"""What a person sees, whatever a server sent."""

import io
from pathlib import Path

import httpx
import pytest
from attrs import evolve
from rich.console import Console

from conformance import CONTRACT
from conformance.selftest.suite.runs import always, correct, run_on, settings
from conformance.suite.report import report, terminal
from conformance.suite.report.report import Known, Report

HOSTILE = "\x1b[31mred\x1b]0;title\x07\x08\x9b2J\u202e\u2066[bold]bold[/bold]\\ \N{OTTER}\u0085"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain \N{OTTER} [bold]", "plain \N{OTTER} [bold]"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x00\x07\x9b\x7f", "\\x00\\x07\\x9b\\x7f"),
        ("\u202e\u200b", "\\u202e\\u200b"),
        ("\ud83e", "\\ud83e"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert terminal.visible(text) == shown


def printed(built: Report, out: Path = Path("report")) -> str:
    """Print a summary as on a terminal that shows colours."""
    file = io.StringIO()
    console = Console(file=file, highlight=False, markup=False, width=200, force_terminal=False)
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
    assert "\nCONFORMANT as far as judged, 240 of 246 rules judged: 0 core or strict rules" in text
    assert "FAIL" not in text.replace("CONFORMANT", "")
    assert "report.json" in text


def test_a_stale_entry_is_named() -> None:
    text = printed(report.build(correct(), (Known("createImage/n/maximum", "Once."),)))
    assert "createImage/n/maximum is listed as a known failure but does not fail" in text
    assert "NOT CONFORMANT" in text


def test_the_bar_grows_with_the_run() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True)
    with terminal.bar(console, 1) as bar:
        for exchange in list(correct().recording.exchanges.values())[:3]:
            bar(exchange)
