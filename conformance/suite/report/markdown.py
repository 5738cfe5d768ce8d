"""The summary of a run as Markdown, for the page that GitHub shows of a job.

Whatever a server sent may stand in it, so that all text is escaped: nothing in it is markup, a link or a mention. It is
far shorter than GitHub takes, however much there is to tell: the report has the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from conformance.suite.exchange.words import count, cut, visible
from conformance.suite.report.record import RESULTS, CauseEntry, Report, VerdictEntry, decided
from conformance.suite.rules.rule import Level
from conformance.suite.verdicts.verdict import Outcome

MOST_BYTES = 1024 * 1024
"""What GitHub takes of a step in all; of more it shows nothing."""
_MOST_CAUSES, _MOST_REASONS, _MOST_ROWS = 10, 20, 100
_LONG, _LONG_COMMAND = 400, 8_000
_BREAK = "\u200b"
"""Has no width, and keeps a name from being a mention, a number from being an issue, an address from being a link."""
_UNKNOWN = (Outcome.BROKEN, Outcome.BLOCKED, Outcome.NOT_JUDGED)


def append(report: Report, path: Path) -> str:
    """Append the summary to a file; returns in one sentence what kept it from that, or an empty text.

    The result of a run is worth more than its summary, so that nothing is raised.
    """
    text = summary(report).encode()
    try:
        if path.exists() and path.stat().st_size + len(text) > MOST_BYTES:
            return f"the summary is not added to {path}, which would be larger than GitHub takes."
        with path.open("ab") as file:
            file.write(text)
    except OSError as error:
        return f"the summary can't be added to {path}: {error.strerror}."
    return ""


def summary(report: Report) -> str:
    """Return the summary: the result, a table by operation and level, the causes, and what could not be found out."""
    return "\n".join(("", *_head(report), "", *_table(report), "", *_causes(report), *_reasons(report), ""))


def plain(text: str) -> str:
    """Return a text as Markdown that shows it as it is, on one line."""
    escaped = re.sub(r"([\\`*_{}\[\]<>|~&$!#@])", r"\\\1", visible(cut(text, _LONG)))
    return re.sub(r"(?<=@)|(?<=#)(?=\d)|(?<=:)(?=//)|(?<=www)(?=\.)", _BREAK, escaped, flags=re.IGNORECASE)


def code(text: str) -> str:
    """Return a text as a code span, on one line; not for a table, where a pipe would end its cell."""
    shown = visible(cut(text, _LONG))
    fence = "`" * (_longest_run(shown) + 1)
    pad = " " if {shown[:1], shown[-1:]} & {"", " ", "`"} else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def fenced(text: str, indent: str = "") -> list[str]:
    """Return the lines of a code block that no backticks in the text can end."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return [f"{indent}{fence}sh", f"{indent}{visible(text)}", f"{indent}{fence}"]


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _head(report: Report) -> Iterator[str]:
    words = RESULTS[report["outcome"]]
    judged = f"{report['judged']['rules']} of {count(report['judged']['of'], 'rule')} judged"
    partly = not report["complete"] and report["outcome"] == "pass"
    yield f"## OpenAI Images: {f'{words} as far as judged' if partly else words}"
    yield ""
    if report["target"]["embedded"]:
        yield "The **embedded reference server**, which says nothing of a server of yours:"
    yield (
        f"{code(str(report['target']['url']))}, {judged}, {count(report['requests'], 'request')}, "
        f"{count(report['images_received'], 'image')}, {report['seconds']:.1f} s"
    )
    for rule in report["stale_known"][:_MOST_REASONS]:
        yield ""
        yield f"The known failure {code(rule)} no longer fails; take it off the list."


def _table(report: Report) -> Iterator[str]:
    rows: dict[tuple[str, str], list[VerdictEntry]] = {}
    for verdict in report["verdicts"]:
        rows.setdefault((verdict["operation"], verdict["level"]), []).append(verdict)
    yield "| operation | level | judged | failed | not judged |"
    yield "| --- | --- | ---: | ---: | ---: |"
    operations = list(dict.fromkeys(operation for operation, _ in rows))
    keys = sorted(rows, key=lambda key: (operations.index(key[0]), list(Level).index(Level(key[1]))))
    for operation, level in keys[:_MOST_ROWS]:
        mine = rows[operation, level]
        judged, failed = sum(map(decided, mine)), sum(verdict["outcome"] == Outcome.FAIL for verdict in mine)
        yield f"| {plain(operation)} | {level} | {judged} | {failed} | {len(mine) - judged} |"


def _causes(report: Report) -> Iterator[str]:
    found = report["causes"]
    if not found:
        return
    by_rule = {verdict["rule"]: verdict for verdict in report["verdicts"]}
    shown = found[:_MOST_CAUSES]
    yield f"### What fails{f': the gravest {len(shown)} of {len(found)} causes' if len(found) > len(shown) else ''}"
    yield ""
    for number, cause in enumerate(shown, 1):
        yield from _cause(number, cause, by_rule)


def _cause(number: int, cause: CauseEntry, by_rule: dict[str, VerdictEntry]) -> Iterator[str]:
    failed = [by_rule[rule] for rule in cause["rules"] if rule in by_rule]
    known = ", known" if failed and all(verdict["known"] is not None for verdict in failed) else ""
    prefix = f"{number}. "
    indent = " " * len(prefix)
    yield f"{prefix}**{plain(cause['title'])}**, {cause['level']}{known}"
    if cause["hint"]:
        yield ""
        yield f"{indent}Usual remedy: {plain(cause['hint'])}"
    shown = by_rule.get(cause["reproducer"])
    if shown is not None:
        yield ""
        yield f"{indent}{code(shown['rule'])}: {plain(shown['message'])}"
        command = shown["curl"] or ""
        if 0 < len(command) <= _LONG_COMMAND:
            yield ""
            yield from fenced(command, indent)
    yield ""


def _reasons(report: Report) -> Iterator[str]:
    """Yield why rules could not be judged, one line for each reason."""
    groups: dict[tuple[str, str], list[str]] = {}
    for outcome in _UNKNOWN:
        for verdict in report["verdicts"]:
            if verdict["outcome"] == outcome:
                groups.setdefault((outcome, verdict["message"]), []).append(verdict["rule"])
    if not groups:
        return
    yield "### What could not be found out"
    yield ""
    for (outcome, reason), rules in list(groups.items())[:_MOST_REASONS]:
        shown = code(rules[0]) if len(rules) == 1 else f"{len(rules)} rules, such as {code(rules[0])}"
        yield f"- {outcome}: {shown}: {plain(reason)}"
    if len(groups) > _MOST_REASONS:
        yield f"- and {count(len(groups) - _MOST_REASONS, 'other reason')}"
