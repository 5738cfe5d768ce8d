"""report.json as data: the record of a run, of which every other format is a view.

Its shape is published as a JSON Schema beside this module, ``report.schema.json``.
"""

from __future__ import annotations

import json
import os
from enum import IntEnum
from pathlib import Path
from typing import TypedDict

from conformance.suite.exchange.words import count
from conformance.suite.report.curl import UPLOADS
from conformance.suite.report.timing import Late, Latency
from conformance.suite.rules.rule import Level
from conformance.suite.settings import UsageError
from conformance.suite.verdicts.verdict import Outcome

TOOL = "openai-images-conformance"
SCHEMA_VERSION = 1
DECIDED = (Outcome.PASS, Outcome.FAIL, Outcome.UNSUPPORTED)
RESULTS = {
    "pass": "conformant",
    "fail": "not conformant",
    "incomplete": "incomplete",
    "error": "could not be judged",
    "interrupted": "interrupted",
}
"""What a run came to, in words, by the outcome in the report."""
VIEWS = ("report.json", "report.html", "badge.svg", "junit.xml")
SCHEMA = Path(__file__).with_name("report.schema.json")


class Exit(IntEnum):
    """The exit code of a run."""

    CONFORMANT = 0
    NOT_CONFORMANT = 1
    COULD_NOT_RUN = 2


class SourceEntry(TypedDict):
    """Where the contract says it."""

    pointer: str
    line: int
    text: str
    clause: str


class CaseEntry(TypedDict):
    """One thing that was found wrong."""

    what: str
    actual: str
    exchange: str
    twin: str | None


class CauseEntry(TypedDict):
    """Failures that one fault explains; ``reproducer`` is the rule whose evidence shows it best."""

    title: str
    kind: str
    hint: str
    level: str
    rules: list[str]
    reproducer: str


class ExcludedEntry(TypedDict):
    """What of the contract no rule covers, and why."""

    line: int
    text: str
    reason: str


class VerdictEntry(TypedDict):
    """One verdict in report.json."""

    rule: str
    title: str
    level: str
    operation: str
    outcome: str
    message: str
    expected: str
    actual: str
    source: SourceEntry
    samples: int
    seconds: float
    evidence: list[str]
    cases: list[CaseEntry]
    cases_left_out: int
    curl: str | None
    known: str | None


class Report(TypedDict):
    """report.json."""

    schema_version: int
    outcome: str
    complete: bool
    judged: dict[str, int]
    date: str
    command: str
    tool: dict[str, str]
    target: dict[str, object]
    server: str | None
    contract: dict[str, str | None]
    seed: int | None
    options: dict[str, object]
    counts: dict[str, dict[str, int]]
    requests: int
    images_requested: int
    images_received: int
    seconds: float
    latency: Latency
    late: Late | None
    stale_known: list[str]
    causes: list[CauseEntry]
    verdicts: list[VerdictEntry]
    excluded: list[ExcludedEntry]


def exit_code(report: Report) -> Exit:
    """Return the exit code that a report stands for."""
    codes = {"pass": Exit.CONFORMANT, "fail": Exit.NOT_CONFORMANT}
    return codes.get(report["outcome"], Exit.COULD_NOT_RUN)


def counts_against(verdict: VerdictEntry) -> bool:
    """Whether a verdict makes the server not conformant."""
    return verdict["outcome"] == Outcome.FAIL and verdict["level"] != Level.ADVICE and verdict["known"] is None


def decided(verdict: VerdictEntry) -> bool:
    """Whether a verdict says what there is to say of its rule."""
    return verdict["outcome"] in DECIDED


def uploads(report: Report) -> bool:
    """Whether a command of the report names a file, so that it is to be run in the report's folder."""
    return any(f"@{UPLOADS}/" in (verdict["curl"] or "") for verdict in report["verdicts"])


def also(verdict: VerdictEntry) -> list[str]:
    """Return in one line each what else a failure consists of, beside what its message tells."""
    others = [f"{case['what']}: {case['actual']}" for case in verdict["cases"][1:]]
    more = verdict["cases_left_out"]
    return [*others, f"and {count(more, 'other')}"] if more else others


def write(report: Report, out: Path) -> Path:
    """Write report.json into the folder, whole or not at all; raises UsageError if that can't be done."""
    path = out / "report.json"
    try:
        out.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".json.new")
        temporary.write_text(json.dumps(report, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
        os.replace(temporary, path)  # noqa: PTH105 - Path.replace says the same in more words
    except OSError as error:
        raise UsageError(
            f"the report folder {out} can't be written: {error.strerror}; name another with OUT."
        ) from error
    return path


def discard(out: Path) -> None:
    """Remove an earlier report from the folder, so that it is not taken for that of a run that could not be made.

    Raises UsageError if that can't be done. The recording is kept: a run replaces it, and it may be what is judged.
    """
    for name in VIEWS:
        try:
            if not (out / name).is_symlink():  # what leads elsewhere is the user's own, and is written through
                (out / name).unlink(missing_ok=True)
        except NotADirectoryError:
            return
        except OSError as error:
            raise UsageError(
                f"{out / name} can't be replaced: {error.strerror}; name another folder with OUT."
            ) from error
