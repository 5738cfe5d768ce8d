"""report.html and badge.svg: well-formed, nothing from elsewhere, and whatever a server sent is text."""

import base64
import hashlib
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree as ET

import pytest

from conformance.selftest.suite.runs import URL, operation, prepared, rules
from conformance.selftest.suite.runs import page as html
from conformance.suite.exchange.recording import Header, Recording
from conformance.suite.report import pages
from conformance.suite.report.record import Report, VerdictEntry
from conformance.suite.rules.rule import Level
from conformance.suite.verdicts.verdict import Outcome

HOSTILE = "<script>alert(1)</script>&amp;'\"><img src=x onerror=y>]]>\x00\x07\x1b[31m\u202e\ud83e{{ 7 * 7 }}\N{OTTER}"
RECORDING = Recording(Header(URL, None, {}, key_used=False, started=0.0, contract_sha256=""), {})
VOID = ("meta", "br", "img", "input")


def verdict(outcome: str, level: str = "core", **changed: object) -> VerdictEntry:
    """Make a verdict with hostile words wherever a server can put some."""
    made: dict[str, object] = {
        "rule": rules()[0].id,
        "title": HOSTILE,
        "level": level,
        "operation": operation().id,
        "outcome": outcome,
        "message": HOSTILE,
        "expected": HOSTILE,
        "actual": HOSTILE,
        "source": {"pointer": "/", "line": 7, "text": "It must be <b>one</b>.", "clause": "<b>one"},
        "samples": 1,
        "seconds": 0.5,
        "evidence": [],
        "cases": [{"what": HOSTILE, "actual": HOSTILE, "exchange": "a", "twin": None}] * 2,
        "cases_left_out": 0,
        "curl": f"curl '{HOSTILE}'" if outcome == "fail" else None,
        "known": None,
    }
    return cast("VerdictEntry", {**made, **changed})


def report(*verdicts: VerdictEntry, outcome: str = "fail", **changed: object) -> Report:
    counts: dict[str, dict[str, int]] = {level: dict.fromkeys(Outcome, 0) for level in Level}
    causes = [
        {"title": HOSTILE, "kind": "other", "hint": HOSTILE, "level": "core", "rules": [rule], "reproducer": rule}
        for rule in dict.fromkeys(verdict["rule"] for verdict in verdicts if verdict["outcome"] == "fail")
    ]
    made: Mapping[str, object] = {
        "schema_version": 1,
        "outcome": outcome,
        "complete": True,
        "judged": {"rules": 3, "of": 3, "core": 2, "of_core": 2},
        "command": f"python -m conformance '{HOSTILE}'",
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
        "causes": causes,
        "verdicts": list(verdicts),
        "excluded": [{"line": 3, "text": HOSTILE, "reason": "<reason>"}],
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
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data if not {"style", "script"} & {*self.open} else ""


def parsed(built: Report) -> Page:
    page = Page()
    page.feed(html(built))
    page.close()
    return page


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_page_is_well_formed_and_what_a_server_sent_is_text(outcome: Outcome) -> None:
    page = parsed(report(verdict(outcome)))
    assert page.open == []
    assert {tag for tag, _ in page.elements}.isdisjoint({"img", "b", "i", "stale", "own", "one", "reason"})
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert "<script>alert(1)</script>&amp;'\"><img src=x onerror=y>]]>\\x00\\x07\\x1b[31m\\u202e" in page.text
    assert "{{ 7 * 7 }}" in page.text
    assert page.text.replace("\n", "").isprintable()


@pytest.mark.parametrize("make", [html, pages.badge])
def test_nothing_is_loaded_from_elsewhere(make: Any) -> None:  # noqa: ANN401 - either view
    text: str = make(report(verdict("fail"), verdict("pass")))
    for tag, attributes in parsed(report(verdict("fail"))).elements:
        assert {"srcset", "action", "data", "onload", "onerror", "style"}.isdisjoint(attributes)
        assert tag == "img" or "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
    markup = "".join(re.findall(r"<[^>]*>|<style>.*?</style>", text, re.DOTALL))
    assert set(re.findall(r"https?://[^\s\"'<>]*", markup)) <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"url\(|@import|<(link|image|use|iframe|object|base|form action)\b", markup)


def test_the_page_allows_its_own_style_and_script_and_pictures_in_it() -> None:
    page = parsed(report())
    policies = [a["content"] or "" for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    text = html(report())

    def permitted(tag: str) -> str:
        content = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert len(content) == 1
        return f"'sha256-{base64.b64encode(hashlib.sha256(content[0].encode()).digest()).decode()}'"

    own = f"style-src {permitted('style')}; script-src {permitted('script')}; img-src data:"
    assert policies == [f"default-src 'none'; {own}; base-uri 'none'; form-action 'none'"]


def test_the_page_shows_the_counts() -> None:
    made = [verdict("pass")] * 3 + [verdict("fail")] * 2 + [verdict("blocked", "strict")]
    page = parsed(report(*made))
    text = " ".join(page.text.split())
    assert "core 3 pass, 2 fail 5 of 5 strict 1 blocked 0 of 1" in text
    assert "12 requests, asked for 34 images, got 56, 7.9 s" in text
    assert "The known failure <stale> no longer fails; take it off the list." in text
    assert ("http://h/<i>?" in text, "<own>" in text) == (True, True)


def test_the_page_says_how_the_run_was_made() -> None:
    text = " ".join(parsed(report()).text.split())
    assert "2024-02-29T12:00:00Z, seed 42 versions tool 1.2.3, contract <title> 2, 000000000000 server nginx" in text
    assert "options only <a>/*,b, level strict, examples 8, concurrency 2, timeout 180.0 run again" in text
    assert "Copy the command python -m conformance '<script>" in text
    assert "EMBEDDED" not in text
    unsaid = dict.fromkeys(("images", "examples", "concurrency", "timeout"))
    bare = report(server=None, seed=None, options={"only": [], "level": "core", **unsaid})
    text = " ".join(parsed(bare).text.split())
    assert "2024-02-29T12:00:00Z versions" in text
    assert "options level core run again" in text


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
    shown = [a["class"] for tag, a in page.elements if tag == "details" and (a.get("class") or "").startswith("rule")]
    assert shown == ["rule fail counts"] * 2 + ["rule fail"] * 2
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert [id_ for id_ in ids if id_ in ("a", "b", "c", "d")] == ["a", "b", "d", "c"]
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
    pages.write(report(verdict("fail")), RECORDING, prepared((), None), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "badge.svg"}
    assert "\N{OTTER}" in (tmp_path / "report.html").read_text(encoding="utf-8")
