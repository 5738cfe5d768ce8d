"""The suite beside plain replays of its own recording, and beside ``schemathesis run``, with and without latency.

Each run is a whole process, from its start to its last report, against a reference server of its own. A latency is
added to each answer but those that are files.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import attrs
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance import CONTRACT
from conformance.reference import Behaviour, create_app
from conformance.suite.run import RECORDING
from scripts.bench import replay
from scripts.bench.page import Section, installed
from scripts.bench.processes import cost
from scripts.bench.table import Goal, Row
from scripts.serving import Counted, served

_KEY = "sk-bench"
_LATENCIES = (0, 500)
_URL = "URL"
"""Stands in a command for the server's."""
_SECONDS = 600.0
_WORDS = {"wall": ("time", "s"), "cpu": ("CPU", "s"), "requests": ("requests", "")}
_WALL, _CPU = Goal(most=1.15), Goal(most=1.4)
_FAILURES = 1
"""What schemathesis exits with where it reports failures, as it does of correct servers too."""


@attrs.define
class _Late:
    """Answers later than the server behind it, but for the files of images."""

    app: ASGIApp
    seconds: float

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, and serve a request."""
        if scope["type"] == "http" and "/files/" not in scope["path"]:
            await asyncio.sleep(self.seconds)
        await self.app(scope, receive, send)


@attrs.frozen
class _Run:
    """One run: what it cost, and how many requests the server got."""

    wall: float
    cpu: float
    requests: float


def measure(rounds: int, *, quick: bool) -> Section:
    """Measure all three; with the latency, which takes minutes, half as many rounds, and Schemathesis once."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        if not quick:
            _rows(Path(name), 0, 1, quick=True)  # which leaves everything compiled
        for latency in _LATENCIES[:1] if quick else _LATENCIES:
            rows += _rows(Path(name), latency, max(1, rounds // 2) if latency else rounds, quick=quick)
    return Section(rows, installed("httpx", "schemathesis"))


def _rows(folder: Path, latency: int, rounds: int, *, quick: bool) -> list[Row]:
    """Measure at a latency in milliseconds."""
    suite = ["-m", "conformance", _URL, "--quiet", "--out", str(folder), *(["--examples", "0"] if quick else [])]
    again = ["-m", "scripts.bench.replay", str(folder), _URL]
    baseline = ["-m", "schemathesis.cli", "run", str(CONTRACT), "--url", _URL, "--seed", "1"]
    baseline += ["-H", f"Authorization: Bearer {_KEY}", *(["--max-examples", "2"] if quick else [])]
    replays: list[tuple[_Run, _Run]] = []
    baselines: list[tuple[_Run, _Run]] = []
    for number in range(rounds):
        ours = _run(latency, suite)
        at_once = replay.write(folder / RECORDING, folder)
        replays.append((ours, _run(latency, [*again, str(at_once)])))
        if not latency or number == 0:
            baselines.append((ours, _run(latency, baseline, (0, _FAILURES))))
    return [
        _row(latency, "wall", replays, _WALL),
        _row(latency, "cpu", replays, _CPU),
        *(_row(latency, what, baselines) for what in _WORDS),
    ]


def _row(latency: int, what: str, runs: Sequence[tuple[_Run, _Run]], goal: Goal | None = None) -> Row:
    """Return the row about one figure of pairs of runs; those beside plain replays have goals."""
    words, unit = _WORDS[what]
    pairs = [(getattr(ours, what), getattr(theirs, what)) for ours, theirs in runs]
    name, beside = ("replay", "plain replay") if goal else ("schemathesis", "`schemathesis run`")
    words = f"{words} of a run at {latency} ms of latency"
    return Row(f"suite-{latency}-ms-{what}-{name}", words, beside, unit, pairs, goal or Goal())


def _run(latency: int, words: Sequence[str], codes: tuple[int, ...] = (0,)) -> _Run:
    """Make a run with the Python of this process against a new server, in a folder of its own."""
    app = Counted(create_app(Behaviour(api_key=_KEY)), _KEY)
    with served(_Late(app, latency / 1000)) as url, tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, *(url if word == _URL else word for word in words)]
        made = cost(command, _SECONDS, codes, Path(folder), OPENAI_API_KEY=_KEY)
    return _Run(made.wall, made.cpu, app.requests)
