"""Measures the suite beside ``schemathesis run`` with default settings, on the same mutants and correct servers.

Both see the same servers, Schemathesis over loopback and the suite in process. For Schemathesis all of them ask for a
key, since it takes a server without one for faulty. A mutant counts as killed by Schemathesis if an operation fails a
check that the same operation of the reference does not fail; by the suite, if a rule fails. A correct server counts as
accused if anything fails, for the suite anything but advice. The mutants are every n-th of those that can be told from
the reference at all, the correct servers every m-th of those that run in process under the documented models.

Run it as ``python -m scripts.benchmark_baseline``; it prints one table in Markdown.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import attrs
import httpx
import uvicorn
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance import CONTRACT
from conformance.mutants import catalogue
from conformance.mutants.measure import survivors
from conformance.mutants.measure.trial import try_mutant
from conformance.mutants.mutant import Mutant

_KEY = "sk-baseline-0123456789"
_SECONDS = 120


@attrs.define
class Tally:
    """How one tool did: mutants killed, correct servers accused, and requests sent to correct servers."""

    killed: int = 0
    accused: int = 0
    requests: int = 0


@attrs.define
class Guarded:
    """Wraps a server so that it asks for a key, and counts its requests."""

    app: ASGIApp
    requests: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it with 401."""
        if scope["type"] != "http":
            return
        is_operation = scope["method"] != "GET" or "/files/" not in scope["path"]
        self.requests += is_operation
        given = dict(scope["headers"]).get(b"authorization")
        if is_operation and given != f"Bearer {_KEY}".encode():
            error = {
                "message": "No such key.",
                "type": "invalid_request_error",
                "param": None,
                "code": "invalid_api_key",
            }
            await JSONResponse({"error": error}, 401)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


@contextmanager
def served(app: ASGIApp) -> Generator[str]:
    """Serve an application on a free loopback port and yield its base URL."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.should_exit = True
        thread.join()


def schemathesis(app: ASGIApp) -> tuple[frozenset[tuple[str, str]], int]:
    """Run Schemathesis against a server: the operations with the checks that they failed, and how many requests."""
    guarded = Guarded(app)
    with served(guarded) as url, tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "junit.xml"
        command = [str(Path(sys.executable).with_name("schemathesis")), "run", str(CONTRACT), "--url", url]
        command += ["--seed", "1", "--report", "junit", "--report-junit-path", str(report)]
        command += ["-H", f"Authorization: Bearer {_KEY}"]
        subprocess.run(command, cwd=folder, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - our own words
        cases = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314 - written by the process just run
    failures = {
        (case.get("name", ""), code)
        for case in cases
        for failure in case.iter("failure")
        for code in failure.get("message", "").split(", ")
    }
    return frozenset(failures), guarded.requests


def _correct(every: int) -> list[ASGIApp]:
    """Return every n-th correct server that runs in process and needs no settings, the reference first."""
    apps: list[ASGIApp] = []
    for server in catalogue.benign_servers().values():
        if server.key or server.model or server.models or server.only:
            continue
        with server.serve() as (_, transport):
            if isinstance(transport, httpx.ASGITransport):
                apps.append(transport.app)
    return apps[::every]


def _accuses(app: ASGIApp, tally: Tally) -> bool:
    """Whether the suite accuses a correct server."""
    guarded = Guarded(app)
    finding = try_mutant(Mutant("correct", "none", lambda: guarded, (), key=_KEY))
    tally.requests += guarded.requests
    return bool(finding.failed or finding.broken)


def main() -> None:
    """Measure both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=20, help="try every n-th mutant (default 20)")
    parser.add_argument("--correct-every", type=int, default=8, help="try every n-th correct server (default 8)")
    given = parser.parse_args()
    known = survivors.survivors()
    sample = [one for id_, one in catalogue.mutants().items() if survivors.reason(known, id_) is None][:: given.every]
    correct = _correct(given.correct_every)
    ours, theirs = Tally(), Tally()
    on_reference: frozenset[tuple[str, str]] | None = None
    for app in correct:
        failures, requests = schemathesis(app)
        on_reference = failures if on_reference is None else on_reference
        theirs.accused += bool(failures)
        theirs.requests += requests
        ours.accused += _accuses(app, ours)
    for mutant in sample:
        ours.killed += bool(try_mutant(mutant).killers)
        theirs.killed += bool(schemathesis(mutant.make())[0] - (on_reference or frozenset()))
    out = sys.stdout.write
    out("| tool | faulty servers found | correct servers accused | requests to a correct server |\n")
    out("| --- | --- | --- | --- |\n")
    for name, tally in (("this suite", ours), ("`schemathesis run`", theirs)):
        killed = f"{tally.killed} of {len(sample)} ({tally.killed / len(sample):.0%})"
        out(f"| {name} | {killed} | {tally.accused} of {len(correct)} | {tally.requests / len(correct):.0f} |\n")


if __name__ == "__main__":
    main()
