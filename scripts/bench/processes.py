"""Runs what is measured in processes of its own, which end with the measure, whatever becomes of it.

Seconds of CPU are those of the finished process, as the system counts them. Memory is read from ``/proc``, so it is
measured on Linux alone.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import attrs

ROOT = Path(__file__).parents[2]
_TO_END = 5.0
_PATIENCE = 60.0
_PAUSE = 0.002


class BenchError(Exception):
    """A measure came to nothing; the message says why."""


class SkippedError(Exception):
    """What a section needs is not there; the message says what, in one sentence."""


@attrs.frozen
class Cost:
    """What a process cost: seconds until it ended, and seconds of CPU."""

    wall: float
    cpu: float


def environment(**own: str) -> dict[str, str]:
    """Return an environment that says nothing of a server, a key or a proxy but for what is given.

    What Python compiles is kept for the next process, in a folder that ends with this one, so that after a first time
    nothing is compiled any more, however the machine is set up.
    """
    unwanted = ("OPENAI_", "IMAGES_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    # Ours is the client of this folder, wherever else one is installed.
    paths = os.pathsep.join([str(ROOT), str(ROOT / "generated")])
    fixed = {"PYTHONPATH": paths, "PYTHONPYCACHEPREFIX": _compiled().name, "NO_PROXY": "*", "no_proxy": "*"}
    return {**kept, **fixed, **own}


@cache
def _compiled() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="compiled-")


def cost(command: Sequence[str], seconds: float, codes: tuple[int, ...] = (0,), cwd: Path = ROOT, **own: str) -> Cost:
    """Run a command to its end and say what it cost; raises BenchError if it ends otherwise or not in time.

    No other process that was started here may end meanwhile.
    """
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    _run(command, seconds, codes, cwd, own)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def answer(module: str, arguments: Sequence[object], seconds: float, **own: str) -> Any:  # noqa: ANN401 - JSON of a program of ours
    """Run a module of this package to its end and return what it printed, as JSON; raises BenchError."""
    command = [sys.executable, "-m", f"scripts.bench.{module}", *map(str, arguments)]
    return json.loads(_run(command, seconds, (0,), ROOT, own))


def output(command: Sequence[str], seconds: float) -> str:
    """Run a command to its end and return what it printed; raises BenchError."""
    return _run(command, seconds, (0,), ROOT, {})


def _run(command: Sequence[str], seconds: float, codes: tuple[int, ...], cwd: Path, own: Mapping[str, str]) -> str:
    try:
        made = subprocess.run(  # noqa: S603 - our own words
            command, cwd=cwd, env=environment(**own), capture_output=True, text=True, timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BenchError(f"`{_short(command)}` could not be run: {error}") from error
    if made.returncode not in codes:
        raise BenchError(f"`{_short(command)}` ended with {made.returncode}: {(made.stdout + made.stderr)[-400:]}")
    return made.stdout


def _short(command: Sequence[str]) -> str:
    return " ".join(Path(word).name if word.startswith("/") else word for word in command)[:120]


@contextmanager
def started(
    command: Sequence[str], ready: Callable[[], bool], log: Path, cwd: Path = ROOT, **own: str
) -> Generator[subprocess.Popen[bytes]]:
    """Start a server, wait until it is ready, yield its process and end it; raises BenchError if it doesn't start."""
    with log.open("wb") as written:
        process = subprocess.Popen(command, cwd=cwd, env=environment(**own), stdout=written, stderr=written)  # noqa: S603 - our own words
        try:
            until = time.monotonic() + _PATIENCE
            while not ready():
                if process.poll() is not None or time.monotonic() > until:
                    said = log.read_text("utf-8", "replace")[-400:]
                    raise BenchError(f"`{_short(command)}` did not start: {said}")
                time.sleep(_PAUSE)
            yield process
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process, and if it does not go, kill it."""
    process.terminate()
    try:
        process.wait(_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def memory(pid: int) -> float:
    """Return the megabytes that a process and those that it started hold in memory."""
    folder = Path("/proc") / str(pid)
    children = [int(child) for file in folder.glob("task/*/children") for child in file.read_text().split()]
    return _megabytes(folder, "VmRSS") + sum(map(memory, children))


def peak() -> float:
    """Return the megabytes that this process held at most; what it was started by does not count."""
    return _megabytes(Path("/proc/self"), "VmHWM")


def _megabytes(folder: Path, name: str) -> float:
    lines = (line.split() for line in (folder / "status").read_text().splitlines())
    return next(int(line[1]) for line in lines if line[0] == f"{name}:") / 1024
