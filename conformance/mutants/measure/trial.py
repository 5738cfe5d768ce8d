"""Runs the suite against one server in this process and says what it found."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from itertools import product
from typing import Any, cast

import attrs
import httpx
from starlette.types import ASGIApp

from conformance.mutants.mutant import NEVER_ANSWERED, Benign, Mutant
from conformance.suite import run
from conformance.suite.images import IMAGES
from conformance.suite.report.causes import causes
from conformance.suite.report.report import Result
from conformance.suite.rules.rule import Level
from conformance.suite.settings import Limits, Settings, Target
from conformance.suite.verdicts.verdict import Outcome

URL = "http://reference.test/v1"
BY_DEFAULT = Settings(Target(URL)).examples
"""Random requests for each operation in a run of which nothing is said."""
_LIMITS = Limits(seconds=20, attempts=2)


@attrs.frozen
class Sent:
    """How many requests were made, repeated ones too, and the images that the valid ones asked for."""

    requests: int = 0
    images: int = 0


_NOTHING = Sent()


@attrs.frozen
class Finding:
    """What the suite said of one server: the failed rules by level, the broken ones, and how many passed.

    ``causes`` are the sentences that explain the failures, and ``unclear`` the core rules that the server kept from
    being decided. ``examples`` is the number of random requests for each operation without which nothing would have
    failed, 0 if the planned ones alone show it.
    ``planned`` and ``random`` are what was sent.
    """

    failed: tuple[str, ...] = ()
    advised: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    passed: int = 0
    causes: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    could_not_run: str = ""
    examples: int = 0
    planned: Sent = _NOTHING
    random: Sent = _NOTHING

    @property
    def killers(self) -> tuple[str, ...]:
        """Every rule that failed."""
        return (*self.failed, *self.advised)

    def fitting(self, patterns: Sequence[str]) -> tuple[str, ...]:
        """Return the failed rules that match one of the patterns."""
        return tuple(rule for rule in self.killers if matches(rule, patterns))

    def unrelated(self, patterns: Sequence[str]) -> tuple[str, ...]:
        """Return the failed core and strict rules that match none of the patterns."""
        return tuple(rule for rule in self.failed if not matches(rule, patterns))


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether a name matches one of the patterns."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


@cache
def rules() -> tuple[str, ...]:
    """Return the id of every rule."""
    return tuple(rule.id for rule in _prepared(Settings(Target(URL, key="key"))).rules)


def try_mutant(mutant: Mutant) -> Finding:
    """Run the suite against a mutant, with one model after the other until a rule fails."""
    finding = Finding()
    # What random requests are to find may be found by as many as a run has by default.
    for model, examples in product(mutant.models, (BY_DEFAULT, mutant.examples) if mutant.examples else (0,)):
        settings = Settings(
            Target(URL, key=mutant.key),
            model=model,
            sizes=mutant.sizes,
            only=mutant.only,
            limits=_LIMITS,
            examples=examples,
        )
        finding = _try(settings, Network(mutant.make()))
        if finding.killers:
            break
    return finding


def try_by_default(app: ASGIApp, key: str) -> Finding:
    """Run the suite against an application as a user does who sets nothing but the key."""
    return _try(Settings(Target(URL, key=key)), Network(app))


def try_benign(benign: Benign) -> Finding:
    """Run the suite against a correct server."""
    with benign.serve() as (url, transport):
        settings = Settings(
            Target(url, key=benign.key, headers=dict(benign.headers)),
            model=benign.model,
            models=dict(benign.models),
            sizes=benign.sizes,
            only=benign.only,
            limits=_LIMITS,
        )
        return _try(settings, transport)


class Network(httpx.AsyncBaseTransport):
    """Stands in for the network: every host is the server, but for those that can't exist (RFC 2606, section 2)."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the application that is the server."""
        self._server = httpx.ASGITransport(app, raise_app_exceptions=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Hand a request to the server; raises what the HTTP library would if there is none, or no answer."""
        if request.url.host.endswith(".invalid"):
            raise httpx.ConnectError("Name or service not known", request=request)
        response = await self._server.handle_async_request(request)
        if response.status_code == NEVER_ANSWERED:
            raise httpx.ReadError("the connection was closed", request=request)
        return response


@lru_cache(maxsize=64)
def _prepared(settings: Settings) -> run.Prepared:
    return run.prepare(settings, IMAGES)


def _try(settings: Settings, transport: Any) -> Finding:  # noqa: ANN401 - a transport of httpx, or None for the network
    plain = attrs.evolve(settings, target=Target(URL, key="key" if settings.target.key else None))
    try:
        result = asyncio.run(run.run(settings, _prepared(plain), transport=transport))
    except run.CouldNotRun as reason:
        return Finding(could_not_run=str(reason))
    except Exception as error:  # noqa: BLE001 - no server may make the suite itself fall over
        return Finding(broken=(f"the run itself: {_cause(error)}",))
    by_outcome = {
        outcome: [verdict.rule for verdict in result.verdicts if verdict.outcome is outcome] for outcome in Outcome
    }
    failed = by_outcome[Outcome.FAIL]
    return Finding(
        failed=tuple(rule.id for rule in failed if rule.level is not Level.ADVICE),
        advised=tuple(rule.id for rule in failed if rule.level is Level.ADVICE),
        broken=tuple(rule.id for rule in by_outcome[Outcome.BROKEN]),
        passed=len(by_outcome[Outcome.PASS]),
        causes=tuple(cause.title for cause in causes(result.verdicts, result.recording.exchanges)),
        unclear=tuple(rule.id for rule in by_outcome[Outcome.BLOCKED] if rule.level is Level.CORE),
        examples=settings.examples if failed and not _fails_as_planned(result) else 0,
        planned=_sent(result, random=False),
        random=_sent(result, random=True),
    )


def _fails_as_planned(result: Result) -> bool:
    """Whether a rule fails without the random requests too."""
    exchanges = result.recording.exchanges
    if not any(exchange.random for exchange in exchanges.values()):
        return True
    planned = attrs.evolve(result.recording, exchanges={id_: one for id_, one in exchanges.items() if not one.random})
    return any(verdict.outcome is Outcome.FAIL for verdict in run.judge(result.prepared, planned))


def _sent(result: Result, *, random: bool) -> Sent:
    made = (one for one in result.recording.exchanges.values() if one.random is random)
    sent = [one for exchange in made for one in exchange.sendings if not one.left_out]
    operations = result.prepared.contract.operations
    asked = (IMAGES.cost(operations[one.request.operation], one.request.fields) for one in sent if one.valid)
    return Sent(len(sent), sum(cost.images for cost in asked))


def _cause(error: BaseException) -> str:
    """Say in one line what a run fell over; tasks that ran at once wrap it in groups."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return f"{type(error).__name__}: {error}"
