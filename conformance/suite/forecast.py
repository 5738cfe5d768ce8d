"""Says what a run will send and what it can find out, before anything is sent, as if the server were correct."""

from __future__ import annotations

import httpx
from attrs import evolve, field, frozen

from conformance.suite.exchange.recording import SPENT, Exchange, Header, Recording
from conformance.suite.exploring.share import share
from conformance.suite.plan.prepared import Prepared
from conformance.suite.rules.rule import Random, Rule
from conformance.suite.sending.imagined import Imagined
from conformance.suite.sending.schedule import Run
from conformance.suite.settings import Settings
from conformance.suite.verdicts.evidence import Evidence, in_order
from conformance.suite.verdicts.judge import verdicts
from conformance.suite.verdicts.verdict import Outcome


@frozen
class Forecast:
    """What a run will come to.

    ``sent`` are the planned exchanges in the order of sending, ``left_out`` those for which the limits leave no room,
    and ``unjudged`` the rules about requests that are not decided for that. ``random`` requests come on top, at most,
    and ask for at most so many ``random_images``.
    """

    sent: tuple[Exchange, ...] = field(repr=False)
    left_out: tuple[Exchange, ...] = field(repr=False)
    unjudged: tuple[Rule, ...] = field(repr=False)
    images: int
    effort: int
    random: int
    random_images: int


async def forecast(settings: Settings, prepared: Prepared) -> Forecast:
    """Make the planned part of a run with an imagined server, one request at a time."""
    settings = evolve(settings, limits=evolve(settings.limits, concurrency=1, deadline=None, rate=None))
    nobody = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(404)))
    sender = Imagined(prepared.contract, prepared.api, settings, nobody)
    told: list[Exchange] = []
    run = Run(prepared.plan, sender, told.append)
    sender.hold_back()
    made = await run.all()
    sender.let_go()
    if any(exchange.failure in SPENT for exchange in made.values()):
        made = await run.all()
    sent = tuple(exchange for exchange in told if not exchange.left_out)
    costs = [
        prepared.api.cost(prepared.contract.operations[one.request.operation], one.request.fields)
        for one in sent
        if one.valid
    ]
    images = sum(cost.images for cost in costs)
    room = None if settings.limits.images is None else settings.limits.images - images
    random, random_images = _random(settings, prepared, room)
    return Forecast(
        sent,
        tuple(exchange for exchange in made.values() if exchange.left_out),
        _unjudged(settings, prepared, made),
        images,
        sum(cost.effort for cost in costs),
        random,
        random_images,
    )


def _unjudged(settings: Settings, prepared: Prepared, made: dict[str, Exchange]) -> tuple[Rule, ...]:
    """Return the rules about requests that are not judged; those about answers depend on what comes."""
    header = Header(settings.target.url, None, {}, settings.target.key is not None, 0.0, prepared.contract.sha256)
    evidence = Evidence(prepared.plan, in_order(Recording(header, made)), prepared.api.selector)
    about_requests = [rule for rule in prepared.rules if rule.want is not None]
    found = verdicts(evidence, about_requests)
    return tuple(verdict.rule for verdict in found if verdict.outcome is Outcome.NOT_JUDGED)


def _random(settings: Settings, prepared: Prepared, room: int | None) -> tuple[int, int]:
    """Return how many random requests there are at most, and for how many images."""
    requests = images = 0
    for rule in prepared.rules if settings.examples else ():
        match rule.about:
            case Random(valid):
                operation = prepared.contract.operations[rule.operation]
                number = share(prepared.contract, operation, settings.examples, valid=valid)
                cost = prepared.api.cost(operation, {}).images if valid else 0
                requests += number
                images += number * min(1, cost)
            case _:
                pass
    taken = images if room is None else min(images, room)
    return requests - (images - taken), taken
