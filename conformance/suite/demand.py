"""A stated rule about requests as data: the request, what must come of it, and the words that it rests on."""

from __future__ import annotations

from enum import StrEnum

from attrs import field, frozen

from conformance.suite.constraints import Fields
from conformance.suite.contract import Source
from conformance.suite.request import Raw


class Level(StrEnum):
    """How much a broken rule hurts; a run judges the levels up to the chosen one."""

    CORE = "core"
    STRICT = "strict"
    ADVICE = "advice"

    def includes(self, other: Level) -> bool:
        """Whether a run at this level judges a rule of the other level."""
        order = list(Level)
        return order.index(other) <= order.index(self)


class Kind(StrEnum):
    """What a server does when it keeps a rule.

    ``refuses`` is a 4xx, ``accepts`` a 2xx, ``survives`` anything but a 5xx, ``denies`` anything but a 2xx; ``answers``
    is about the answers to valid requests, ``holds`` about random requests.
    """

    REFUSES = "refuses"
    ACCEPTS = "accepts"
    SURVIVES = "survives"
    DENIES = "denies"
    ANSWERS = "answers"
    HOLDS = "holds"


@frozen
class Demand:
    """One case of a stated rule.

    ``edit`` makes the request of the case from a base request and ``twin`` makes its twin, the accepted request that
    differs in one thing; a case that is to be accepted needs no twin. A case ``with_key`` says something only if the
    server is called with a key; such cases are sent last, because some servers lock out whoever guesses keys.
    """

    id: str
    level: Level
    kind: Kind
    source: Source
    what: str
    edit: Fields = field(factory=dict[str, object], hash=False)
    twin: Fields = field(factory=dict[str, object], hash=False)
    raw: Raw = field(factory=Raw)
    with_key: bool = False
