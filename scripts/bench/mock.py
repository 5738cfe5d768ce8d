"""The mock beside Prism and aimock, which npm fetches: how fast they start and answer, and what memory they hold then.

Each way is measured in a process of its own: with the log as it is by default or switched off, with URLs or images in
the answers. aimock answers what its fixture says, and Prism the example in the contract; only the mock draws what it is
asked for.
"""

from __future__ import annotations

import base64
import io
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import attrs
from PIL import Image

from conformance import CONTRACT
from scripts.bench import load
from scripts.bench.page import Section
from scripts.bench.processes import BenchError, SkippedError, answer, free_port, memory, output, started
from scripts.bench.table import Goal, Row

_FOLDER = Path(__file__).parent
_PRISM, _AIMOCK = "@stoplight/prism-cli", "@copilotkit/aimock"
_NAMES: Final = {"prism": "Prism", "aimock": "aimock"}
_FORMATS, _PROMPTS = ("url", "b64_json"), ("equal", "new")
_WAYS = (("url", False), ("url", True), ("b64_json", False), ("b64_json", True))
"""In which format of answers, and whether with the log off; the first is also how start and memory are measured."""
_SECONDS, _LIMIT, _FETCHING = 1.0, 60.0, 300.0
_START, _MEMORY = "start", "memory"
_GOALS: Final = {
    _START: Goal(most=0.4),
    "url-new": Goal(least=3.0),
    "b64_json-new": Goal(least=1.5),
    "b64_json-equal": Goal(least=1.5),
}
"""What is aimed at beside Prism."""
_Figures: TypeAlias = dict[tuple[str, bool], float]
"""By what was measured, and whether the log was off."""


@attrs.frozen
class _Server:
    """A server: its path for generations, and its command for a port, a format of answers, and no log."""

    path: str
    command: Callable[[int, str, bool], list[str]]


def measure(rounds: int, *, quick: bool) -> Section:
    """Measure all three; raises SkippedError where npm can't fetch the others."""
    _fetch()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        servers = _servers(folder)
        for server in servers.values():  # the first start of all, which reads from the disk and compiles
            with _started(server, folder, "url", quiet=True):
                pass
        made = [
            {who: _figures(server, folder, 0.1 if quick else _SECONDS) for who, server in servers.items()}
            for _ in range(rounds)
        ]
    rows = [_row(made, who, what, quiet=quiet) for who in _NAMES for what, quiet in made[0]["mock"]]
    versions = {"node": output(["node", "--version"], _LIMIT).strip()}
    return Section(rows, {**versions, **{name: _version(name) for name in (_PRISM, _AIMOCK)}})


def _fetch() -> None:
    """Let npm fetch what package-lock.json names, if it is not there."""
    lock, done = _FOLDER / "package-lock.json", _FOLDER / "node_modules" / ".package-lock.json"
    if done.exists() and done.stat().st_mtime >= lock.stat().st_mtime:
        return
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise SkippedError("the mock was not measured: Prism and aimock need npm, which is not installed.")
    command = [npm, "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        subprocess.run(command, cwd=_FOLDER, capture_output=True, timeout=_FETCHING, check=True)  # noqa: S603 - our own words
    except (subprocess.SubprocessError, OSError) as error:
        raise SkippedError("the mock was not measured: npm could not fetch Prism and aimock.") from error


def _version(package: str) -> str:
    return str(json.loads((_FOLDER / "node_modules" / package / "package.json").read_text())["version"])


def _servers(folder: Path) -> Mapping[str, _Server]:
    """Return the three servers; those that need a file find it in the folder."""
    for response_format in _FORMATS:
        fixture = {"match": {"endpoint": "image"}, "response": {"image": _image(response_format)}}
        (folder / f"{response_format}.json").write_text(json.dumps({"fixtures": [fixture]}))
    modules, quiet_flag = _FOLDER / "node_modules", ["--quiet"] if _can_be_quiet() else []

    def ours(port: int, _: str, quiet: bool) -> list[str]:  # noqa: FBT001 - as the record has it
        return [sys.executable, "-m", "conformance.mock", "--port", str(port), *(quiet_flag if quiet else [])]

    def prism(port: int, _: str, quiet: bool) -> list[str]:  # noqa: FBT001 - as the record has it
        command = ["node", str(modules / _PRISM / "dist" / "index.js"), "mock", str(CONTRACT)]
        return [*command, "-h", "127.0.0.1", "-p", str(port), *(["-v", "silent"] if quiet else [])]

    def aimock(port: int, response_format: str, quiet: bool) -> list[str]:  # noqa: FBT001 - as the record has it
        command = ["node", str(modules / _AIMOCK / "dist" / "cli.js"), "-f", str(folder / f"{response_format}.json")]
        return [*command, "-h", "127.0.0.1", "-p", str(port), *(["--log-level", "silent"] if quiet else [])]

    generations = "/v1/images/generations"
    return {
        "mock": _Server(generations, ours),
        "prism": _Server("/images/generations", prism),
        "aimock": _Server(generations, aimock),
    }


def _can_be_quiet() -> bool:
    return "--quiet" in output([sys.executable, "-m", "conformance.mock", "--help"], _LIMIT)


def _image(response_format: str) -> dict[str, str]:
    """Return what a fixture says: the URL of an image, or one of 256x256 pixels."""
    if response_format == "url":
        return {"url": "http://127.0.0.1:1/otter.png"}
    file = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(file, "PNG")
    return {"b64_json": base64.b64encode(file.getvalue()).decode()}


def _figures(server: _Server, folder: Path, seconds: float) -> _Figures:
    """Measure a server in every way."""
    made: _Figures = {}
    for response_format, quiet in _WAYS:
        began = time.perf_counter()
        with _started(server, folder, response_format, quiet=quiet) as (port, process):
            if (response_format, quiet) == _WAYS[0]:
                made[_START, quiet] = 1000 * (time.perf_counter() - began)
            for prompts in _PROMPTS:
                found = answer("load", [port, server.path, response_format, prompts, seconds], _LIMIT)
                if found["wrong"]:
                    raise BenchError(f"POST {server.path} was answered with {found['wrong']}")
                made[f"{response_format}-{prompts}", quiet] = found["rate"]
            if (response_format, quiet) == _WAYS[0]:
                made[_MEMORY, quiet] = memory(process.pid)
    return made


@contextmanager
def _started(
    server: _Server, folder: Path, response_format: str, *, quiet: bool
) -> Generator[tuple[int, subprocess.Popen[bytes]]]:
    """Start a server and yield its port and process as soon as it answers."""
    port = free_port()
    ready = partial(_answers, port, load.request(server.path, response_format, "first"))
    with started(server.command(port, response_format, quiet), ready, folder / "log", folder) as process:
        yield port, process


def _answers(port: int, request: bytes) -> bool:
    """Whether a server answers a request with 200."""
    try:
        with socket.create_connection(("127.0.0.1", port), _LIMIT) as connection:
            connection.sendall(request)
            return connection.recv(12) == b"HTTP/1.1 200"
    except OSError:
        return False


def _row(made: Sequence[Mapping[str, _Figures]], who: str, what: str, *, quiet: bool) -> Row:
    """Return the row about one measure of ours and of another server."""
    kinds = {"equal": "equal requests", "new": "a new prompt each"}
    if what == _START:
        words, unit = "from the start to the first answer", "ms"
    elif what == _MEMORY:
        words, unit = "memory after the requests for URLs", "MB"
    else:
        response_format, _, prompts = what.partition("-")
        log = "log off" if quiet else "as started"
        words, unit = f"`{response_format}`, {kinds[prompts]}, {log}", "requests/s"
    anchor = f"mock-{who}-{what.replace('_', '-')}{'-quiet' if quiet else ''}"
    goal = _GOALS.get(what, Goal()) if who == "prism" else Goal()
    pairs = [(one["mock"][what, quiet], one[who][what, quiet]) for one in made]
    return Row(anchor, words, _NAMES[who], unit, pairs, goal)
