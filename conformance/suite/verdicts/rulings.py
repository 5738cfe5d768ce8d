"""What the status of an answer says of a request, as one table of status against what is wanted.

A status that says nothing of the request's content leaves it unclear: 429 and 503 put it off (RFC 9110, section 15.6.4;
RFC 6585, section 4), 401 and 403 are about the key, a redirect leads elsewhere. An invalid request is to be refused, so
there a redirect is a failure; and a server that is busy is not one that fails, unless that is all that is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum

from conformance.suite.exchange.recording import Exchange, Fetch
from conformance.suite.exchange.words import CREDENTIALS
from conformance.suite.rules.rule import Want
from conformance.suite.sending.schedule import TIMES


class Ruling(Enum):
    """What one exchange says of a rule; it is doubtful while a failure was not seen often enough."""

    KEEPS = "keeps"
    FAILS = "fails"
    DOUBTFUL = "doubtful"
    UNCLEAR = "unclear"


class Reply(StrEnum):
    """The kinds of statuses that say different things."""

    NONE = "no answer"
    ACCEPTED = "2xx"
    OTHER = "1xx or 3xx"
    CREDENTIALS = "401 or 403"
    REFUSED = "any other 4xx"
    LATER = "429"
    BUSY = "503"
    ERROR = "any other 5xx"


_K, _F, _U = Ruling.KEEPS, Ruling.FAILS, Ruling.UNCLEAR

TABLE: Mapping[Reply, Mapping[Want, Ruling]] = {
    reply: dict(zip((Want.ACCEPTED, Want.REFUSED, Want.SURVIVED, Want.DENIED), row, strict=True))
    for reply, row in {
        Reply.NONE: (_U, _U, _U, _U),
        Reply.ACCEPTED: (_K, _F, _K, _F),
        Reply.OTHER: (_U, _F, _K, _K),
        Reply.CREDENTIALS: (_U, _K, _K, _K),
        Reply.REFUSED: (_F, _K, _K, _K),
        Reply.LATER: (_U, _U, _K, _K),
        Reply.BUSY: (_U, _U, _F, _K),
        Reply.ERROR: (_F, _F, _F, _K),
    }.items()
}

ABOUT_THE_WAY = frozenset((Reply.NONE, Reply.LATER, Reply.BUSY))
"""Replies that say more of the way to the server, or of the moment, than of the server."""


def reply(exchange: Exchange) -> Reply:
    """Return of which kind the last answer of an exchange is."""
    if exchange.answer is None:
        return Reply.NONE
    named = {**dict.fromkeys(CREDENTIALS, Reply.CREDENTIALS), 429: Reply.LATER, 503: Reply.BUSY}
    by_class = {2: Reply.ACCEPTED, 4: Reply.REFUSED, 5: Reply.ERROR}
    return named.get(exchange.status, by_class.get(exchange.status // 100, Reply.OTHER))


def ruling(want: Want, exchange: Exchange, times: int) -> Ruling:
    """Return what an exchange says of a rule that wants this; it fails if it does each time, and that so many times.

    A sending that was not answered in time says nothing where another one was answered, unless there are many of them.
    """
    came = [one for one in exchange.sendings if not one.late] or exchange.sendings
    each = {TABLE[reply(one)][want] for one in came}
    for ruled in (Ruling.KEEPS, Ruling.UNCLEAR):
        if ruled in each:
            return ruled
    if len(came) >= times:
        return Ruling.FAILS
    return Ruling.DOUBTFUL if len(exchange.sendings) - len(came) < TIMES else Ruling.UNCLEAR


def is_unsteady(exchange: Exchange) -> bool:
    """Whether the server answered the same request in ways that say different things of it.

    That a connection was lost on the way, or an answer came late or was put off, says nothing of the server.
    """
    return len({reply(one) for one in exchange.sendings} - ABOUT_THE_WAY) > 1


def unsteady_file(exchange: Exchange) -> Fetch | None:
    """Return a file of an answer on which the server failed at first, or None."""
    return next((fetch for one in exchange.sendings for fetch in one.fetches if fetch.is_unsteady), None)


def rank(exchange: Exchange) -> int:
    """Return where a failure stands among others, the worst first: a server that fails, then one that takes it."""
    match reply(exchange):
        case Reply.NONE | Reply.BUSY | Reply.ERROR:
            return 0
        case Reply.ACCEPTED:
            return 1
        case _:
            return 2
