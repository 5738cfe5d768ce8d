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
from conformance.suite.report.report import Report


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
    """Return the report on a server that answers the same whatever is asked; a test may change it."""
    return deepcopy(_same())


@cache
def _same() -> Report:
    answer = {"created": 1, "data": [{"url": "https://images.test/1.png"}]}
    return report.build(run_on(always(lambda _: httpx.Response(200, json=answer))))
