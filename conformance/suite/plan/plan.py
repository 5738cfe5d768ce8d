"""The requests of a run as data, all of them known before the first is sent.

Some exchanges are sent only if others came out in a certain way; that is part of the plan, as their *needs*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import evolve, field, frozen

from conformance.suite.contract.places import Fields
from conformance.suite.exchange.request import Request


@frozen
class Need:
    """Holds if whether any of these exchanges was accepted is ``accepted``."""

    ids: tuple[str, ...]
    accepted: bool

    def holds(self, accepted: Callable[[str], bool]) -> bool:
        """Whether it holds; asks about no exchange after the first that was accepted."""
        return any(accepted(id_) for id_ in self.ids) is self.accepted


@frozen
class Planned:
    """An exchange that a run makes if all its needs hold; ``images`` is how many images a correct server makes.

    One that is ``last`` waits for all others. One that is ``left_out`` is not sent, because of the user's own limits.
    """

    id: str
    request: Request
    needs: tuple[Need, ...]
    valid: bool
    images: int
    last: bool = False
    left_out: bool = False


@frozen
class Attempt:
    """One way to find out about a case: the exchange, and for a refusal the twin that must be accepted.

    That one which is not ``alone`` is refused says nothing of the case, for it holds other cases too. That one which
    has others ``beside`` it is accepted says something only if one of those was refused.
    """

    exchange: str
    twin: str | None = None
    alone: bool = True
    beside: tuple[str, ...] = ()


@frozen
class Case:
    """One thing to find out about a rule, by the last of its attempts that the run got to make."""

    what: str
    attempts: tuple[Attempt, ...]


@frozen
class Base:
    """A valid request on which others build, and the id of the exchange that shows whether it is accepted."""

    request: Request
    id: str


@frozen
class Context:
    """A way into an operation: what all its requests give, and the labels of the conditions that then hold.

    ``explicit`` says whether a model is named, where there is one to name, and ``default`` whether it is the one that
    an absent one stands for. The context is offered if one of its bases is accepted; the best of them comes first.
    """

    name: str
    operation: str
    fields: Fields = field(hash=False)
    labels: tuple[str, ...]
    explicit: bool
    default: bool
    bases: tuple[Base, ...]

    @property
    def full(self) -> Request:
        """The request with every parameter."""
        return self.bases[0].request

    @property
    def ids(self) -> tuple[str, ...]:
        """The exchanges by which it is entered."""
        return tuple(base.id for base in self.bases)

    @property
    def offered(self) -> Need:
        """Holds if the server accepted any base."""
        return Need(self.ids, accepted=True)

    @property
    def not_offered(self) -> Need:
        """Holds if the server accepted no base."""
        return evolve(self.offered, accepted=False)

    def usable(self, base: Base) -> tuple[Need, ...]:
        """Return what must hold for requests to build on this base: it was accepted, and none before it."""
        before = self.bases[: self.bases.index(base)]
        refused = (Need(tuple(other.id for other in before), accepted=False),) if before else ()
        return (*refused, Need((base.id,), accepted=True))


@frozen
class Plan:
    """Every exchange of a run in the order of sending, the cases of each rule, and how the operations are entered.

    ``wanted`` are the exchanges that a rule is about; any other one is made only where a wanted one needs it.
    ``left_out`` says of a rule without a case why it has none. ``own`` are the fields for which the server has
    values of its own, each with those that no document names.
    """

    exchanges: tuple[Planned, ...]
    wanted: frozenset[str] = field(repr=False)
    cases: Mapping[str, tuple[Case, ...]] = field(hash=False)
    contexts: tuple[Context, ...]
    left_out: Mapping[str, str] = field(hash=False)
    own: Mapping[str, tuple[str, ...]] = field(factory=dict[str, tuple[str, ...]], hash=False)

    def least(self) -> tuple[Planned, ...]:
        """Return the exchanges that a correct server with every model gets."""
        by_id = {planned.id: planned for planned in self.exchanges}
        made: dict[str, bool] = {}

        def accepted(id_: str) -> bool:
            if id_ not in made:
                made[id_] = not by_id[id_].left_out and all(need.holds(accepted) for need in by_id[id_].needs)
            return made[id_] and by_id[id_].valid

        for id_ in self.wanted:
            accepted(id_)
        return tuple(planned for planned in self.exchanges if made.get(planned.id))
