"""What a person sees, whatever a server sent."""

from pathlib import Path

import httpx
import pytest
from attrs import evolve

from conformance.selftest.suite.runs import always, correct, page, run_on, settings
from conformance.selftest.suite.screen import printed, same
from conformance.suite.report import report
from conformance.suite.report.known import Known
from conformance.suite.report.record import Report

HOSTILE = "\x1b[31mred\x1b]0;title\x07\x08\x9b2J\u202e\u2066[bold]bold[/bold]\\ \N{OTTER}\u0085"


def hostile(tmp_path: Path) -> Report:
    body = httpx.Response(400, json={"error": {"message": HOSTILE, "type": HOSTILE, "param": 5, "code": HOSTILE}})
    made = run_on(always(lambda _: httpx.Response(400, content=body.content)), settings("createImage/*"))
    return report.build(evolve(made, settings=evolve(made.settings, out=tmp_path)))


def test_a_hostile_answer_can_not_move_the_cursor(tmp_path: Path) -> None:
    built = hostile(tmp_path)
    built["causes"][0]["title"] = built["causes"][0]["hint"] = HOSTILE
    for verbose in (False, True):
        text = printed(built, verbose=verbose)
        assert "createImage/accepted" in text
        assert text.count("\\x1b[31mred") >= 2
        assert text.replace("\n", "").isprintable()


def test_what_a_server_sends_is_no_markup(tmp_path: Path) -> None:
    built = hostile(tmp_path)
    built["verdicts"][0]["message"] = "[bold]a[/bold][/nonsense]"
    assert "[bold]a[/bold][/nonsense]" in printed(built)


def test_a_conformant_server() -> None:
    text = printed(report.build(correct()))
    # The random stage was switched off, so not all is judged.
    assert "\nCONFORMANT as far as judged, 258 of 264 rules judged: 0 core or strict rules" in text
    assert "FAIL" not in text.replace("CONFORMANT", "")
    assert "report.json" in text


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
    built = same()
    for verdict in built["verdicts"]:
        verdict["curl"] = curl if verdict["outcome"] == "fail" else None
    for verbose in (False, True):
        text = printed(built, Path("some/where"), verbose=verbose)
        assert text.count("Run commands that name uploads/ in the report's folder, some/where.") == told
    assert page(built).count("in the folder of this page") == told


def test_a_pipe_gets_each_sentence_on_one_line_and_a_terminal_words_that_are_whole() -> None:
    built = report.build(correct())
    closing = next(line for line in printed(built, width=200).splitlines() if line.startswith("CONFORMANT"))
    assert closing in printed(built, width=40).splitlines()
    lines = printed(built, width=40, is_terminal=True).splitlines()
    first = next(index for index, line in enumerate(lines) if line.startswith("CONFORMANT"))
    assert " ".join(line.strip() for line in lines[first:]).startswith(closing)
    assert all(len(line.rstrip()) <= 40 for line in lines)
