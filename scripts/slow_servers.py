"""Measures how long a user waits for a run against a server that takes its time for an image.

Each run is the command in a process of its own, against the reference server slowed down, over loopback and one request
at a time as to another machine, in real time. All runs are made at once: they wait nearly all the time, each for a
server of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import attrs

from conformance.reference import Behaviour, create_app
from conformance.reference.values import JsonValue
from conformance.suite.report.record import Report
from conformance.suite.rules.rule import Level
from conformance.suite.verdicts.verdict import Outcome
from scripts.serving import Counted, Slow, served

_KEY = "sk-budget"
_ROOT = Path(__file__).parents[1]
_JUDGED = (Outcome.PASS, Outcome.FAIL, Outcome.UNSUPPORTED)
_NONE = "-"
_COLUMNS = 200
"""A terminal so wide that each sentence stands on one line."""


@attrs.frozen
class Slowness:
    """A run: seconds for an image, the options, and whether the server gives ``created`` in milliseconds."""

    seconds: float
    options: tuple[str, ...] = ()
    faulty: bool = False

    @property
    def name(self) -> str:
        """What the run is called in the table."""
        fault = ", `created` in milliseconds" if self.faulty else ""
        return f"{self.seconds:g} s{fault}: " + (f"`{' '.join(self.options)}`" if self.options else "no limit")


RUNS = (
    Slowness(5),
    Slowness(5, ("--images", "24")),
    Slowness(5, ("--images", "24"), faulty=True),
    Slowness(30, ("--images", "4")),
    Slowness(30, ("--images", "24")),
    Slowness(30, ("--images", "24", "--timeout", "45")),
    Slowness(30, ("--images", "4", "--timeout", "20")),
)


@attrs.frozen
class Waited:
    """What came of a run: seconds from its start to its end and to the first image; and what it said.

    ``requests`` and ``images`` are what the server got and made; there is no report if the server could not be checked.
    """

    code: int
    whole: float
    image: float | None
    requests: int
    images: int
    told: tuple[str, ...]
    report: Report | None


def wait_for(slow: Slowness) -> Waited:
    """Make one run."""
    counted = Counted(create_app(attrs.evolve(_behaviour(faulty=slow.faulty), api_key=_KEY)))
    app = Slow(counted, slow.seconds)
    with served(app) as url, tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "conformance", url, "--concurrency", "1", "--out", folder, *slow.options]
        environment = {**os.environ, "OPENAI_API_KEY": _KEY, "COLUMNS": str(_COLUMNS)}
        started = time.monotonic()
        with subprocess.Popen(  # noqa: S603 - our own words
            command, cwd=_ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            output = process.stdout or ()
            lines = [line.strip() for line in output if line.strip()]
        whole = time.monotonic() - started
        file = Path(folder) / "report.json"
        made: Report | None = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    return Waited(
        code=process.returncode,
        whole=whole,
        image=app.first - started if app.first else None,
        requests=counted.requests,
        images=counted.images,
        told=tuple(_closing(lines)),
        report=made,
    )


def _behaviour(*, faulty: bool) -> Behaviour:
    right = Behaviour()

    def in_milliseconds(now: float, items: Sequence[JsonValue]) -> JsonValue:
        return right.build_answer(now * 1000, items)

    return attrs.evolve(right, build_answer=in_milliseconds) if faulty else right


def _closing(lines: Sequence[str]) -> list[str]:
    """Return the last lines that say what came of a run, without that about the files of the report."""
    told = next((index for index, line in enumerate(lines) if ", asked for " in line), len(lines) - 1)
    return [line for line in lines[told:] if "/report.html" not in line]


def section(runs: Sequence[Slowness] = RUNS) -> str:
    """Make the runs and return what is to be said of them."""
    with ThreadPoolExecutor(len(runs)) as pool:
        waited = list(pool.map(wait_for, runs))
    date = datetime.now(UTC).date()
    lines = [f"Measured on {date} on a machine with {os.cpu_count()} cores, all runs at the same time.", ""]
    lines += ["| a server that takes for an image | " + " | ".join(slow.name for slow in runs) + " |"]
    lines += ["| --- " * (len(runs) + 1) + "|"]
    lines += [f"| {name} | " + " | ".join(map(cell, waited)) + " |" for name, cell in _CELLS.items()]
    lines += ["", "What is said at the end:", ""]
    for slow, one in zip(runs, waited, strict=True):
        lines += [f"- {slow.name}", "", *(f"      {line}" for line in one.told), ""]
    return "\n".join(lines).rstrip()


def _seconds(value: float | None) -> str:
    return _NONE if value is None else f"{value:.0f} s"


def _of_report(say: Callable[[Report], object]) -> Callable[[Waited], str]:
    return lambda one: _NONE if one.report is None else str(say(one.report))


def _judged(level: Level) -> Callable[[Waited], str]:
    def say(made: Report) -> str:
        counts = made["counts"][level]
        return f"{sum(counts[outcome] for outcome in _JUDGED)} of {sum(counts.values())}"

    return _of_report(say)


def _failed(made: Report) -> int:
    return sum(made["counts"][level][Outcome.FAIL] for level in (Level.CORE, Level.STRICT))


def _late(made: Report) -> int:
    return made["late"]["count"] if made["late"] else 0


_CELLS: dict[str, Callable[[Waited], str]] = {
    "waited in all": lambda one: _seconds(one.whole),
    "until the first image is ready": lambda one: _seconds(one.image),
    "until a failing rule is named": lambda one: _seconds(one.whole if one.report and _failed(one.report) else None),
    "requests": lambda one: str(one.requests),
    "images made": lambda one: str(one.images),
    "core rules judged": _judged(Level.CORE),
    "strict rules judged": _judged(Level.STRICT),
    "core and strict rules that fail": _of_report(_failed),
    "valid requests that were not answered in time": _of_report(_late),
    "latency, median": _of_report(lambda made: _seconds(made["latency"]["median"])),
    "latency, 95% no more than": _of_report(lambda made: _seconds(made["latency"]["p95"])),
    "exit code": lambda one: str(one.code),
}
"""The rows of the table: what each is called, and what it says of a run."""
