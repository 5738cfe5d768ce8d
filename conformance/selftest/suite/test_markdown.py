"""The summary that GitHub shows of a job: what matters, in little space, and nothing that was sent is markup."""

import os
from html.parser import HTMLParser
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from conformance.selftest.suite.runs import correct
from conformance.selftest.suite.test_pages import HOSTILE, report, verdict
from conformance.suite import command
from conformance.suite.exchange.words import visible
from conformance.suite.report import markdown
from conformance.suite.report import report as reports
from conformance.suite.report.record import Report, VerdictEntry

BREAKS = "``` ~~~ ` | || </td> **b** _i_ [l](http://h) ![i](http://h) <http://h> @octocat #1 www.h.org $x$ # - 1. \\"
ALLOWED = {"h2", "h3", "p", "ol", "li", "ul", "strong", "code", "pre", "table", "thead", "tbody", "tr", "th", "td"}


class Rendered(HTMLParser):
    """Reads what the Markdown is shown as: the elements, their attributes and the text."""

    def __init__(self, text: str) -> None:
        """Render the text as GitHub does, raw HTML included."""
        super().__init__()
        self.tags: list[str] = []
        self.names: set[str] = set()
        self.text = ""
        self.feed(MarkdownIt("commonmark").enable("table").enable("strikethrough").render(text))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data.replace("\u200b", "")


def failing(words: str, number: int = 1, stale: list[str] | None = None) -> Report:
    """Make a report of a number of causes with these words wherever a server can put some."""
    failed = [
        verdict("fail", rule=f"make/rule{i}", title="n", message=words, curl=f"curl '{words}'") for i in range(number)
    ]
    unknown = [verdict("blocked", rule=f"make/other{i}", title="n", message=f"{i}{words}") for i in range(number)]
    causes = [
        {
            "title": words,
            "kind": "other",
            "hint": words,
            "level": "core",
            "rules": [one["rule"]],
            "reproducer": one["rule"],
        }
        for one in failed
    ]
    return report(*failed, *unknown, causes=causes, excluded=[], stale_known=stale or [])


@pytest.mark.parametrize("words", [HOSTILE, BREAKS, f"{HOSTILE}{BREAKS}\n\n# {BREAKS}\n```\n<b>", "`" * 70])
def test_nothing_that_a_server_sent_is_markup(words: str) -> None:
    page = Rendered(markdown.summary(failing(words, stale=[words])))
    assert {*page.tags} <= ALLOWED
    assert page.names <= {"class", "style"}
    assert (page.tags.count("h2"), page.tags.count("h3"), page.tags.count("strong")) == (1, 2, 1)
    assert page.tags.count("td") == 5
    assert page.text.count(visible(words)) >= 4
    assert page.text.replace("\n", "").isprintable()


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.text(st.sampled_from("`|<>*_[]()!#@\\~&$:/.www \n\t\x1b1-+=") | st.characters(), max_size=60))
def test_any_text_is_shown_as_it_is(text: str) -> None:
    shown = " ".join(visible(text).split())
    for made in (f"a {markdown.plain(text)} b", f"a {markdown.code(text)} b"):
        page = Rendered(made)
        assert {*page.tags} <= {"p", "code"}
        assert " ".join(page.text.split()) == " ".join(f"a {shown} b".split())
    cells = Rendered(f"| a | b |\n| --- | --- |\n| {markdown.plain(text)} | c |")
    assert cells.tags.count("td") == 2
    block = Rendered("\n".join(["1. a", "", *markdown.fenced(text, "   "), "", "b"]))
    assert block.tags == ["ol", "li", "p", "pre", "code", "p"]
    assert visible(text).strip() in block.text


def test_nobody_is_mentioned_and_nothing_is_linked() -> None:
    text = markdown.plain("@octocat org/repo#12 https://h.org www.h.org a@b.org")
    assert not [sign for sign in ("@octocat", "#12", "://", "www.h", "@b") if sign in text]


def test_it_says_what_a_person_wants_to_know_first() -> None:
    text = markdown.summary(failing("It fails."))
    assert text.startswith("\n## OpenAI Images: not conformant\n")
    assert "3 of 3 rules judged, 12 requests, 56 images, 7.9 s" in text
    assert "| createImage | core | 1 | 1 | 1 |" in text
    assert "1. **It fails.**, core\n" in text
    assert "Usual remedy: It fails." in text
    assert "   ```sh\n   curl 'It fails.'\n   ```" in text
    assert "- blocked: `make/other0`: 0It fails." in text


def test_a_correct_server_has_nothing_but_its_table() -> None:
    text = markdown.summary(reports.build(correct()))
    assert "### What fails" not in text
    assert "| createImageEdit | strict |" in text
    assert text.startswith("\n## OpenAI Images: conformant as far as judged\n")


def test_what_is_known_is_told_as_such() -> None:
    made = failing("It fails.")
    known = [cast("VerdictEntry", {**one, "known": "One day."}) for one in made["verdicts"]]
    assert "**It fails.**, core, known\n" in markdown.summary({**made, "verdicts": known})


def test_it_stays_short_however_much_there_is() -> None:
    text = markdown.summary(failing("\N{OTTER}`" * 5_000, 3_000, stale=["x" * 10_000] * 3_000))
    assert len(text.encode()) < markdown.MOST_BYTES / 4
    assert "the gravest 10 of 3000 causes" in text
    assert "- and 2980 other reasons" in text


def test_it_is_added_to_what_stands_there(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_text("# Mine", encoding="utf-8")
    assert markdown.append(failing("No."), path) == ""
    assert path.read_text(encoding="utf-8").startswith("# Mine\n## OpenAI Images")


def test_what_would_be_too_much_for_github_is_not_added(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_bytes(b"x" * markdown.MOST_BYTES)
    assert "larger than GitHub takes" in markdown.append(failing("No."), path)
    assert path.stat().st_size == markdown.MOST_BYTES


def test_a_run_adds_its_summary_and_one_that_can_not_keeps_its_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    arguments = ["--only", "createImage/n/maximum", "--examples", "0"]
    assert command.main(arguments) == 0
    assert path.read_text(encoding="utf-8").count("## OpenAI Images: conformant as far as judged") == 1
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    capsys.readouterr()
    assert command.main(["--judge", "report/recording.ndjson", *arguments]) == 0
    failure = f"images-conformance: the summary can't be added to {tmp_path}: {os.strerror(21)}."
    assert capsys.readouterr().err.splitlines()[1:] == [failure]
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "")
    assert command.main(["--judge", "report/recording.ndjson", *arguments]) == 0
    assert len(capsys.readouterr().err.splitlines()) == 1
