"""Prints a result as a terminal or a pipe of so many columns gets it."""

import io
import math
from copy import deepcopy
from functools import cache
from pathlib import Path

import httpx
from rich.cells import cell_len
from rich.console import Console

from conformance import CONTRACT
from conformance.selftest.suite.runs import always, run_on
from conformance.suite.report import report, terminal
from conformance.suite.report.record import CauseEntry, Report, VerdictEntry
from conformance.suite.rules.rule import Level
from conformance.suite.verdicts.verdict import Outcome


def printed(
    built: Report, out: Path = Path("report"), width: int = 200, *, verbose: bool = False, is_terminal: bool = False
) -> str:
    """Print a summary; colours are left out, also for a terminal."""
    file = io.StringIO()
    console = Console(
        file=file, highlight=False, markup=False, width=width, force_terminal=is_terminal, color_system=None
    )
    terminal.summary(console, built, CONTRACT, out, verbose=verbose)
    return file.getvalue()


def rows(text: str, width: int) -> int:
    """Return how many rows of a terminal a text takes."""
    return sum(max(1, math.ceil(cell_len(line) / width)) for line in text.splitlines())


def same() -> Report:
    """Return the report on a server that answers the same whatever is asked, with a cause for each rule.

    The rules of that name in all operations share the cause. A test may change the report.
    """
    return deepcopy(_same())


@cache
def _same() -> Report:
    answer = {"created": 1, "data": [{"url": "https://images.test/1.png"}]}
    built = report.build(run_on(always(lambda _: httpx.Response(200, json=answer))))
    named: dict[str, list[VerdictEntry]] = {}
    for verdict in built["verdicts"]:
        if verdict["outcome"] == Outcome.FAIL:
            named.setdefault(verdict["rule"].partition("/")[2], []).append(verdict)
    causes = [_cause(name, failed) for name, failed in named.items()]
    built["causes"] = sorted(causes, key=lambda cause: list(Level).index(Level(cause["level"])))
    return built


def _cause(name: str, failed: list[VerdictEntry]) -> CauseEntry:
    rules = [verdict["rule"] for verdict in failed]
    return CauseEntry(
        title=f"{name} fails", kind="answers", hint="", level=failed[0]["level"], rules=rules, reproducer=rules[0]
    )
