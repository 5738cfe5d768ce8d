"""A run that is interrupted sends nothing more, is judged by what came, and says plainly that it is not whole."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve

from conformance import CONTRACT
from conformance.__main__ import main
from conformance.mutants import catalogue
from conformance.mutants.measure.trial import Network
from conformance.reference import Behaviour, create_app
from conformance.selftest.suite.loopback import Received, Reply, Server, serving
from conformance.selftest.suite.runs import KEY, by_rule, outcomes, page, prepared, prepared_for, run_on, settings
from conformance.suite import run
from conformance.suite.exchange import recording
from conformance.suite.images import IMAGES
from conformance.suite.report import pages, record, report
from conformance.suite.report.report import Result
from conformance.suite.sending.ending import Ending
from conformance.suite.settings import Settings

CHOSEN = settings(
    *(f"createImage/{some}" for some in ("n/*", "property/*", "response/created/*", "stable")), examples=1
)
ONLY = ("--only", ",".join(CHOSEN.only), "--examples", "1")


class Cutting(httpx.AsyncBaseTransport):
    """A server during whose answer to the request of this number the run is interrupted; it never answers that."""

    def __init__(self, server: httpx.AsyncBaseTransport, at: int) -> None:
        """Take the server that answers the others."""
        self.server = server
        self.at = at
        self.ending = Ending()
        self.received = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.received += request.method == "POST"
        if request.method == "POST" and self.received >= self.at:
            self.ending.interrupt()
            await asyncio.Event().wait()
        return await self.server.handle_async_request(request)


def reference() -> httpx.AsyncBaseTransport:
    return httpx.ASGITransport(create_app(Behaviour(api_key=KEY)))


def interrupted(server: httpx.AsyncBaseTransport, at: int, chosen: Settings, record: Path | None = None) -> Result:
    """Interrupt a run during a request."""
    cutting = Cutting(server, at)
    one = evolve(chosen, limits=evolve(chosen.limits, concurrency=1))
    made = asyncio.run(
        run.run(one, prepared(one.only, one.model), transport=cutting, record=record, ending=cutting.ending)
    )
    assert cutting.received == at
    return made


@cache
def whole() -> Result:
    return run_on(reference(), CHOSEN)


PLANNED = 8
RANDOM = -2
"""Counted from the end: the last requests are random ones."""


@pytest.mark.parametrize("at", [1, PLANNED, RANDOM])
def test_what_was_not_sent_is_not_judged_and_the_rest_as_ever(at: int, tmp_path: Path) -> None:
    number = at if at > 0 else whole().requests + at
    path = tmp_path / "recording.ndjson"
    made = interrupted(reference(), number, CHOSEN, path)
    built = report.build(made)
    assert (built["outcome"], built["complete"], record.exit_code(built)) == ("interrupted", False, 2)
    whole_by_rule = by_rule(whole())
    for rule, verdict in by_rule(made).items():
        if verdict.outcome is not whole_by_rule[rule].outcome:
            assert verdict.outcome == "blocked", rule
            assert "interrupted" in verdict.message, rule
    assert outcomes(made)["createImage/property/valid"] == "blocked"
    kept = recording.read(path, IMAGES.contents)
    assert kept == made.recording
    assert run.result_of(made.settings, prepared_for(made), kept).verdicts == made.verdicts


@pytest.mark.parametrize("lie", ["createImage/n-ignored"])
def test_an_interruption_while_it_is_sent_again_holds_nothing_against_the_server(lie: str) -> None:
    mutant = catalogue.mutants()[lie]
    chosen = settings(*mutant.only)
    everything = run_on(Network(mutant.make()), chosen)
    assert "fail" in outcomes(everything).values()
    planned = len(everything.recording.exchanges)
    for at in range(planned - 4, everything.requests, 5):
        made = interrupted(Network(mutant.make()), at, chosen)
        for rule, outcome in outcomes(made).items():
            assert {outcome, outcomes(everything)[rule]} not in ({"pass", "fail"}, {"unsupported", "fail"}), (at, rule)


def test_a_long_wait_is_cut_short() -> None:
    ending = Ending()

    def busy(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            asyncio.get_running_loop().call_later(0.01, ending.interrupt)
        return httpx.Response(429 if request.method == "POST" else 200, headers={"retry-after": "3600"})

    chosen = settings("createImage/n/maximum")
    handler = httpx.MockTransport(busy)
    made = asyncio.run(run.run(chosen, prepared(chosen.only, None), transport=handler, ending=ending))
    assert report.build(made)["outcome"] == "interrupted"
    assert made.seconds < 25


def test_no_output_calls_an_interrupted_run_conformant() -> None:
    built = report.build(interrupted(reference(), whole().requests - 1, CHOSEN))
    html = page(built)
    assert re.search(r"<h1 class=.interrupted.>\d+ of \d+ rules judged: interrupted</h1>", html)
    assert "interrupted, " in pages.badge(built)
    assert "conformant" not in html.lower().replace("openai-images-conformance", "")


# Signals, to the command in a process of its own


class Held:
    """The correct server, but that it holds back its answer to the request of this number, and those to later ones."""

    def __init__(self, at: int) -> None:
        """Take the number; ``reached`` says that it came, ``released`` lets the server go on."""
        self.app = reference()
        self.at = at
        self.count = 0
        self.reached, self.released = threading.Event(), threading.Event()

    def __call__(self, received: Received) -> Reply:
        self.count += received.method == "POST"
        if self.count >= self.at:
            self.reached.set()
            self.released.wait(60)
            return Reply(500)
        return asyncio.run(self.answer(received))

    async def answer(self, received: Received) -> Reply:
        headers = {name.lower(): value for name, value in received.headers.items()}
        async with httpx.AsyncClient(transport=self.app, base_url=f"http://{headers['host']}") as client:
            response = await client.request(received.method, received.path, headers=headers, content=received.body)
        return Reply(response.status_code, response.content, {"content-type": response.headers["content-type"]})


def started(server: Server, *arguments: str) -> subprocess.Popen[str]:
    """Start the command against a server."""
    return subprocess.Popen(  # noqa: S603 - this very interpreter, and arguments of the tests
        [sys.executable, "-m", "conformance", server.url, "--concurrency", "1", *arguments],
        env={**os.environ, "PYTHONPATH": str(CONTRACT.parent), "OPENAI_API_KEY": KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_signal_ends_the_sending_and_the_report_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    held = Held(whole().requests + RANDOM)
    with serving(held) as server, started(server, *ONLY) as process:
        assert held.reached.wait(60)
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=60)
        sent = held.count
        held.released.set()
    (said,) = [line for line in errors.splitlines() if line.startswith("images-conformance: ")]
    assert "interrupted" in said
    assert "Traceback" not in errors
    assert (process.returncode, sent) == (2, held.at)
    assert re.search(r"^INTERRUPTED, \d+ of \d+ rules judged", out, re.MULTILINE)
    assert "CONFORMANT" not in out
    written: Any = json.loads(Path("report/report.json").read_bytes())
    assert written["outcome"] == "interrupted"
    assert "(interrupted)" in Path("report/junit.xml").read_text(encoding="utf-8")
    assert main(["--judge", "report/recording.ndjson", "--out", "again", *ONLY]) == 2
    again: Any = json.loads(Path("again/report.json").read_bytes())
    assert (again["outcome"], again["verdicts"]) == ("interrupted", written["verdicts"])


def test_a_second_signal_leaves_at_once_and_keeps_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("report").mkdir()
    os.mkfifo("nobody-reads")
    Path("report/report.json.new").symlink_to("../nobody-reads")  # the report can't be written before somebody reads
    held = Held(PLANNED)
    with serving(held) as server, started(server, *ONLY) as process:
        assert held.reached.wait(60)
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        while "a second time leaves at once" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        held.released.set()
    assert process.returncode == 2
    assert errors.strip() == "images-conformance: left at once; what was exchanged so far is in the recording."
    kept = recording.read(Path("report/recording.ndjson"), IMAGES.contents)
    assert len([one for one in kept.exchanges.values() if one.answer]) == PLANNED - 1
