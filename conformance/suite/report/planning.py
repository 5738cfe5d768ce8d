"""Prints what a run will send, what that costs at most, and what it can't find out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.request import Request
from conformance.suite.exchange.words import count, written
from conformance.suite.forecast import Forecast
from conformance.suite.plan.prepared import Prepared
from conformance.suite.rules.api import Cost
from conformance.suite.settings import Settings

_SHOWN = 48
"""A longer value is cut, so that a request stands on one line."""


def plan(console: Console, settings: Settings, prepared: Prepared, made: Forecast, price: float | None = None) -> None:
    """Print the requests by operation, numbered in the order of sending, and what they come to.

    ``price`` is that of an image.
    """
    numbered = list(enumerate(made.sent, 1))
    for operation in prepared.contract.operations.values():
        mine = [(number, exchange) for number, exchange in numbered if exchange.request.operation == operation.id]
        if mine:
            console.print(Text(f"{operation.id}: {_of(prepared, [exchange for _, exchange in mine])}"), soft_wrap=True)
            for number, exchange in mine:
                console.print(Text(f"{number:>5}  {_line(prepared, exchange)}"), soft_wrap=True)
            console.print()
    for line in _summary(settings, prepared, made, price):
        console.print(Text(line))


def _line(prepared: Prepared, exchange: Exchange) -> str:
    fields = ", ".join(f"{name}={_short(value)}" for name, value in exchange.request.fields.items())
    kind = f"valid, {_asked(prepared, exchange.request)}" if exchange.valid else "to be refused"
    return f"{exchange.id}  {kind}  {fields}"


def _of(prepared: Prepared, exchanges: Sequence[Exchange]) -> str:
    """Say what the requests to one operation come to."""
    costs = [_cost(prepared, exchange.request) for exchange in exchanges if exchange.valid]
    images = _in_all(prepared, sum(cost.images for cost in costs), sum(cost.effort for cost in costs))
    return f"{count(len(exchanges), 'request')} for {images}"


def _asked(prepared: Prepared, request: Request) -> str:
    cost = _cost(prepared, request)
    return _in_all(prepared, cost.images, cost.effort)


def _cost(prepared: Prepared, request: Request) -> Cost:
    return prepared.api.cost(prepared.contract.operations[request.operation], request.fields)


def _in_all(prepared: Prepared, images: int, effort: int) -> str:
    """Say how many images are asked for, and how much work they are if the API says in what."""
    unit = f" of {effort:,} {prepared.api.unit}" if prepared.api.unit and effort else ""
    return f"{count(images, 'image')}{unit}"


def _summary(settings: Settings, prepared: Prepared, made: Forecast, price: float | None) -> Iterable[str]:
    requests, images = count(len(made.sent), "planned request"), _in_all(prepared, made.images, made.effort)
    yield f"A correct server gets {requests} for {images}, in the order of these numbers."
    if made.random:
        random, images = count(made.random, "random request"), count(made.random_images, "image")
        yield f"Up to {random} for up to {images} come on top."
    if made.left_out:
        rules = ", ".join(rule.id for rule in made.unjudged)
        yield (
            f"The limits leave out {count(len(made.left_out), 'request')}, so that {count(len(made.unjudged), 'rule')}"
            f" about requests can't be judged{f': {rules}' if rules else ''}."
        )
    most = len(prepared.plan.exchanges)
    if settings.limits.requests is not None and settings.limits.requests < most:
        limit = settings.limits.requests
        yield f"A server that refuses valid requests, or fails, gets no more than {limit} (--requests)."
    else:
        yield f"A server that refuses valid requests gets up to {most}; what it fails is sent again."
    if price is not None:
        yield f"At {price:g} an image that costs up to {(made.images + made.random_images) * price:.2f}."


def _short(value: object) -> str:
    text = written(value)
    return text if len(text) < _SHOWN else f"{text[:32]}… ({len(str(value))} characters)"
