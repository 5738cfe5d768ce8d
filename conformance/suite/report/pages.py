"""report.html and badge.svg: views of report.json for a browser.

Both are rendered by Jinja with escaping on, for whatever a server sent may stand in a message. They load nothing and
run no script, so that a report can be opened from anywhere.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from conformance.suite.exchange.words import count, visible
from conformance.suite.report import terminal
from conformance.suite.report.curl import UPLOADS
from conformance.suite.report.report import Report, VerdictEntry, also, counts_against, uploads
from conformance.suite.rules.rule import Level
from conformance.suite.settings import UsageError
from conformance.suite.verdicts.verdict import Outcome

_TEMPLATES = Path(__file__).with_name("templates")
_PIXELS_PER_CHARACTER = 6.6
_WORDS = {
    "pass": "conformant",
    "fail": "not conformant",
    "incomplete": "incomplete",
    "error": "could not be judged",
    "interrupted": "interrupted",
}


def write(report: Report, out: Path) -> None:
    """Write both views into the folder of the report; raises UsageError if that can't be done."""
    try:
        (out / "report.html").write_text(html(report), encoding="utf-8")
        (out / "badge.svg").write_text(badge(report), encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the report folder {out} can't be written: {error.strerror}; name another with OUT."
        ) from error


def html(report: Report) -> str:
    """Return the report as a page: the result, a table by operation and level, and every verdict."""
    failures = sorted((v for v in report["verdicts"] if v["outcome"] == Outcome.FAIL), key=_severity)
    others = [v for v in report["verdicts"] if v["outcome"] != Outcome.FAIL]
    operations = list(dict.fromkeys(v["operation"] for v in report["verdicts"]))
    rows = [(operation, level, _counts(report, operation, level)) for operation in operations for level in Level]
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            count=count,
            images=terminal.images(report),
            latency=terminal.latency(report),
            late=terminal.late(report),
            also=also,
            uploads=UPLOADS if uploads(report) else None,
            words=_words(report),
            outcomes=list(Outcome),
            rows=[row for row in rows if sum(row[2].values())],
            failures=failures,
            others=others,
        )
    )


def badge(report: Report) -> str:
    """Return a badge that says in how many of the judged core and strict rules the server is right.

    It is green only if every core rule was decided; else it says how much was judged.
    """
    judged = [v for v in report["verdicts"] if v["level"] != Level.ADVICE and v["outcome"] in ("pass", "fail")]
    passed = sum(v["outcome"] == Outcome.PASS for v in judged)
    noun = "core rule" if report["options"]["level"] == Level.CORE else "rule"
    value = f"{passed} of {count(len(judged), noun)}" if judged else "not judged"
    whole = report["outcome"] == "pass" and report["judged"]["core"] == report["judged"]["of_core"]
    partial = not whole and report["outcome"] in ("pass", "incomplete", "interrupted")
    if partial:
        value = f"{report['judged']['rules']} of {report['judged']['of']} judged"
        value = f"interrupted, {value}" if report["outcome"] == "interrupted" else value
    value = f"embedded: {value}" if report["target"]["embedded"] else value
    label = "OpenAI images"
    return (
        _environment()
        .get_template("badge.svg.j2")
        .render(
            label=label,
            value=value,
            left=_width(label),
            right=_width(value),
            outcome="partial" if partial else report["outcome"],
        )
    )


def _words(report: Report) -> str:
    """Say what a run came to; that something was not judged is said first."""
    words = _WORDS[report["outcome"]]
    return words if report["complete"] or report["outcome"] == "fail" else f"{terminal.judged(report)}: {words}"


def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
    environment.filters["visible"] = visible
    return environment


def _severity(verdict: VerdictEntry) -> tuple[bool, int]:
    return not counts_against(verdict), list(Level).index(Level(verdict["level"]))


def _counts(report: Report, operation: str, level: Level) -> dict[Outcome, int]:
    mine = [v["outcome"] for v in report["verdicts"] if v["operation"] == operation and v["level"] == level]
    return {outcome: mine.count(outcome) for outcome in Outcome}


def _width(text: str) -> int:
    """Return how many pixels a text takes in the badge's type, with space around it."""
    return round(len(text) * _PIXELS_PER_CHARACTER) + 12
