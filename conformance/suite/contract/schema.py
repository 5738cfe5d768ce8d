"""A schema of the contract without indirection: one flat value, in which each keyword remembers where it stands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property

from attrs import field, frozen

from conformance.suite.contract.nodes import as_list, as_map

ANNOTATIONS = frozenset({"title", "description", "default", "example", "examples", "deprecated", "$comment"})
STRUCTURE = frozenset({"properties", "items", "required", "allOf", "anyOf", "oneOf"})
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
UNREAD = frozenset(
    {
        *("if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties", "propertyNames"),
        *("prefixItems", "minContains", "maxContains", "unevaluatedItems", "unevaluatedProperties", "$dynamicRef"),
    }
)
"""Keywords of JSON Schema that limit a value in a way that the suite can't read: leaving them out would accuse."""


def canonical(schema: Mapping[str, object]) -> str:
    """Write a schema as a text that is the same for equal ones."""
    return json.dumps(schema, sort_keys=True)


@frozen
class Keyword:
    """One schema keyword with its value, and the JSON pointer at which the contract has it."""

    name: str
    value: object
    pointer: str


@frozen
class Condition:
    """The ``if`` of a conditional block, under its label; ``fields`` are those that it looks at."""

    label: str
    schema: Mapping[str, object] = field(hash=False)
    pointer: str

    @cached_property
    def text(self) -> str:
        """The schema as ``canonical`` writes it."""
        return canonical(self.schema)

    @property
    def fields(self) -> frozenset[str]:
        """The names of the fields on which it depends."""
        names = [*as_map(self.schema.get("properties")), *as_list(self.schema.get("required"))]
        return frozenset(map(str, names))


@frozen
class Block:
    """A conditional block of a request: what more is asked of some fields, or that they be there, if it applies."""

    condition: Condition
    properties: Mapping[str, Schema] = field(hash=False)
    required: Mapping[str, str] = field(hash=False)


@frozen
class Schema:
    """A schema without indirection.

    ``keywords`` hold for a value that is not null, unless ``nullable`` is false, when null is refused by ``type``.
    ``known`` are strings that the contract names without limiting the field to them. ``required`` maps each name to its
    pointer. Where a value stands for a list of one (``many``), the keywords of the list stand beside its own, and
    ``items`` is the schema of each entry.
    """

    pointer: str
    description: Keyword | None = None
    keywords: tuple[Keyword, ...] = ()
    nullable: Keyword | None = None
    default: Keyword | None = None
    example: object = None
    known: tuple[str, ...] = ()
    required: Mapping[str, str] = field(factory=dict[str, str], hash=False)
    properties: Mapping[str, Schema] = field(factory=dict[str, "Schema"], hash=False)
    items: Schema | None = None
    blocks: tuple[Block, ...] = field(default=(), hash=False)
    many: bool = False

    @property
    def names(self) -> tuple[object, ...]:
        """The values that the contract names, whether it limits the field to them or not."""
        return (*self.known, *as_list(self.keyword("enum")))

    @property
    def bounded(self) -> bool:
        """Whether more than its type is asked of a value."""
        return any(keyword.name != "type" for keyword in self.keywords)

    @property
    def types(self) -> tuple[str, ...]:
        """The JSON types that are allowed beside null; none if the contract doesn't say."""
        value = self.keyword("type")
        return tuple(map(str, as_list(value) or ([value] if value else [])))

    @property
    def is_file(self) -> bool:
        """Whether a value is a file, or can be one."""
        return self.keyword("format") == "binary"

    def keyword(self, name: str) -> object:
        """Return the value of the keyword of this name, or None."""
        return next((keyword.value for keyword in self.keywords if keyword.name == name), None)

    def below(self, place: tuple[str, ...]) -> Schema | None:
        """Return the schema of the values at a place below, ``*`` for the items of an array, or None."""
        if not place:
            return self
        inner = self.items if place[0] == "*" else self.properties.get(place[0])
        return inner.below(place[1:]) if inner else None
