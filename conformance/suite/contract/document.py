"""Reads the contract: its operations, and the line of every node, so that a rule can quote file and line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import yaml
from attrs import field, frozen

from conformance.suite.contract.nodes import ContractError, as_map, escape, unescape
from conformance.suite.contract.operation import Operation, operations
from conformance.suite.contract.reading import Reader


@frozen
class Source:
    """Where a rule stands in the contract: JSON pointer (RFC 6901), line (from 1) and the words that it rests on.

    ``text`` is a whole sentence, a whole description, or the node itself; ``clause`` is the part of a sentence that the
    rule enforces, if it rests on a sentence.
    """

    pointer: str
    line: int
    text: str
    clause: str = ""


@frozen
class Contract:
    """The parsed contract. ``sha256`` is of the file's bytes, ``lines`` maps a JSON pointer to its line.

    ``own`` are, by field of a request, the values that the server at hand names itself: it may be sent those beside the
    documented ones, and no rule is about them.
    """

    reader: Reader = field(repr=False, hash=False, eq=False)
    lines: Mapping[str, int] = field(repr=False, hash=False, eq=False)
    sha256: str
    operations: Mapping[str, Operation] = field(repr=False, hash=False, eq=False)
    own: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def source(self, pointer: str, text: str | None = None, clause: str = "") -> Source:
        """Return the source at a pointer; its words are ``text`` or the node itself as YAML on one line.

        Raises ContractError if nothing stands at the pointer.
        """
        if pointer not in self.lines:
            raise ContractError(f"nothing stands at {pointer} in the contract")
        if text is None:
            value = self.at(pointer)
            name = unescape(pointer.rsplit("/", 1)[1])
            dumped = yaml.safe_dump({name: value}, default_flow_style=True, width=10_000, allow_unicode=True)
            text = dumped.strip().removeprefix("{").removesuffix("}")
        return Source(pointer, self.lines[pointer], text, clause)

    def at(self, pointer: str) -> object:
        """Return the node at a JSON pointer, without following references; raises ContractError if none is there."""
        return self.reader.at(pointer)

    def own_values(self, name: str) -> tuple[str, ...]:
        """Return the values that the server names itself for a field of a request."""
        return dict(self.own).get(name, ())

    def undocumented(self, name: str) -> tuple[str, ...]:
        """Return those of them that the contract doesn't name."""
        fields = (operation.request.properties.get(name) for operation in self.operations.values())
        named = {value for schema in fields if schema for value in schema.names}
        return tuple(value for value in self.own_values(name) if value not in named)

    @property
    def document(self) -> Mapping[str, object]:
        """The parsed document."""
        return self.reader.document


def load(path: Path) -> Contract:
    """Read the contract from a file; raises ContractError with one sentence if that can't be done."""
    try:
        return parse(path.read_bytes())
    except (OSError, yaml.YAMLError) as error:
        raise ContractError(f"the contract {path} can't be read: {' '.join(str(error).split())}") from error


def parse(text: bytes) -> Contract:
    """Parse the contract from the bytes of a YAML document; raises ContractError if something that is needed lacks."""
    document = as_map(_with_text_keys(yaml.safe_load(text)))
    lines = dict(_lines(yaml.compose(text), ""))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    reader = Reader(document)
    found: dict[str, Operation] = {}
    try:
        for path, item in as_map(document["paths"]).items():
            for operation in operations(reader, path, as_map(item)):
                if operation.id in found:
                    raise ContractError(f"two operations of the contract are called {operation.id}")
                found[operation.id] = operation
    except (KeyError, IndexError, ValueError) as error:
        raise ContractError(f"the contract lacks something that is needed or referred to: {error}") from error
    return Contract(reader, lines, hashlib.sha256(text).hexdigest(), found)


def _with_text_keys(node: object) -> object:
    """Return a node with every key as text: YAML reads an unquoted status as a number."""
    if isinstance(node, dict):
        return {str(key): _with_text_keys(value) for key, value in cast("dict[object, object]", node).items()}
    if isinstance(node, list):
        return [_with_text_keys(item) for item in cast("list[object]", node)]
    return node


def _lines(node: object, pointer: str) -> Iterator[tuple[str, int]]:
    """Yield the line of each node; a value of a mapping has the line of its key."""
    if isinstance(node, yaml.MappingNode):
        for key, value in cast("list[tuple[yaml.ScalarNode, yaml.Node]]", node.value):
            below = f"{pointer}/{escape(str(key.value))}"
            yield below, key.start_mark.line + 1
            yield from _lines(value, below)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(cast("list[yaml.Node]", node.value)):
            yield f"{pointer}/{index}", value.start_mark.line + 1
            yield from _lines(value, f"{pointer}/{index}")
