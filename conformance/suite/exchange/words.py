"""Puts what a server sent into the words of a message."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import cast

from conformance.suite.contract.places import ABSENT
from conformance.suite.exchange import bounds
from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.request import Request
from conformance.suite.exchange.upload import Upload

CREDENTIALS = (401, 403)
"""Statuses that are about the key rather than about the request."""
_SHOWN = 80
_FIELD = 40
_BEGINNING = 160
_READ = 400


def visible(text: str) -> str:
    """Return text from a server with every character that isn't printable escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def written(value: object) -> str:
    """Return a value as it stands in JSON, a file in words, with every control character escaped."""
    return visible(
        value.words() if isinstance(value, Upload) else json.dumps(value, ensure_ascii=False, default=_other)
    )


def _other(value: object) -> str:
    return value.words() if isinstance(value, Upload) else repr(value)


def show(value: object) -> str:
    """Return a value of an answer for a message: short, and with every control character escaped."""
    return "missing" if value is ABSENT else cut(written(_beginning_of(value)), _SHOWN)


def _beginning_of(value: object) -> object:
    """Return a value without what can't be seen of it in a message, however long it is."""
    match value:
        case str():
            return value[:_SHOWN]
        case list():
            return [_beginning_of(item) for item in cast("list[object]", value)[:_SHOWN]]
        case dict():
            members = islice(cast("dict[str, object]", value).items(), _SHOWN)
            return {name[:_SHOWN]: _beginning_of(member) for name, member in members}
        case _:
            return value


def cut(text: str, length: int) -> str:
    """Return a text of at most this length, which ends with an ellipsis if something is left out."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def count(number: int, noun: str) -> str:
    """Return a number of things in words: ``1 image``, ``2 images``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """Return names in words: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def asked(request: Request) -> str:
    """Return the fields of a request in a few words."""
    fields = (f"{name}={cut(written(value), _FIELD)}" for name, value in request.fields.items())
    return ", ".join(fields) or "no field"


def describe(exchange: Exchange) -> str:
    """Say in a few words what came of an exchange."""
    if exchange.answer is None:
        return exchange.failure or "no answer"
    if exchange.accepted:
        error = error_body(exchange)
        return f"accepted with status {exchange.status}{f', but the body is {error}' if error else ''}"
    said = beginning(exchange.answer.body, _BEGINNING)
    return f"status {exchange.status}: {said}" if said else f"status {exchange.status} without a body"


def error_body(exchange: Exchange) -> str:
    """Return the body of a success that says that something is wrong, or an empty text.

    That a member ``error`` holds what is wrong is usual in HTTP APIs; this is told, and nothing is decided by it.
    """
    body = exchange.answer.body if exchange.answer and exchange.accepted else b""
    if len(body) > bounds.ERROR_BYTES:
        return ""
    try:
        said: object = json.loads(body) if b'"error"' in body else None
    except (ValueError, RecursionError):
        return ""
    error = cast("dict[str, object]", said).get("error") if isinstance(said, dict) else None
    return f"an error: {beginning(body, _BEGINNING)}" if error and isinstance(error, dict | str) else ""


def beginning(body: bytes, length: int) -> str:
    """Return the beginning of a body as text of at most this length on one line."""
    whole = len(body) <= _READ
    # A character that the limit cuts through is left out rather than replaced.
    decoded = codecs.getincrementaldecoder("utf-8")("replace").decode(body[:_READ], final=whole)
    text = visible(" ".join(decoded.split()))
    return cut(text if whole else f"{text}…", length)


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
        return f"could not find out: the valid request beside it was not accepted: {describe(refused[0])}"
    return "could not find out: the request that shows it was not sent"
