"""A small run against each hostile server ends in bounds, and what it writes and shows is sensible and harmless."""

from __future__ import annotations

import html.parser
import json
import time
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

import jsonschema_rs
import pytest

from conformance.selftest.hostile.rows import Hostile, contents, files, framing
from conformance.selftest.hostile.server import serving
from conformance.selftest.suite.runs import KEY, prepared, rules
from conformance.suite import command, options, run
from conformance.suite.contract.document import Contract
from conformance.suite.report.record import SCHEMA, Exit
from conformance.suite.rules.api import Api
from conformance.suite.rules.rule import Rule
from conformance.suite.settings import Limits, Settings

ROWS = (*framing.ROWS, *contents.ROWS, *files.ROWS)
_SECONDS = 60.0
"""In which a run must have ended even on a slow machine; without bounds those of ``files.TIMES`` never do."""
_LOADING = {"iframe", "object", "embed", "link", "base", "video", "audio"}
_OWN = {"script": [], "style": [], "form": [("class", "filter"), ("role", "search"), ("hidden", None)]}
"""What the page itself has of each, once, with these attributes."""
_BAR = [("viewbox", "0 0 100 8"), ("preserveaspectratio", "none"), ("aria-hidden", "true"), ("focusable", "false")]
_INSIDE = {"href": ("#",), "src": ("data:image/jpeg;base64,", "data:image/png;base64,")}
"""With what the value of an attribute begins that leads nowhere else."""


class _Page(html.parser.HTMLParser):
    """Collects what in a page would load or run something, but for what is the page's own."""

    def __init__(self) -> None:
        super().__init__()
        self.active: list[str] = []
        self._own = dict(_OWN)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        foreign = (
            tag in _LOADING or (tag == "svg" and attrs != _BAR) or (tag in _OWN and self._own.pop(tag, None) != attrs)
        )
        self.active += [tag] if foreign else []
        self.active += [name for name, _ in attrs if name.startswith("on") or name in ("style", "action", "srcset")]
        leading = [value for name, value in attrs if name in _INSIDE and not (value or "").startswith(_INSIDE[name])]
        self.active += [str(value) for value in leading]


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(SCHEMA.read_text()))


def _prepare(settings: Settings, _: Api) -> run.Prepared:
    return prepared(settings.only, None)


def _all_rules(_: Contract, __: Api) -> tuple[Rule, ...]:
    return rules()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the contract and plan once for all rows, and have them send less until a bound is reached."""
    monkeypatch.setattr(options, "Limits", partial(Limits, bytes=4_000_000))
    monkeypatch.setattr(run, "prepare", _prepare)
    for module in ("command", "report.report"):
        monkeypatch.setattr(f"conformance.suite.{module}.all_rules", _all_rules)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def _is_harmless(text: str) -> bool:
    """Whether text moves no cursor and turns no line around."""
    return all(one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf", "Zl", "Zp") for one in text)


def _verdicts(out: Path) -> dict[str, tuple[str, str]]:
    """Check what a run has written; returns the outcome and the message of each rule."""
    report = json.loads((out / "report.json").read_text())
    assert _validator().is_valid(report)
    assert ET.parse(out / "junit.xml").getroot().findall(".//testcase")  # noqa: S314 - our own file
    page = (out / "report.html").read_text()
    assert _is_harmless(page)
    parser = _Page()
    parser.feed(page)
    assert parser.active == []
    return {verdict["rule"]: (verdict["outcome"], verdict["message"]) for verdict in report["verdicts"]}


def _written(out: Path) -> bytes:
    return b"".join(file.read_bytes() for file in out.rglob("*") if file.is_file())


def _run(row: Hostile, out: Path) -> int:
    limits: Sequence[str] = ("--timeout", str(row.seconds), "--images", "12", "--examples", "0")
    with serving(row.answer, tls=row.tls) as origin:
        scheme, _, place = origin.partition("://")
        url = f"{row.scheme or scheme}://{place}/v1"
        return command.main([url, *limits, "--only", ",".join(row.rules), "--out", str(out), "-v"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_run_against_a_hostile_server(row: Hostile, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started = time.monotonic()
    code = _run(row, tmp_path / "out")
    assert time.monotonic() - started < _SECONDS
    shown = "".join(capsys.readouterr())
    assert "Traceback" not in shown
    assert "the suite failed" not in shown
    assert code == row.code, shown
    assert _is_harmless(shown)
    written = _written(tmp_path)
    assert KEY not in shown
    assert KEY.encode() not in written
    verdicts = _verdicts(tmp_path / "out") if (tmp_path / "out" / "report.json").exists() else {}
    assert verdicts or code == Exit.COULD_NOT_RUN
    assert "broken" not in {outcome for outcome, _ in verdicts.values()}
    assert not row.fails or verdicts[row.fails][0] == "fail"
    assert row.says in shown


def test_there_are_many_and_each_is_another_one() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS) >= 60
