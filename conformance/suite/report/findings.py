"""What a result rests on, for a terminal: the causes of the failures, and why rules were not judged.

In short, a cause is at most eight lines of 80 columns, with one command that shows it and can be pasted: whatever else
there is to say gives way to that. At length, it is each failure with all its cases.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from conformance.suite.exchange.recording import GIVEN_UP, NOT_SENT
from conformance.suite.exchange.words import count, visible
from conformance.suite.report.curl import UPLOADS
from conformance.suite.report.record import CauseEntry, Report, VerdictEntry, also, counts_against, uploads
from conformance.suite.report.table import STYLES
from conformance.suite.rules.rule import Level
from conformance.suite.verdicts.verdict import Outcome

_CAUSES, _REASONS = 10, 5
"""How many of them are shown in short."""
_LINES, _COLUMNS = 8, 80
"""How long a cause may be, and where; a narrower terminal breaks the same text into more lines."""
_SOME = 2
"""Lines of what was seen, of a hint and of a reason, where there is room for them."""
_INDENT = 4
_LABEL = 9
_TRY = "try "
_ENOUGH = 20
"""Cells for the beginning of a sentence; less of it says nothing."""
_STYLE = {Level.CORE: "bold red", Level.STRICT: "bold red", Level.ADVICE: "bold yellow"}
_UNCLEAR = (Outcome.BROKEN, Outcome.BLOCKED, Outcome.NOT_JUDGED, Outcome.UNSUPPORTED)
_UNSURE = "could not find out: "
_ONCE = re.compile(r"(, on \d+ samples?| \((?:[^()]|\([^()]*\))*\))$")
"""On how many samples a verdict rests, or which case it is about."""

_Row = tuple[str, str, int]


def causes(console: Console, report: Report, contract: Path) -> bool:
    """Print the causes that count against the server, in short; returns whether a command names an uploaded file."""
    verdicts = {verdict["rule"]: verdict for verdict in report["verdicts"]}
    counting = [one for one in report["causes"] if any(counts_against(verdicts[rule]) for rule in one["rules"])]
    names_file = False
    for number, cause in enumerate(counting[:_CAUSES], 1):
        command = _cause(console, number, cause, _shown(cause, verdicts), contract)
        names_file = names_file or f"@{UPLOADS}/" in command
    more = len(counting) - _CAUSES
    if more > 0:
        _print(console, Text(f"{count(more, 'more cause')} in report.html, or with -v."))
    failures = [verdict for verdict in report["verdicts"] if verdict["outcome"] == Outcome.FAIL]
    known = sum(verdict["known"] is not None for verdict in failures)
    advice = sum(verdict["known"] is None and verdict["level"] == Level.ADVICE for verdict in failures)
    uncounted = [count(known, "known failure")] * bool(known) + [count(advice, "advice finding")] * bool(advice)
    if uncounted:
        _print(console, Text(f"Not counted: {', '.join(uncounted)}; -v shows them."))
    return names_file


def _shown(cause: CauseEntry, verdicts: dict[str, VerdictEntry]) -> VerdictEntry:
    """Return the failure that is shown of a cause: the one that shows it best, unless that one is known."""
    rules = [cause["reproducer"], *cause["rules"]]
    return next(verdicts[rule] for rule in rules if counts_against(verdicts[rule]))


def _cause(console: Console, number: int, cause: CauseEntry, shown: VerdictEntry, contract: Path) -> str:
    """Print one cause; returns the command that stands in it, or an empty text."""
    style = _STYLE[Level(cause["level"])]
    titles = [_lines(console, f"{cause['level']}: {cause['title']}", console.width - _INDENT, n) for n in (_SOME, 1)]
    layouts = [_rows(console, layout) for layout in _layouts(cause, shown, contract, console.width)]
    command = visible(shown["curl"] or "")
    needed = math.ceil((_INDENT + len(_TRY) + cell_len(command)) / console.width) if command else 0
    room = math.ceil(_LINES * _COLUMNS / min(console.width, _COLUMNS))
    shapes = [(title, rows) for title in titles for rows in layouts]
    fitting = next(((title, rows) for title, rows in shapes if len(title) + len(rows) + needed <= room), None)
    if fitting is None:
        command = ""
        title, rows = next(((title, rows) for title, rows in shapes if len(title) + len(rows) < room), shapes[-1])
        fitting = title, [*rows, _row(_TRY, "the command is long: see report.html, or -v")]
    title, rows = fitting
    for index, line in enumerate(title):
        start = f"{number:>2}. " if index == 0 else " " * _INDENT
        _print(console, Text(start).append(line, style))
    for row in rows:
        _print(console, row)
    if command:
        _print(console, Text(" " * _INDENT).append(_TRY, "dim").append(command))
    return command


def _layouts(cause: CauseEntry, shown: VerdictEntry, contract: Path, width: int) -> Iterator[tuple[_Row, ...]]:
    """Yield what there is to say of a cause, each time in less room: label, text and how many lines of it."""
    others = len(cause["rules"]) - 1
    rules = f"{shown['rule']}{f' and {others} more' if others else ''}"
    source = shown["source"]
    place, words = f"{contract.name}:{source['line']}", " ".join((source["clause"] or source["text"]).split())
    apart = (("rules", rules, _SOME), ("contract", f"{place}  {words}", 1))
    both = f"{rules}, {place}"
    left = width - _INDENT - _LABEL - len(both)
    if left < 0:
        both = rules
    elif left >= min(_ENOUGH, len(words) + 2):
        both = f"{both}: {words}"
    seen, hint = shown["message"], cause["hint"]
    for start in (apart, (("rules", both, 1),)):
        for most in (_SOME, 1):
            yield (*start, ("seen", seen, _SOME), ("hint", hint, most))
    yield ("rules", both, 1), ("seen", seen, 1), ("hint", hint, 1)
    yield ("rules", both, 1), ("seen", seen, 1)


def _rows(console: Console, layout: Iterable[_Row]) -> list[Text]:
    rows: list[Text] = []
    for label, text, most in layout:
        lines = _lines(console, text, console.width - _INDENT - _LABEL, most) if text else []
        rows += [_row(label if index == 0 else "", line) for index, line in enumerate(lines)]
    return rows


def _row(label: str, line: str) -> Text:
    return Text(" " * _INDENT).append(f"{label:<{_LABEL}}", "dim").append(line)


def _lines(console: Console, text: str, width: int, most: int | None = None) -> list[str]:
    """Break a text into lines of so many cells, an ellipsis at the end of the last one if there would be more."""
    lines = list(Text(visible(text)).wrap(console, max(1, width)))
    if most is not None and len(lines) > most:
        lines = lines[:most]
        lines[-1].truncate(max(0, width - 1))
        lines[-1].append("…")
    return [line.plain.rstrip() for line in lines]


def _print(console: Console, text: Text) -> None:
    """Print a line as it is; where it is longer than the terminal is wide, it can be pasted all the same."""
    console.print(text, soft_wrap=True)


def failures(console: Console, report: Report, contract: Path) -> bool:
    """Print every cause with all that failed for it; returns whether a command names an uploaded file."""
    verdicts = {verdict["rule"]: verdict for verdict in report["verdicts"]}
    for number, cause in enumerate(report["causes"], 1):
        title = visible(f"{number}. {cause['level']}: {cause['title']}")
        _print(console, Text("\n" if number > 1 else "").append(title, _STYLE[Level(cause["level"])]))
        if cause["hint"]:
            _print(console, _row("hint", visible(cause["hint"])))
        for rule in cause["rules"]:
            console.print(_failure(verdicts[rule], contract), soft_wrap=True, end="")
    return uploads(report)


def _failure(verdict: VerdictEntry, contract: Path) -> Text:
    text = Text("\n")
    label = verdict["level"] if verdict["known"] is None else f"{verdict['level']}, known: {verdict['known']}"
    text.append(f"FAIL {verdict['rule']}", "bold red" if counts_against(verdict) else "yellow")
    text.append(f"  ({visible(label)})\n")
    source = verdict["source"]
    lines = also(verdict)
    place = f"{contract.name}:{source['line']}"
    rows = [
        ("contract", f"{place}  {source['text']}"),
        ("expected", verdict["expected"] if verdict["expected"] != source["text"] else ""),
        ("seen", verdict["message"]),
        *(("also" if line == lines[0] else "", line) for line in lines),
        ("try", verdict["curl"] or ""),
    ]
    for name, value in rows:
        if value:
            text.append(f"  {name:<9}", "dim")
            text.append(f"{visible(value)}\n")
    return text


def reasons(console: Console, report: Report, *, verbose: bool) -> None:
    """Print why rules have an outcome that says nothing about the server; in short the reasons for most of them."""
    groups: dict[tuple[Outcome, str], list[VerdictEntry]] = {}
    for verdict in report["verdicts"]:
        if verdict["outcome"] in _UNCLEAR:
            reason = verdict["message"] if verbose else _reason(verdict["message"])
            groups.setdefault((Outcome(verdict["outcome"]), reason), []).append(verdict)
    ordered = sorted(groups.items(), key=lambda group: (_UNCLEAR.index(group[0][0]), -len(group[1])))
    most = len(ordered) if verbose else _REASONS
    for (outcome, reason), verdicts in ordered[:most]:
        alone = len(verdicts) == 1
        what = (
            f"{verdicts[0]['rule']}: {verdicts[0]['message']}" if alone else f"{count(len(verdicts), 'rule')}: {reason}"
        )
        for line in _lines(console, f"{outcome}, {what}", console.width, None if verbose else _SOME):
            _print(console, Text(line, STYLES[outcome]))
        if verbose and not alone:
            _print(console, Text(f"{' ' * _INDENT}{', '.join(verdict['rule'] for verdict in verdicts)}", "dim"))
    if ordered[most:]:
        rules = count(sum(len(verdicts) for _, verdicts in ordered[most:]), "rule")
        _print(console, Text(f"{count(len(ordered) - most, 'other reason')} for {rules}: -v shows them."))


def _reason(message: str) -> str:
    """Return why something was not found out, without what sets the same reason apart for two rules."""
    return _ONCE.sub("", message).rpartition(_UNSURE)[2].removeprefix(NOT_SENT).removeprefix(GIVEN_UP)
