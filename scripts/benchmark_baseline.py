"""Measures the suite beside ``schemathesis run``, both with default settings, on the same mutants and correct servers.

Both see the same servers, Schemathesis over loopback and the suite in process, and are given the key that they ask for;
a server that asks for none is made to, since Schemathesis takes it for faulty otherwise. The mutants are every n-th of
all, those that no rule can tell from a correct server included. A mutant counts as found by Schemathesis if an
operation fails a check that the same operation of the reference does not fail; by the suite, if a rule fails, be it
advice. The correct servers are every m-th of those that run in process and need no settings. One counts as accused if
anything fails, for the suite anything but advice. Requests and images are counted where the server gets and makes them;
that an image is fetched is no request.

Run it as ``python -m scripts.benchmark_baseline``; it prints the sample and one table in Markdown.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
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
from scripts.serving import Counted, served

_SECONDS = 120


@attrs.define
class Tally:
    """How one tool did: mutants found, correct servers accused, and what it had the correct servers do."""

    found: int = 0
    accused: int = 0
    requests: int = 0
    images: int = 0


def schemathesis(app: ASGIApp) -> frozenset[tuple[str, str]]:
    """Run Schemathesis against a server and return the operations with the checks that they failed."""
    with served(app) as url, tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "junit.xml"
        command = [str(Path(sys.executable).with_name("schemathesis")), "run", str(CONTRACT), "--url", url]
        command += ["--seed", "1", "--report", "junit", "--report-junit-path", str(report)]
        command += ["-H", f"Authorization: Bearer {KEY}"]
        subprocess.run(command, cwd=folder, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - our own words
        cases = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314 - written by the process just run
    return frozenset(
        (case.get("name", ""), code)
        for case in cases
        for failure in case.iter("failure")
        for code in failure.get("message", "").split(", ")
    )


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


def main() -> None:
    """Measure both and print the sample and the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=29, help="try every n-th mutant (default 29)")
    parser.add_argument("--correct-every", type=int, default=8, help="try every n-th correct server (default 8)")
    given = parser.parse_args()
    mutants, correct = list(catalogue.mutants().values()), _correct()
    sample, servers = mutants[:: given.every], correct[:: given.correct_every]
    ours, theirs = Tally(), Tally()
    failures = [_on_correct(app, ours, theirs) for app in servers]
    for mutant in sample:
        finding = try_by_default(_as_served(mutant), KEY)
        ours.found += bool(finding.killers)
        theirs.found += bool(schemathesis(_as_served(mutant)) - failures[0])
    listed = sum(survivors.reason(survivors.survivors(), mutant.id) is not None for mutant in sample)
    out = sys.stdout.write
    out(f"The sample: every {given.every}th of all {len(mutants)} mutants, {listed} of which no rule can tell from a ")
    out(f"correct server, and every {given.correct_every}th of {len(correct)} correct servers.\n\n")
    out("| tool, with default settings | faulty servers found | correct servers accused | requests | images |\n")
    out("| --- | --- | --- | --- | --- |\n")
    for name, tally in (("this suite", ours), ("`schemathesis run`", theirs)):
        found = f"{tally.found} of {len(sample)} ({tally.found / len(sample):.0%})"
        sent = f"{tally.requests / len(servers):.0f} | {tally.images / len(servers):.0f}"
        out(f"| {name} | {found} | {tally.accused} of {len(servers)} | {sent} |\n")


def _as_served(mutant: Mutant) -> Counted:
    """Return a mutant as both tools see it: one that asks for no key of its own is made to."""
    return Counted(mutant.make(), KEY if mutant.key is None else None)


def _on_correct(app: ASGIApp, ours: Tally, theirs: Tally) -> frozenset[tuple[str, str]]:
    """Try both tools on a correct server and return what Schemathesis says of it."""
    seen = Counted(app, KEY)
    finding = try_by_default(seen, KEY)
    ours.accused += bool(finding.failed or finding.broken)
    ours.requests, ours.images = ours.requests + seen.requests, ours.images + seen.images
    seen = Counted(app, KEY)
    failures = schemathesis(seen)
    theirs.accused += bool(failures)
    theirs.requests, theirs.images = theirs.requests + seen.requests, theirs.images + seen.images
    return failures


if __name__ == "__main__":
    main()
