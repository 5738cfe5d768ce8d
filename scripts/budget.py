"""Measures what a run costs and what it finds out, by its image budget, and writes it into ``docs/budget.md``.

    python -m scripts.budget           the table of budgets, in this process, in seconds
    python -m scripts.budget --slow    slow servers too, in real time

The table is made of whole runs against the reference server with default settings but for the budget and, as to another
machine, one request at a time; it comes out the same every time. Requests and images are counted where the server gets
and makes them. Only what stands between the marks in the document is replaced.
"""

from __future__ import annotations

import argparse
import asyncio
import textwrap
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import attrs
import httpx

from conformance.reference import Behaviour, create_app
from conformance.suite import run
from conformance.suite.images import IMAGES
from conformance.suite.options import ELSEWHERE
from conformance.suite.report import report
from conformance.suite.report.record import Report
from conformance.suite.rules.rule import Level
from conformance.suite.settings import Limits, Settings, Target
from conformance.suite.verdicts.verdict import Outcome
from scripts import slow_servers
from scripts.serving import Counted

DOCUMENT = Path(__file__).parents[1] / "docs" / "budget.md"
BUDGETS = (1, 2, 4, 6, 8, 12, 24, 48, None)
_WIDTH = 120
_KEY = "sk-budget"
_ONE_BY_ONE = Settings(Target("http://reference.test/v1", _KEY), limits=Limits(concurrency=1))


@cache
def _prepared() -> run.Prepared:
    return run.prepare(_ONE_BY_ONE, IMAGES)


@cache
def _made(images: int | None) -> tuple[Counted, Report]:
    """Make a run with this image budget, or without any."""
    app = Counted(create_app(Behaviour(api_key=_KEY)))
    settings = attrs.evolve(_ONE_BY_ONE, limits=attrs.evolve(_ONE_BY_ONE.limits, images=images))
    result = asyncio.run(run.run(settings, _prepared(), transport=httpx.ASGITransport(app)))
    return app, report.build(result)


def row(images: int | None) -> str:
    """Return the row of the table about an image budget."""
    app, made = _made(images)
    core, strict = (len(_not_judged(made, level)) for level in (Level.CORE, Level.STRICT))
    every = sum(made["counts"][Level.CORE].values())
    named = "all" if images is None else images
    return f"| {named} | {app.requests} | {app.images} | {every - core} of {every} | {core} | {strict} |"


def table(budgets: Iterable[int | None] = BUDGETS) -> str:
    """Return the table of these budgets."""
    heading = "| `IMAGES` | requests | images made | core rules judged | core not judged | strict not judged |"
    return "\n".join([heading, "| --- | --- | --- | --- | --- | --- |", *map(row, budgets)])


def left_out(images: int) -> str:
    """Name the core and strict rules for which an image budget has no room."""
    _, made = _made(images)
    rules = (rule for level in (Level.CORE, Level.STRICT) for rule in _not_judged(made, level))
    named = f"Not judged with {images} images: {', '.join(f'`{rule}`' for rule in rules)}."
    return textwrap.fill(named, _WIDTH, break_on_hyphens=False)


def replaced(document: str, part: str, text: str) -> str:
    """Return a document with this text between the marks of a part; raises ValueError if there are none."""
    first, last = f"<!-- {part}, written by make budget -->\n", f"<!-- end of {part} -->"
    before, opened, rest = document.partition(first)
    _, closed, after = rest.partition(last)
    if not opened or not closed:
        raise ValueError(f"the document has no marks of {part!r}.")
    return f"{before}{first}\n{text}\n\n{last}{after}"


def _not_judged(made: Report, level: Level) -> list[str]:
    judged = (verdict for verdict in made["verdicts"] if verdict["level"] == level)
    return [verdict["rule"] for verdict in judged if verdict["outcome"] == Outcome.NOT_JUDGED]


def main() -> None:
    """Measure and write the document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slow", action="store_true", help="measure slow servers too, a quarter of an hour")
    given = parser.parse_args()
    parts = {"budgets": f"{table()}\n\n{left_out(ELSEWHERE)}"}
    if given.slow:
        parts["slow servers"] = slow_servers.section()
    document = DOCUMENT.read_text(encoding="utf-8")
    for part, text in parts.items():
        document = replaced(document, part, text)
    DOCUMENT.write_text(document, encoding="utf-8")


if __name__ == "__main__":
    main()
