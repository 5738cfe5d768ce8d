"""report.html and badge.svg: well-formed, nothing from elsewhere, and whatever a server sent is text."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree as ET

import pytest

from conformance.selftest.suite.runs import operation, rules
from conformance.suite.report import pages
from conformance.suite.report.report import Report, VerdictEntry
from conformance.suite.rules.rule import Level
from conformance.suite.verdicts.verdict import Outcome

HOSTILE = "<script>alert(1)</script>&amp;'\"><img src=x onerror=y>]]>\x00\x07\x1b[31m\u202e\ud83e{{ 7 * 7 }}\N{OTTER}"
VOID = ("meta",)


def verdict(outcome: str, level: str = "core", **changed: object) -> VerdictEntry:
    """Make a verdict with hostile words wherever a server can put some."""
    made: dict[str, object] = {
        "rule": rules()[0].id,
        "level": level,
        "operation": operation().id,
        "outcome": outcome,
        "message": HOSTILE,
        "expected": HOSTILE,
        "actual": HOSTILE,
        "source": {"pointer": "/", "line": 7, "text": "It must be <b>one</b>."},
        "samples": 1,
        "evidence": [],
        "cases": [{"what": HOSTILE, "actual": HOSTILE, "exchange": "a"}] * 2,
        "cases_left_out": 0,
        "curl": f"curl '{HOSTILE}'" if outcome == "fail" else None,
        "known": None,
    }
    return cast("VerdictEntry", {**made, **changed})


def report(*verdicts: VerdictEntry, outcome: str = "fail", **changed: object) -> Report:
    counts: dict[str, dict[str, int]] = {level: dict.fromkeys(Outcome, 0) for level in Level}
    made: Mapping[str, object] = {
        "schema_version": 1,
        "outcome": outcome,
        "complete": True,
        "judged": {"rules": 3, "of": 3, "core": 2, "of_core": 2},
        "date": "2024-02-29T12:00:00Z",
        "tool": {"name": "tool", "version": "1.2.3"},
        "target": {"url": "http://h/<i>?", "model": "<own>", "models": {}, "embedded": False},
        "server": f"nginx {HOSTILE}",
        "contract": {"sha256": "0" * 64, "title": "<title>", "version": "2"},
        "seed": 42,
        "options": {
            "only": ["<a>/*", "b"],
            "level": "strict",
            "images": None,
            "examples": 8,
            "concurrency": 2,
            "timeout": 180.0,
        },
        "counts": counts,
        "requests": 12,
        "images_requested": 34,
        "images_received": 56,
        "seconds": 7.89,
        "latency": {"count": 3, "median": 1.5, "p95": 2.0},
        "late": None,
        "stale_known": ["<stale>"],
        "verdicts": list(verdicts),
    }
    return cast("Report", {**made, **changed})


class Page(HTMLParser):
    """Reads a page, strict about what is opened and closed, and keeps its elements and its text."""

    def __init__(self) -> None:
        """Begin with an empty page."""
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.open += [] if tag in VOID or tag == "br" else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data if "style" not in self.open else ""


def parsed(built: Report) -> Page:
    page = Page()
    page.feed(pages.html(built))
    page.close()
    return page


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_page_is_well_formed_and_what_a_server_sent_is_text(outcome: Outcome) -> None:
    page = parsed(report(verdict(outcome)))
    assert page.open == []
    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "img", "b", "i", "stale", "own", "one"})
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert "<script>alert(1)</script>&amp;'\"><img src=x onerror=y>]]>\\x00\\x07\\x1b[31m\\u202e" in page.text
    assert "{{ 7 * 7 }}" in page.text
    assert page.text.replace("\n", "").isprintable()


@pytest.mark.parametrize("make", [pages.html, pages.badge])
def test_nothing_is_loaded_from_elsewhere(make: Any) -> None:  # noqa: ANN401 - either view
    text: str = make(report(verdict("fail"), verdict("pass")))
    for _, attributes in parsed(report(verdict("fail"))).elements:
        assert {"src", "href", "srcset", "action", "data", "onload", "onerror", "style"}.isdisjoint(attributes)
    markup = "".join(re.findall(r"<[^>]*>|<style>.*?</style>", text, re.DOTALL))
    assert set(re.findall(r"https?://[^\s\"'<>]*", markup)) <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"url\(|@import|<(script|link|image|use|a|iframe)\b", markup)


def test_the_page_allows_no_script() -> None:
    policies = [a["content"] for _, a in parsed(report()).elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_the_page_shows_the_counts() -> None:
    made = [verdict("pass")] * 3 + [verdict("fail")] * 2 + [verdict("blocked", "strict")]
    page = parsed(report(*made))
    cells = "\n".join(re.findall(r"<td class=\"number[^>]*>(\d+)<", pages.html(report(*made)))).split()
    assert cells == ["3", "2", "0", "0", "0", "0", "0", "0", "1", "0", "0", "0"]
    assert "12 requests, asked for 34 images, got 56, 7.9 s" in page.text
    assert "The known failure <stale> no longer fails; take it off the list." in page.text
    assert ("http://h/<i>?" in page.text, "<own>" in page.text) == (True, True)


def test_the_page_says_how_the_run_was_made() -> None:
    text = " ".join(parsed(report()).text.split())
    assert "2024-02-29T12:00:00Z, tool 1.2.3, server nginx <script>" in text
    assert "seed 42, only <a>/*,b, level strict, examples 8, concurrency 2, timeout 180.0 12 requests" in text
    assert "; contract <title> 2, 000000000000" in text
    assert "EMBEDDED" not in text
    unsaid = dict.fromkeys(("images", "examples", "concurrency", "timeout"))
    bare = report(server=None, seed=None, options={"only": [], "level": "core", **unsaid})
    text = " ".join(parsed(bare).text.split())
    assert "tool 1.2.3 level core 12 requests" in text


def test_the_embedded_server_is_told_as_such() -> None:
    target: dict[str, object] = {"url": "http://h", "model": None, "models": {}, "embedded": True}
    assert "EMBEDDED REFERENCE SERVER http://h" in parsed(report(target=target)).text
    assert ">embedded: 1 of 1 rule<" in pages.badge(report(verdict("pass"), target=target))


def test_what_counts_stands_before_what_does_not() -> None:
    made = [
        verdict("fail", "advice", rule="c"),
        verdict("fail", "core", rule="d", known="<One day>."),
        verdict("fail", "strict", rule="b"),
        verdict("fail", "core", rule="a"),
    ]
    page = parsed(report(*made))
    sections = [attributes for tag, attributes in page.elements if tag == "section"]
    assert [section["id"] for section in sections] == ["a", "b", "d", "c"]
    assert [section.get("class") for section in sections] == [None, None, "known", "known"]
    assert "known: <One day>." in page.text


@pytest.mark.parametrize(
    ("verdicts", "outcome", "value"),
    [
        ([verdict("pass")] * 2 + [verdict("fail", "strict")], "fail", "2 of 3 rules"),
        ([verdict("pass"), verdict("blocked"), verdict("pass", "advice")], "pass", "1 of 1 rule"),
        ([verdict("blocked")], "error", "not judged"),
        ([], "error", "not judged"),
    ],
)
def test_the_badge_is_xml_and_shows_the_counts(verdicts: list[VerdictEntry], outcome: str, value: str) -> None:
    root = ET.fromstring(pages.badge(report(*verdicts, outcome=outcome)))  # noqa: S314 - what the suite made
    space = "{http://www.w3.org/2000/svg}"
    assert root.tag == f"{space}svg"
    assert [each.text for each in root.iter(f"{space}text")] == ["OpenAI images", value]
    assert root.attrib["aria-label"] == f"OpenAI images: {value}"
    widths = [int(each.attrib["width"]) for each in root.iter(f"{space}rect")]
    assert sum(widths) == int(root.attrib["width"])


def test_both_are_written_as_utf_8(tmp_path: Path) -> None:
    pages.write(report(verdict("fail")), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "badge.svg"}
    assert "\N{OTTER}" in (tmp_path / "report.html").read_text(encoding="utf-8")
