"""Whole runs in one process, against the reference server, a lying one, or a server made of one function."""

import asyncio
from collections.abc import Callable
from functools import cache
from pathlib import Path

import attrs
import httpx

from conformance import CONTRACT
from conformance.reference import Behaviour, create_app
from conformance.suite import run
from conformance.suite.contract import document
from conformance.suite.contract.document import Contract
from conformance.suite.contract.operation import Operation
from conformance.suite.exchange.recording import Header, Recording
from conformance.suite.images import IMAGES
from conformance.suite.plan import planner
from conformance.suite.plan.plan import Plan
from conformance.suite.report import pages
from conformance.suite.report.record import Report
from conformance.suite.report.report import Result
from conformance.suite.rules.catalogue import all_rules
from conformance.suite.rules.rule import Level, Rule, select
from conformance.suite.settings import Limits, Settings, Target
from conformance.suite.verdicts.verdict import Verdict

KEY = "sk-selftest-0123456789abcdef"
URL = "http://reference.test/v1"
TARGET = Target(URL, KEY)


@cache
def contract() -> Contract:
    """Read the contract once."""
    return document.load(CONTRACT)


@cache
def rules() -> tuple[Rule, ...]:
    """List the rules once."""
    return all_rules(contract(), IMAGES)


@cache
def plan(model: str | None = None) -> Plan:
    """Plan everything once, as for a server that wants a key."""
    return planner.make(contract(), IMAGES, rules(), model, key=True)


def operation(name: str = "createImage") -> Operation:
    """Return an operation of the contract."""
    return contract().operations[name]


def settings(*only: str, examples: int = 0, limits: Limits | None = None, model: str | None = None) -> Settings:
    """Return settings for a run against a server in this process that wants the key."""
    return Settings(TARGET, model=model, only=only, limits=limits or Limits(), examples=examples)


@cache
def prepared(only: tuple[str, ...], model: str | None) -> run.Prepared:
    """Prepare a run as ``run.prepare`` does, reading the contract but once."""
    chosen = select(rules(), only, Level.ADVICE)
    made = planner.make(contract(), IMAGES, chosen, model, key=True)
    return run.Prepared(contract(), IMAGES, chosen, made)


def prepared_for(result: Result) -> run.Prepared:
    """Return what a run was about; it is planned the same way every time."""
    return prepared(result.settings.only, result.settings.model)


def run_on(
    server: Behaviour | httpx.AsyncBaseTransport | None, chosen: Settings | None = None, record: Path | None = None
) -> Result:
    """Make a run against the reference server with this behaviour, a transport, or else the target of the settings."""
    chosen = chosen or settings()
    if isinstance(server, Behaviour):
        server = httpx.ASGITransport(create_app(attrs.evolve(server, api_key=KEY)))
    return asyncio.run(run.run(chosen, prepared(chosen.only, chosen.model), transport=server, record=record))


def always(respond: Callable[[httpx.Request], httpx.Response]) -> httpx.MockTransport:
    """Make a server of one function."""
    return httpx.MockTransport(respond)


def status(code: int, **headers: str) -> httpx.MockTransport:
    """Make a server that answers everything with this status."""
    error = {"message": "No.", "type": "invalid_request_error", "param": None, "code": None}
    return always(lambda _: httpx.Response(code, headers=headers, json={"error": error}))


class Sequence:
    """Answers with one response after the other, the last one for ever, and remembers the requests."""

    def __init__(self, *responses: httpx.Response) -> None:
        """Take the responses in their order."""
        self.responses = list(responses)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]


@cache
def correct() -> Result:
    """Make one whole planned run against the correct server."""
    return run_on(Behaviour())


def by_rule(result: Result) -> dict[str, Verdict]:
    """Return the verdicts by the id of their rule."""
    return {verdict.rule.id: verdict for verdict in result.verdicts}


def outcomes(result: Result) -> dict[str, str]:
    """Return the outcome of each rule."""
    return {verdict.rule.id: verdict.outcome.value for verdict in result.verdicts}


def page(built: Report, recording: Recording | None = None) -> str:
    """Return the page of a report, by default without the exchanges that it rests on."""
    header = Header(URL, None, {}, key_used=True, started=0.0, contract_sha256="")
    header = Header(URL, None, {}, key_used=True, started=0.0, contract_sha256="")
    return pages.html(built, recording or Recording(header, {}), prepared((), None))
