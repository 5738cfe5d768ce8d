"""A rule that rests on a sentence: declared once, with the whole sentence and the clause of it that it enforces.

A statement is data. Where the contract has the sentence at that place, there is the rule; a contract that doesn't say
it has no such rule, and the ledger complains of whatever it says instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from attrs import field, frozen

from conformance.suite.contract.document import Contract
from conformance.suite.contract.operation import Operation
from conformance.suite.contract.places import Place
from conformance.suite.contract.schema import Schema
from conformance.suite.rules.rule import About, Answers, Level, Rule, Unless

_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@frozen
class Scope:
    """Where a statement is found to hold: the operation, and the schema whose description has the sentence."""

    contract: Contract = field(repr=False)
    operation: Operation
    schema: Schema


Maker: TypeAlias = Callable[[Scope], About | None]
"""Makes what a rule is about for one operation, or None if there it has nothing to be about."""


@frozen
class Statement:
    """A rule that rests on a sentence.

    ``rule`` is its id below that of the operation, ``title`` what it asks for in a few words; ``where`` is ``request``,
    ``response`` or ``error`` and the place in it whose description has the ``sentence``, of which the rule enforces the
    ``clause``, all of it if empty.
    """

    rule: str
    title: str
    where: Place
    sentence: str
    clause: str
    level: Level
    about: Maker

    @property
    def is_default(self) -> bool:
        """Whether the sentence says the same as the keyword ``default``."""
        return self.sentence.startswith("It defaults to ")


def stated(contract: Contract, operation: Operation, statements: tuple[Statement, ...]) -> Iterator[Rule]:
    """Yield the rule of each statement that the contract makes of the operation."""
    for statement in statements:
        schema = _locate(operation, statement.where)
        described = schema.description if schema else None
        if schema is None or described is None or statement.sentence not in sentences(str(described.value)):
            continue
        about = statement.about(Scope(contract, operation, schema))
        if about is not None:
            source = contract.source(described.pointer, statement.sentence, statement.clause or statement.sentence)
            id_ = f"{operation.id}/{statement.rule}"
            also = (schema.default.pointer,) if schema.default and statement.is_default else ()
            unless = _unless(operation, statement, about)
            yield Rule(id_, statement.level, operation.id, source, about, unless, also, statement.title)


def _unless(operation: Operation, statement: Statement, about: About) -> Unless | None:
    """Where no request can ask for what a rule about answers depends on, no answer need have it.

    A default is a documented value, which a server that has none but its own doesn't offer.
    """
    fields = about.fields or () if isinstance(about, Answers) else ()
    if not set(fields) <= set(operation.request.properties):
        return Unless.VALUE
    return Unless.DOCUMENTED if statement.is_default else None


def sentences(text: str) -> list[str]:
    """Split a description into its sentences."""
    return _SENTENCE.split(text.strip())


def _locate(operation: Operation, where: Place) -> Schema | None:
    roots = {"request": operation.request, "response": operation.answer, "error": operation.error}
    root = roots[where[0]]
    return root.below(where[1:]) if root else None
