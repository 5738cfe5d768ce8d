"""The requests of a run as data, all of them known before the first is sent.

Some exchanges are sent only if others came out in a certain way; that is part of the plan, as their *needs*.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import field, frozen

from conformance.suite.constraints import Fields
from conformance.suite.request import Request

_NO_KEY = "the server is called without a key; set OPENAI_API_KEY to check what it does with a wrong one"
_NO_MODEL = "only a model that the documents don't name is held to this rule; name one with MODEL"
_PIXELS = re.compile(r"(\d+)x(\d+)")


@frozen
class Need:
    """Holds if whether any of these exchanges was accepted is ``accepted``."""

    ids: tuple[str, ...]
    accepted: bool


@frozen
class Planned:
    """An exchange that a run makes if all its needs hold; ``images`` is how many images a correct server makes.

    One that is ``last`` waits for all others.
    """

    id: str
    request: Request
    needs: tuple[Need, ...]
    valid: bool
    images: int
    last: bool = False


@frozen
class Attempt:
    """One way to find out about a case: the exchange, and for a refusal the twin that must be accepted."""

    exchange: str
    twin: str | None = None


@frozen
class Case:
    """One thing to find out about a rule, by the last of its attempts that the run got to make."""

    what: str
    attempts: tuple[Attempt, ...]


@frozen
class Entry:
    """The requests by which a context of an operation is entered; it is offered if one of them is accepted."""

    context: str
    operation: str
    labels: tuple[str, ...]
    explicit: bool
    ids: tuple[str, ...]


@frozen
class Plan:
    """Every exchange of a run in the order of sending, the cases of each rule, and how the contexts are entered.

    ``left_out`` says of a rule without a case why it has none.
    """

    exchanges: tuple[Planned, ...]
    cases: Mapping[str, tuple[Case, ...]] = field(hash=False)
    entries: tuple[Entry, ...]
    left_out: Mapping[str, str] = field(hash=False)

    def least(self) -> tuple[int, int]:
        """Return how many requests a correct server with every model gets, and how many images they ask for."""
        sent: dict[str, bool] = {}
        for planned in self.exchanges:
            holds = all(any(sent.get(i, False) for i in need.ids) is need.accepted for need in planned.needs)
            if holds:
                sent[planned.id] = planned.valid
        images = {planned.id: planned.images for planned in self.exchanges}
        return len(sent), sum(images[id_] for id_ in sent)


def cost(fields: Fields) -> tuple[int, int]:
    """Return the number of images that a request asks for, and their pixels in all."""
    n = fields.get("n")
    count = n if isinstance(n, int) and not isinstance(n, bool) else 1
    size = _PIXELS.fullmatch(str(fields.get("size") or "1024x1024"))
    return count, count * int(size[1]) * int(size[2]) if size else 0
