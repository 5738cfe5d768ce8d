"""Reads the contract: its operations, their schemas without indirection, and the line of every node.

A schema in the contract reaches its keywords through ``$ref``, through ``anyOf: [schema, {type: 'null'}]`` for a
nullable field, and through ``anyOf: [{type: string}, {enum}]`` for a field that takes any string but knows some by
name. ``flatten`` follows all three and returns one flat :class:`Schema`, in which each keyword remembers the JSON
pointer that it came from, so that a rule can quote the contract with file and line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import yaml
from attrs import field, frozen

from conformance import CONTRACT

ANNOTATIONS = frozenset({"title", "description", "default", "example", "examples", "deprecated", "$comment"})
STRUCTURE = frozenset({"properties", "items", "required", "allOf"})
VALIDATED = frozenset(
    {
        *("type", "enum", "const", "not", "format"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "pattern"),
        *("minItems", "maxItems", "uniqueItems", "contains"),
        *("minProperties", "maxProperties", "additionalProperties"),
    }
)
"""Keywords that ask something of a value by itself, so that a schema of this one keyword can judge it."""


class ContractError(Exception):
    """The contract can't be read or has a shape that the suite doesn't know; the message says where."""


@frozen
class Source:
    """Where a rule stands in the contract: JSON pointer (RFC 6901), line (from 1) and the words that it enforces."""

    pointer: str
    line: int
    text: str


@frozen
class Keyword:
    """One schema keyword with its value, and the JSON pointer at which the contract has it."""

    name: str
    value: object
    pointer: str


@frozen
class Condition:
    """The ``if`` of a conditional block, under its label."""

    label: str
    schema: Mapping[str, object] = field(hash=False)
    pointer: str


@frozen
class Schema:
    """A schema without indirection.

    ``keywords`` hold for a value that is not null, unless ``nullable`` is false, when null is refused by ``type``.
    ``known`` are strings that the contract names without limiting the field to them.
    """

    pointer: str
    description: Keyword | None
    keywords: tuple[Keyword, ...]
    nullable: Keyword | None
    default: Keyword | None
    example: object
    known: tuple[str, ...]
    required: Mapping[str, str] = field(hash=False)
    properties: Mapping[str, Schema] = field(hash=False)
    items: Schema | None
    blocks: tuple[tuple[Condition, Mapping[str, Schema]], ...] = field(hash=False)

    @property
    def bounded(self) -> bool:
        """Whether more than its type is asked of a value."""
        return any(keyword.name != "type" for keyword in self.keywords)

    def keyword(self, name: str) -> object:
        """Return the value of the keyword of this name, or None."""
        return next((keyword.value for keyword in self.keywords if keyword.name == name), None)


@frozen
class Operation:
    """One operation: how to call it, what it takes and what it answers."""

    id: str
    method: str
    path: str
    pointer: str
    media_type: str
    request: Schema = field(hash=False)
    answer: Schema = field(hash=False)
    error: Schema = field(hash=False)

    @property
    def is_form(self) -> bool:
        """Whether the request body is a multipart form, where there is no null and every plain value is text."""
        return self.media_type == "multipart/form-data"


@frozen
class Contract:
    """The parsed contract. ``sha256`` is of the file's bytes, ``lines`` maps a JSON pointer to its line."""

    document: Mapping[str, object] = field(repr=False, hash=False)
    lines: Mapping[str, int] = field(repr=False, hash=False)
    sha256: str
    operations: Mapping[str, Operation] = field(repr=False, hash=False)

    def source(self, pointer: str, text: str | None = None) -> Source:
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
        return Source(pointer, self.lines[pointer], text)

    def at(self, pointer: str) -> object:
        """Return the node at a JSON pointer, without following references."""
        return node_at(self.document, pointer)


def node_at(document: object, pointer: str) -> object:
    """Return the node of a document at a JSON pointer (RFC 6901)."""
    node = document
    for part in pointer.split("/")[1:]:
        node = cast("list[object]", node)[int(part)] if isinstance(node, list) else as_map(node)[unescape(part)]
    return node


def as_map(node: object) -> Mapping[str, object]:
    """Return the node as a mapping; raises ContractError if it is something else."""
    if not isinstance(node, Mapping):
        raise ContractError(f"expected a mapping in the contract, found {node!r}")
    return cast("Mapping[str, object]", node)


def as_list(node: object) -> list[object]:
    """Return the node as a list; an absent node is an empty one."""
    return cast("list[object]", node) if isinstance(node, list) else []


def escape(part: str) -> str:
    """Escape one part of a JSON pointer (RFC 6901, section 3)."""
    return part.replace("~", "~0").replace("/", "~1")


def unescape(part: str) -> str:
    """Undo :func:`escape`."""
    return part.replace("~1", "/").replace("~0", "~")


def load(path: Path = CONTRACT) -> Contract:
    """Read the contract from a file; raises ContractError with one sentence if that can't be done."""
    try:
        return parse(path.read_bytes())
    except (OSError, yaml.YAMLError) as error:
        raise ContractError(f"the contract {path} can't be read: {' '.join(str(error).split())}") from error


def parse(text: bytes) -> Contract:
    """Parse the contract from the bytes of a YAML document; raises ContractError if something that is needed lacks."""
    document = as_map(yaml.safe_load(text))
    lines = dict(_lines(yaml.compose(text), ""))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    reader = _Reader(document)
    operations: dict[str, Operation] = {}
    try:
        for path, item in as_map(document["paths"]).items():
            for method, operation in as_map(item).items():
                found = reader.operation(method, path, as_map(operation))
                operations[found.id] = found
    except (KeyError, IndexError, ValueError) as error:
        raise ContractError(f"the contract lacks something that is needed or referred to: {error}") from error
    return Contract(document, lines, hashlib.sha256(text).hexdigest(), operations)


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


def _without_null_type(found: Mapping[str, object], pointer: str) -> tuple[Mapping[str, object], Keyword | None]:
    """Take null out of a list of types."""
    types = found.get("type")
    if not isinstance(types, list) or "null" not in types:
        return found, None
    rest = [name for name in cast("list[str]", types) if name != "null"]
    nullable = Keyword("nullable", value=True, pointer=f"{pointer}/type")
    return {**found, "type": rest[0] if len(rest) == 1 else rest}, nullable


def _keywords(found: Mapping[str, object], pointer: str) -> tuple[Keyword, ...]:
    plain = [name for name in found if name not in ANNOTATIONS | STRUCTURE | {"anyOf"} and not name.startswith("x-")]
    for name in plain:
        if name not in VALIDATED:
            raise ContractError(f"the suite doesn't know the keyword {name!r} at {pointer} of the contract")
    return tuple(Keyword(name, found[name], f"{pointer}/{name}") for name in plain)


@frozen
class _Reader:
    document: Mapping[str, object]

    def operation(self, method: str, path: str, operation: Mapping[str, object]) -> Operation:
        pointer = f"/paths/{escape(path)}/{method}"
        content = as_map(as_map(operation["requestBody"])["content"])
        if len(content) != 1:
            raise ContractError(f"{pointer} must have one request media type")
        media_type = next(iter(content))
        body = f"{pointer}/requestBody/content/{escape(media_type)}/schema"
        answer, error = (f"{pointer}/responses/{status}/content/application~1json/schema" for status in ("200", "4XX"))
        return Operation(
            id=str(operation["operationId"]),
            method=method.upper(),
            path=path,
            pointer=pointer,
            media_type=media_type,
            request=self.schema(body),
            answer=self.schema(answer),
            error=self.schema(error),
        )

    def resolve(self, pointer: str) -> tuple[Mapping[str, object], str]:
        """Follow references from a pointer to the schema that holds the keywords."""
        found = as_map(self.at(pointer))
        target = found.get("$ref")
        return self.resolve(str(target).removeprefix("#")) if target is not None else (found, pointer)

    def schema(self, pointer: str) -> Schema:
        """Return the schema at a pointer, flattened."""
        outer, here = as_map(self.at(pointer)), pointer
        found, pointer = self.resolve(pointer)
        found, nullable = _without_null_type(found, pointer)
        inner, null_branch, known = self._union(found, pointer)
        described = self._description((outer, here), (found, pointer))
        default = Keyword("default", found["default"], f"{pointer}/default") if "default" in found else None
        return Schema(
            pointer=pointer,
            description=described or (inner.description if inner else None),
            keywords=(inner.keywords if inner else ()) + _keywords(found, pointer),
            nullable=nullable or null_branch or (inner.nullable if inner else None),
            default=default or (inner.default if inner else None),
            example=found.get("example", inner.example if inner else None),
            known=known or (inner.known if inner else ()),
            required={
                str(name): f"{pointer}/required/{index}" for index, name in enumerate(as_list(found.get("required")))
            },
            properties={
                name: self.schema(f"{pointer}/properties/{escape(name)}")
                for name in as_map(found.get("properties", {}))
            },
            items=self.schema(f"{pointer}/items") if "items" in found else None,
            blocks=tuple(
                self._block(as_map(block), f"{pointer}/allOf/{index}")
                for index, block in enumerate(as_list(found.get("allOf")))
            ),
        )

    def _union(
        self, found: Mapping[str, object], pointer: str
    ) -> tuple[Schema | None, Keyword | None, tuple[str, ...]]:
        """Flatten ``anyOf``: the schema that holds for all its branches, its null branch, and the names it knows."""
        branches = as_list(found.get("anyOf"))
        at = [f"{pointer}/anyOf/{index}" for index in range(len(branches))]
        nulls = [here for here, branch in zip(at, branches, strict=True) if branch == {"type": "null"}]
        null_branch = Keyword("nullable", value=True, pointer=nulls[0]) if nulls else None
        schemas = [self.schema(here) for here in at if here not in nulls]
        known: tuple[str, ...] = ()
        for other in schemas[1:]:
            if [k.name for k in schemas[0].keywords] != ["type"] or other.keyword("type") != schemas[0].keyword("type"):
                raise ContractError(f"{pointer}/anyOf mixes schemas in a way that the suite can't flatten")
            known += tuple(str(value) for value in as_list(other.keyword("enum")))
        return (schemas[0] if schemas else None), null_branch, known

    def _description(self, *nodes: tuple[Mapping[str, object], str]) -> Keyword | None:
        """Return the description of the first node that has one."""
        described = (
            Keyword("description", node["description"], f"{at}/description")
            for node, at in nodes
            if "description" in node
        )
        return next(described, None)

    def at(self, pointer: str) -> object:
        """Return the node at a JSON pointer, without following references."""
        return node_at(self.document, pointer)

    def _block(self, block: Mapping[str, object], pointer: str) -> tuple[Condition, Mapping[str, Schema]]:
        if not {"x-condition", "if", "then"} <= block.keys():
            raise ContractError(f"{pointer} must be a block with x-condition, if and then")
        condition = Condition(str(block["x-condition"]), as_map(block["if"]), pointer)
        then = as_map(as_map(block["then"]).get("properties", {}))
        return condition, {name: self.schema(f"{pointer}/then/properties/{escape(name)}") for name in then}
