"""One operation's part of the plan as it grows: its exchanges, the cases of its rules, and why a rule has none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

from attrs import define, evolve, field

from conformance.suite.contract.constraints import Constraint, violated
from conformance.suite.contract.document import Contract
from conformance.suite.contract.operation import Operation
from conformance.suite.contract.places import Fields
from conformance.suite.exchange.request import Request
from conformance.suite.plan.plan import Attempt, Base, Case, Context, Need, Planned
from conformance.suite.rules.api import Api
from conformance.suite.rules.rule import Edit

_SHOWN = 40


@define
class Draft:
    """The growing plan of one operation.

    ``wanted`` are the ids of the rules that get their cases, ``asked`` those of the exchanges that a rule is about.
    """

    contract: Contract
    operation: Operation
    api: Api
    constraints: tuple[Constraint, ...]
    wanted: frozenset[str] = frozenset()
    contexts: tuple[Context, ...] = ()
    exchanges: list[Planned] = field(factory=list)
    cases: dict[str, list[Case]] = field(factory=dict)
    asked: set[str] = field(factory=set)
    left_out: dict[str, str] = field(factory=dict)
    _known: set[str] = field(factory=set)

    def send(self, request: Request, *needs: Need, valid: bool = True, last: bool = False) -> str:
        """Put an exchange into the plan, unless it is there, and return its id."""
        # The id comes from what is sent and when, so that it stays the same whatever else a run is about.
        digest = hashlib.sha256(f"{request.key}{needs}{valid}".encode()).hexdigest()
        id_ = f"{self.operation.id}-{digest[:8]}"
        if id_ not in self._known:
            self._known.add(id_)
            images = self.api.cost(self.operation, request.fields).images if valid else 0
            self.exchanges.append(Planned(id_, request, needs, valid, images, last))
        return id_

    def case(self, rule: str, what: str, attempts: Iterable[Attempt]) -> None:
        """Give a rule a case; its exchanges are made even if the rule is not wanted, for they feed another one."""
        made = tuple(attempts)
        self.asked |= {attempt.exchange for attempt in made}
        if made and rule in self.wanted:
            self.cases.setdefault(rule, []).append(Case(what, made))

    def excuse(self, rule: str, reason: str) -> None:
        """Say why a rule may have no case; what was said first stands."""
        self.left_out.setdefault(rule, reason)

    def breaks(self, fields: Fields) -> list[str]:
        """Return the ids of the constraints that a request with these fields breaks."""
        return [constraint.id for constraint in violated(self.constraints, fields)]

    def accepted(self, edit: Edit) -> Iterator[Attempt]:
        """Plan an edit that is to be accepted, on the best base that the server accepts."""
        for _, base, usable in bases(self.contexts):
            request = base.request.edited({**edit.twin, **edit.fields})
            yield Attempt(self.send(evolve(request, raw=edit.raw), *usable))


def bases(contexts: Iterable[Context]) -> Iterator[tuple[Context, Base, tuple[Need, ...]]]:
    """Yield every base of the contexts, the best first, with what must hold for it to be the one to build on."""
    before: tuple[Need, ...] = ()
    for context in contexts:
        for base in context.bases:
            yield context, base, (*before, *context.usable(base))
        before = (*before, context.not_offered)


def short(value: object) -> str:
    """Return a value for the words of a case, on one line."""
    text = json.dumps(value, ensure_ascii=False, default=lambda upload: upload.words())
    return text if len(text) <= _SHOWN else f"{text[:24]}… ({len(str(value))} characters)"
