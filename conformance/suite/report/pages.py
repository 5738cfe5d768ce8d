"""report.html and badge.svg: views of report.json for a browser.

Both are rendered by Jinja with escaping on, for whatever a server sent may stand in a message. They load nothing, and
report.html runs no script but its own, so that a report can be opened from anywhere.
"""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from conformance.suite.exchange.recording import Recording
from conformance.suite.exchange.words import count
from conformance.suite.plan.prepared import Prepared
from conformance.suite.report import terminal
from conformance.suite.report.curl import UPLOADS
from conformance.suite.report.page import rules, summary
from conformance.suite.report.page.looks import Looks
from conformance.suite.report.page.room import MOST_BYTES, ROOMS, Room
from conformance.suite.report.page.view import view
from conformance.suite.report.record import Report, uploads
from conformance.suite.report.rendering import environment, policy_hash, source
from conformance.suite.rules.rule import Level
from conformance.suite.settings import UsageError
from conformance.suite.verdicts.verdict import Outcome

_PIXELS_PER_CHARACTER = 6.6


def write(report: Report, recording: Recording, prepared: Prepared, out: Path) -> None:
    """Write both views into the folder of the report; raises UsageError if that can't be done.

    The recording is the one that is written, without secrets.
    """
    try:
        (out / "report.html").write_text(html(report, recording, prepared), encoding="utf-8")
        (out / "badge.svg").write_text(badge(report), encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the report folder {out} can't be written: {error.strerror}; name another with OUT."
        ) from error


def html(report: Report, recording: Recording, prepared: Prepared) -> str:
    """Return the report as a page: what a run came to, what to mend first, and every rule with its evidence.

    It shows what stands in the report and in the recording, which is the one that is written, without secrets, and
    nothing else. The more there is to show, the less of each exchange is shown.
    """
    looks, page = Looks(prepared.api), ""
    for room in ROOMS:
        page = _html(report, recording, prepared, looks, room)
        if len(page.encode()) < MOST_BYTES:
            break
    return page


def _html(report: Report, recording: Recording, prepared: Prepared, looks: Looks, room: Room) -> str:
    made = environment()
    style, script = (source(made, name) for name in ("page/page.css", "page/page.js"))
    return made.get_template("report.html.j2").render(
        report=report,
        view=view(report, recording, prepared, looks, room),
        bars=list(summary.bars(report)),
        headline=summary.headline(report),
        why=summary.why(report),
        count=count,
        link=rules.link,
        images=terminal.images(report),
        latency=terminal.latency(report),
        late=terminal.late(report),
        uploads=UPLOADS if uploads(report) else None,
        outcomes=list(Outcome),
        levels=list(Level),
        style=Markup(style),  # noqa: S704 - the project's own file
        script=Markup(script),  # noqa: S704 - the project's own file
        style_hash=policy_hash(style),
        script_hash=policy_hash(script),
        embedded=terminal.EMBEDDED,
        environment=list(summary.environment(recording.header)),
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
        environment()
        .get_template("badge.svg.j2")
        .render(
            label=label,
            value=value,
            left=_width(label),
            right=_width(value),
            outcome="partial" if partial else report["outcome"],
        )
    )


def _width(text: str) -> int:
    """Return how many pixels a text takes in the badge's type, with space around it."""
    return round(len(text) * _PIXELS_PER_CHARACTER) + 12
