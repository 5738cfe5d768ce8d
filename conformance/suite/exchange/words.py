"""Puts what a server sent into the words of a message."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.suite.contract.places import ABSENT
from conformance.suite.exchange.recording import Exchange

CREDENTIALS = (401, 403)
"""Statuses that are about the key rather than about the request."""
_SHOWN = 80


def show(value: object) -> str:
    """Return a value of an answer for a message: short, and with every control character escaped."""
    text = "missing" if value is ABSENT else repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def describe(exchange: Exchange) -> str:
    """Say in a few words what came of an exchange."""
    if exchange.answer is None:
        return exchange.failure or "no answer"
    if exchange.accepted:
        return f"accepted with status {exchange.status}"
    return f"status {exchange.status}: {_begin(exchange.answer.body)}"


def _begin(body: bytes) -> str:
    text = " ".join(body[:400].decode(errors="replace").split())
    return text[:160] if text.isprintable() else repr(text[:160])


def why_blocked(exchanges: Iterable[Exchange]) -> str:
    """Say why nothing could be found out from these exchanges."""
    made = list(exchanges)
    for exchange in made:
        if exchange.answer is None:
            return f"could not find out: {exchange.failure}"
        if exchange.status in (*CREDENTIALS, 429, 503) or 300 <= exchange.status < 400:  # noqa: PLR2004 - RFC 9110
            return f"could not find out: {describe(exchange)}"
    refused = [exchange for exchange in made if not exchange.accepted]
    if refused:
        return f"could not find out: the valid request beside it was refused with {describe(refused[0])}"
    return "could not find out: the request that shows it was not sent"
