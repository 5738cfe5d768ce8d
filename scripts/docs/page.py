"""The pages of the reference as frozen values, which the templates show as Markdown and as HTML."""

from __future__ import annotations

from attrs import field, frozen

from conformance.suite.contract.operation import Operation
from conformance.suite.contract.schema import Schema
from conformance.suite.rules.rule import Rule
from scripts.docs.examples import Example
from scripts.docs.fields import Control


@frozen
class Row:
    """One field of a request or an object.

    ``name`` has a dot before each member and ``[]`` for each item of an array. ``type`` and ``limits`` are Markdown,
    ``default`` is JSON or a text, None if there is none. ``object`` is the object that its values are, if that has a
    page, and ``rules`` are those that hold a server to what the row says.
    """

    name: str
    type: str
    required: bool
    default: str | None
    limits: tuple[str, ...]
    description: str
    object: str | None
    rules: tuple[Rule, ...]


@frozen
class Conditional:
    """When the limits that begin with a label hold."""

    label: str
    when: str


@frozen
class Object:
    """An object that answers hold: its fields, and the rules about it as such."""

    name: str
    description: str
    schema: Schema = field(repr=False, hash=False)
    rows: tuple[Row, ...] = ()
    rules: tuple[Rule, ...] = ()
    used: tuple[str, ...] = ()


@frozen
class Answer:
    """One response: its status as the contract writes it, and its media types, each with its object or None."""

    status: str
    description: str
    content: tuple[tuple[str, str | None], ...]


@frozen
class OperationPage:
    """An operation: how it is called, what it takes, and what it answers; ``answer`` is an example of that as JSON."""

    operation: Operation = field(repr=False)
    title: str
    authentication: tuple[str, ...]
    rows: tuple[Row, ...]
    conditionals: tuple[Conditional, ...]
    answers: tuple[Answer, ...]
    results: tuple[Object, ...]
    errors: tuple[Object, ...]
    rules: tuple[Rule, ...]
    key_rules: tuple[Rule, ...]
    answer_rules: tuple[Rule, ...]
    error_rules: tuple[Rule, ...]
    examples: tuple[Example, ...]
    answer: str | None
    controls: tuple[Control, ...]


@frozen
class Reference:
    """The whole reference; ``address`` is the base URL that the contract names."""

    title: str
    version: str
    summary: str
    description: str
    address: str
    operations: tuple[OperationPage, ...]
    objects: tuple[Object, ...]
