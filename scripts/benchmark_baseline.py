"""Measures the suite beside ``schemathesis run`` with default settings, on the same mutants and benign servers.

Both see the same servers over loopback or in process, all of them asking for a key, since Schemathesis takes a server
without one for faulty. A mutant counts as killed by Schemathesis if an operation fails a check that the same operation
of the reference does not fail; a false alarm is any failure on the reference or on a benign server. The suite counts as
usual: a mutant is killed if a rule fails. Every mutant whose turn comes up in ``--every`` is tried.

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
import uvicorn
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance import CONTRACT
from conformance.mutants.catalogue import mutants
from conformance.mutants.mutant import Mutant
from conformance.mutants.trial import try_mutant
from conformance.reference import Behaviour, create_app

_KEY = "sk-baseline-0123456789"
_SECONDS = 120


@attrs.frozen
class Tally:
    """How one tool did: mutants killed, mutants tried, false alarms on the reference, and requests for each server."""

    killed: int
    tried: int
    alarms: int
    requests: float


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


def _suite_requests() -> int:
    """Return how many requests the planned suite sends to the reference."""
    counted = Guarded(create_app(Behaviour()))
    keyed = Mutant("reference", "none", lambda: counted, (), key=_KEY)
    finding = try_mutant(keyed)
    if finding.failed or finding.broken:
        raise SystemExit(f"the suite accuses the reference: {finding.failed + finding.broken}")
    return counted.requests


def main() -> None:
    """Measure both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=8, help="try every n-th mutant (default 8)")
    every = parser.parse_args().every
    sample = list(mutants().values())[::every]
    on_reference, requests = schemathesis(create_app(Behaviour()))
    ours = theirs = sent = 0
    for mutant in sample:
        ours += bool(try_mutant(mutant).killers)
        failures, count = schemathesis(mutant.make())
        theirs += bool(failures - on_reference)
        sent += count
    rows = {
        "this suite": Tally(ours, len(sample), 0, _suite_requests()),
        "schemathesis run": Tally(theirs, len(sample), len(on_reference), (sent + requests) / (len(sample) + 1)),
    }
    sys.stdout.write(
        "| tool | mutants killed | false alarms on the reference | requests for a server |\n| --- | --- | --- | --- |\n"
    )
    for name, tally in rows.items():
        share = f"{tally.killed} of {tally.tried} ({tally.killed / tally.tried:.0%})"
        sys.stdout.write(f"| {name} | {share} | {tally.alarms} | {tally.requests:.0f} |\n")


if __name__ == "__main__":
    main()
