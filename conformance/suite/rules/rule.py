"""A rule: one thing that the contract demands, as one record that plan, judge, ledger and report read."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from attrs import field, frozen

from conformance.suite.contract.constraints import Constraint
from conformance.suite.contract.document import Source
from conformance.suite.contract.places import Fields
from conformance.suite.contract.schema import Condition
from conformance.suite.exchange.request import Raw
from conformance.suite.exchange.view import Check
from conformance.suite.rules.renamed import naming


class RuleError(Exception):
    """A pattern selects no rule; the message names it."""


class Level(StrEnum):
    """How much a broken rule hurts; a run judges the levels up to the chosen one."""

    CORE = "core"
    STRICT = "strict"
    ADVICE = "advice"

    def includes(self, other: Level) -> bool:
        """Whether a run at this level judges a rule of the other level."""
        order = list(Level)
        return order.index(other) <= order.index(self)


class Want(StrEnum):
    """What a server does with a request when it keeps a rule.

    ``accepted`` is a 2xx, ``refused`` a 4xx, ``survived`` anything but a 5xx, ``denied`` anything but a 2xx.
    """

    ACCEPTED = "accepted"
    REFUSED = "refused"
    SURVIVED = "survived"
    DENIED = "denied"


class Unless(StrEnum):
    """Why a rule may have nothing to be held to: what a server need not offer."""

    CONDITION = "the condition's model is not offered"
    DEFAULT = "the model that an absent one stands for is not offered"
    KEYS = "no key is asked for"
    VALUE = "an optional value is never answered"
    DOCUMENTED = "no documented value of the field is offered"


@frozen
class Entry:
    """A valid request as such is accepted."""


@frozen
class Breach:
    """What breaks this constraint is refused."""

    constraint: Constraint


@frozen
class DefaultLimits:
    """What a condition asks for one value of a field holds too where the field is absent and stands for that value."""

    name: str


@frozen
class Values:
    """The documented values of a field are accepted, under a condition or in general; or null is."""

    name: str
    condition: Condition | None = None
    null: bool = False


@frozen
class Absence:
    """A field may be left out."""

    name: str


@frozen
class Offered:
    """What the contract names for the field that chooses the model is accepted, if another operation accepts it."""

    name: str


@frozen
class Edit:
    """One case of a rule about requests, as data.

    ``fields`` makes the request of the case from a base request and ``twin`` makes its twin, the accepted request that
    differs in one thing; a case that is to be accepted needs no twin. ``shared`` makes a request that holds other cases
    which are to be accepted too; the case is tried alone if that one is refused.
    """

    what: str
    fields: Fields = field(factory=dict[str, object], hash=False)
    twin: Fields = field(factory=dict[str, object], hash=False)
    raw: Raw = field(factory=Raw)
    shared: Fields = field(factory=dict[str, object], hash=False)


@frozen
class Edits:
    """What is to become of these requests.

    Those ``about_keys`` say something only if the server is called with a key; they are sent last, because some servers
    lock out whoever guesses keys.
    """

    want: Want
    edits: tuple[Edit, ...]
    about_keys: bool = False


@frozen
class Answers:
    """The check that each answer keeps: each success to a valid request or, ``to_errors``, each error.

    ``fields`` are the request fields on whose values it depends; None says that it may be any.
    """

    check: Check
    to_errors: bool = False
    fields: tuple[str, ...] | None = None


@frozen
class Random:
    """Random requests, valid ones or invalid ones, get what they should."""

    valid: bool


@frozen
class Stable:
    """The same request is answered in the same way: with the same kind of status, and alike by these checks."""

    checks: tuple[Check, ...]


About: TypeAlias = Entry | Breach | DefaultLimits | Values | Absence | Offered | Edits | Answers | Random | Stable
"""What a rule is about: this decides which requests feed it and how it is judged."""


@frozen
class Rule:
    """One thing that the contract demands.

    ``unless`` says what a server need not offer for it to apply. ``also`` are pointers beside its source at which the
    contract says the same. ``title`` says what it asks for where that can't be read off what it is about.
    """

    id: str
    level: Level
    operation: str
    source: Source
    about: About
    unless: Unless | None = None
    also: tuple[str, ...] = ()
    title: str = ""

    @property
    def condition(self) -> Condition | None:
        """The condition under which it holds, if any."""
        match self.about:
            case Breach(constraint):
                return constraint.condition
            case Values(_, condition):
                return condition
            case _:
                return None

    @property
    def want(self) -> Want | None:
        """What is to become of its requests; None if it is about answers or random requests."""
        match self.about:
            case Entry() | Values() | Absence() | Offered():
                return Want.ACCEPTED
            case Breach() | DefaultLimits():
                return Want.REFUSED
            case Edits(want):
                return want
            case _:
                return None


def select(
    rules: tuple[Rule, ...],
    patterns: tuple[str, ...],
    level: Level,
    excluded: tuple[str, ...] = (),
    renamed: Mapping[str, str] | None = None,
) -> tuple[Rule, ...]:
    """Return the rules of the chosen levels whose id matches one of the patterns; no pattern means all.

    Those that match one that is ``excluded`` are left out. One that was ``renamed`` is matched by its earlier id too.
    Raises RuleError if a pattern matches no rule at all, or all are left out.
    """
    tests = {pattern: naming(pattern, renamed or {}) for pattern in (*patterns, *excluded)}
    for pattern, matches in tests.items():
        if not any(matches(rule.id) for rule in rules):
            raise RuleError(f"no rule matches {pattern!r}; `make rules` lists them.")
    chosen = tuple(
        rule
        for rule in rules
        if level.includes(rule.level) and (not patterns or any(tests[pattern](rule.id) for pattern in patterns))
    )
    kept = tuple(rule for rule in chosen if not any(tests[pattern](rule.id) for pattern in excluded))
    if chosen and not kept:
        raise RuleError("every chosen rule is excluded; exclude fewer.")
    return kept
