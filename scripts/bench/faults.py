"""What the suite finds beside ``schemathesis run``, both with default settings, on the same faulty and correct servers.

Both see the same servers, Schemathesis over loopback and the suite in process, and are given the key that they ask for;
a server that asks for none is made to, since Schemathesis takes it for faulty otherwise. The mutants are every n-th of
all, those that no rule can tell from a correct server included. A mutant counts as found by Schemathesis if an
operation fails a check that the same operation of the reference does not fail; by the suite, if a rule fails, be it
advice. The correct servers are every m-th of those that run in process and need no settings. One counts as accused if
anything fails, for the suite anything but advice. Requests and images are counted where the server gets and makes them;
that an image is fetched is no request.

Nothing of it is a matter of time, so each is tried once, and as many at once as there are cores.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree as ET

import attrs
import httpx
from starlette.types import ASGIApp

from conformance import CONTRACT
from conformance.mutants import catalogue
from conformance.mutants.measure import survivors
from conformance.mutants.measure.trial import try_by_default
from conformance.mutants.mutant import KEY, Mutant
from scripts.bench.page import Section, installed
from scripts.bench.processes import BenchError, environment
from scripts.bench.table import Row
from scripts.serving import Counted, served

_EVERY, _CORRECT_EVERY = 29, 8
_QUICK = 25
"""How many times fewer servers a smoke test tries."""
_SECONDS = 180


@attrs.frozen
class _Trial:
    """What one tool did to one server: what it found there, and what it had the server do."""

    found: frozenset[tuple[str, str]]
    requests: int
    images: int


def measure(rounds: int, *, quick: bool) -> Section:
    """Try both on a sample; more rounds would give the same."""
    del rounds
    every, correct_every = (_EVERY * _QUICK, _CORRECT_EVERY * _QUICK) if quick else (_EVERY, _CORRECT_EVERY)
    mutants, correct = list(catalogue.mutants().values()), _correct()
    sample, servers = mutants[::every], correct[::correct_every]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        on_correct = list(pool.map(_schemathesis, [Counted(app, KEY) for app in servers]))
        on_mutants = list(pool.map(_schemathesis, map(_as_served, sample)))
    ours_correct = [_suite(Counted(app, KEY)) for app in servers]
    ours_mutants = [_suite(_as_served(mutant), advice=True) for mutant in sample]

    ours = float(sum(bool(one.found) for one in ours_mutants))
    theirs = float(sum(bool(one.found - on_correct[0].found) for one in on_mutants))
    of = f"{len(sample)} faulty servers"
    sent = [sum(one.requests for one in trials) / 1000 for trials in (ours_mutants, on_mutants)]
    beside = "`schemathesis run`"
    rows = [
        Row("faults-found", f"found of {of}", beside, "", [(ours, theirs)]),
        Row("faults-by-request", "found by 1000 requests", beside, "", [(ours / sent[0], theirs / sent[1])]),
    ]
    for what in ("requests", "images"):
        mean = [sum(getattr(one, what) for one in trials) / len(servers) for trials in (ours_correct, on_correct)]
        rows.append(Row(f"faults-{what}", f"{what} on a correct server", beside, "", [(mean[0], mean[1])]))
    listed = sum(survivors.reason(survivors.survivors(), mutant.id) is not None for mutant in sample)
    accused, accused_theirs = (sum(bool(one.found) for one in trials) for trials in (ours_correct, on_correct))
    note = (
        f"The sample is every {every}th of all {len(mutants)} mutants, {listed} of which no rule can tell from a "
        f"correct server, and every {correct_every}th of {len(correct)} correct servers. Of the {len(servers)} correct "
        f"ones the suite accuses {accused}, `schemathesis run` {accused_theirs}."
    )
    return Section(rows, installed("schemathesis"), (note,))


def _suite(app: Counted, *, advice: bool = False) -> _Trial:
    """Run the suite against a server; what is advice counts if that is wanted."""
    finding = try_by_default(app, KEY)
    found = (*finding.failed, *finding.broken, *(finding.advised if advice else ()))
    return _Trial(frozenset((rule, "") for rule in found), app.requests, app.images)


def _schemathesis(app: Counted) -> _Trial:
    """Run Schemathesis against a server; found are the operations with the checks that they failed."""
    with served(app) as url, tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "junit.xml"
        command = [str(Path(sys.executable).with_name("schemathesis")), "run", str(CONTRACT), "--url", url]
        command += ["--seed", "1", "--report", "junit", "--report-junit-path", str(report)]
        command += ["-H", f"Authorization: Bearer {KEY}"]
        try:
            subprocess.run(command, cwd=folder, env=environment(), capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - our own words
            cases = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314 - written by the process just run
        except (subprocess.SubprocessError, OSError, ET.ParseError) as error:
            raise BenchError(f"`schemathesis run` came to nothing: {error}") from error
    found = frozenset(
        (case.get("name", ""), code)
        for case in cases
        for failure in case.iter("failure")
        for code in failure.get("message", "").split(", ")
    )
    return _Trial(found, app.requests, app.images)


def _correct() -> list[ASGIApp]:
    """Return every correct server that runs in process and needs no settings, the reference first."""
    apps: list[ASGIApp] = []
    for server in catalogue.benign_servers().values():
        if server.key or server.model or server.models or server.only:
            continue
        with server.serve() as (_, transport):
            if isinstance(transport, httpx.ASGITransport):
                apps.append(transport.app)
    return apps


def _as_served(mutant: Mutant) -> Counted:
    """Return a mutant as both tools see it: one that asks for no key of its own is made to."""
    return Counted(mutant.make(), KEY if mutant.key is None else None)
