"""Reads a schema out of the contract and flattens it.

A schema reaches its keywords through ``$ref``, through ``anyOf: [schema, {type: 'null'}]`` for a nullable value,
through ``anyOf: [{type: string}, {enum}]`` for a value that takes any string but knows some by name, and through
``anyOf`` or ``oneOf`` of a value and an array of it. All of them are followed, and the result is one flat
:class:`Schema`. A shape that can't be flattened without loss is refused, because what is misread would be held against
a server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import jsonschema_rs
from attrs import Factory, evolve, field, frozen
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from conformance.suite.contract.nodes import ContractError, as_list, as_map, escape, is_map
from conformance.suite.contract.schema import (
    STRUCTURE,
    UNREAD,
    VALIDATED,
    Block,
    Condition,
    Keyword,
    Schema,
)

_SCALAR = ("enum", "const", "not", "format")


@frozen
class Reader:
    """Looks things up in one document; pointers are RFC 6901, references are looked up by ``referencing``."""

    document: Mapping[str, object] = field(repr=False)
    _registry: Registry[Any] = field(
        init=False, repr=False, default=Factory(lambda self: _registry(self.document), takes_self=True)
    )

    def at(self, pointer: str) -> object:
        """Return the node at a JSON pointer, without following references; raises ContractError if none is there."""
        try:
            return self._registry.resolver().lookup(f"#{pointer}").contents
        except Unresolvable as error:
            raise ContractError(f"nothing stands at {pointer} in the contract") from error

    def resolve(self, pointer: str, passed: tuple[str, ...] = ()) -> tuple[Mapping[str, object], str]:
        """Follow references from a pointer to the node that is no reference, and return it with its pointer."""
        found = as_map(self.at(pointer))
        target = found.get("$ref")
        if target is None:
            return found, pointer
        if pointer in passed or not str(target).startswith("#"):
            raise ContractError(f"the reference at {pointer} of the contract leads nowhere inside it")
        return self.resolve(str(target).removeprefix("#"), (*passed, pointer))

    def schema(self, pointer: str, above: tuple[str, ...] = ()) -> Schema:
        """Return the schema at a pointer, flattened; ``above`` are the schemas that it stands in."""
        outer, here = as_map(self.at(pointer)), pointer
        found, pointer = self.resolve(pointer)
        if pointer in above:
            raise ContractError(f"the schema at {pointer} of the contract holds itself")
        above = (*above, pointer)
        beside = _beside_reference(outer, here) if found is not outer else ()
        found, nullable = _without_null_type(found, pointer)
        inner = self._union(found, pointer, above)
        described = description((outer, here), (found, pointer))
        default = Keyword("default", found["default"], f"{pointer}/default") if "default" in found else None
        return Schema(
            pointer=pointer,
            description=described or inner.description,
            keywords=(*inner.keywords, *_keywords(found, pointer), *beside),
            nullable=nullable or inner.nullable,
            default=default or inner.default,
            example=found.get("example", inner.example),
            known=inner.known,
            required={
                **inner.required,
                **{str(name): f"{pointer}/required/{i}" for i, name in enumerate(as_list(found.get("required")))},
            },
            properties={
                **inner.properties,
                **{
                    name: self.schema(f"{pointer}/properties/{escape(name)}", above)
                    for name in as_map(found.get("properties"))
                },
            },
            items=self.schema(f"{pointer}/items", above) if "items" in found else inner.items,
            blocks=tuple(
                self._block(as_map(block), f"{pointer}/allOf/{index}", above)
                for index, block in enumerate(as_list(found.get("allOf")))
            ),
            many=inner.many,
        )

    def _union(self, found: Mapping[str, object], pointer: str, above: tuple[str, ...]) -> Schema:
        """Flatten ``anyOf`` and ``oneOf`` into what holds for all branches."""
        keywords = tuple(keyword for keyword in _choices(found, pointer))
        if keywords:
            return Schema(pointer, keywords=keywords)
        at = [f"{pointer}/{name}/{i}" for name in ("anyOf", "oneOf") for i in range(len(as_list(found.get(name))))]
        nulls = [here for here in at if self.at(here) == {"type": "null"}]
        branches = [self.schema(here, above) for here in at if here not in nulls]
        single = [branch for branch in branches if branch.types != ("array",)]
        lists = [branch for branch in branches if branch.types == ("array",)]
        both = "anyOf" in found and "oneOf" in found
        if both or len(lists) > 1 or (lists and not single and len(branches) > 1):
            raise ContractError(f"{pointer} mixes arrays in a way that the suite can't flatten")
        if "oneOf" in found and len(single) > 1:
            raise ContractError(
                f"{pointer} is one of several schemas that may hold at once, which the suite can't read"
            )
        union = _named(single, pointer) if single else lists[0] if lists else Schema(pointer)
        if single and lists:
            union = _or_many(union, lists[0])
        null = Keyword("nullable", value=True, pointer=nulls[0]) if nulls else None
        return evolve(union, nullable=null or union.nullable)

    def _block(self, block: Mapping[str, object], pointer: str, above: tuple[str, ...]) -> Block:
        if len(above) > 1 or not {"x-condition", "if", "then"} <= block.keys() or "else" in block:
            raise ContractError(f"{pointer} must be a block of a request's schema with x-condition, if and then")
        condition = Condition(str(block["x-condition"]), as_map(block["if"]), pointer)
        then = self.schema(f"{pointer}/then", above)
        return Block(condition, then.properties, then.required)


def _registry(document: Mapping[str, object]) -> Registry[Any]:
    resource: Resource[Any] = DRAFT202012.create_resource(cast("Any", document))
    registry: Registry[Any] = Registry()
    return registry.with_resource("", resource)


def _named(branches: list[Schema], pointer: str) -> Schema:
    """Flatten a union of any string and strings by name into the first, which knows the others."""
    first = branches[0]
    known = first.known
    for other in branches[1:]:
        if [k.name for k in first.keywords] != ["type"] or other.keyword("type") != first.keyword("type"):
            raise ContractError(f"{pointer} mixes schemas in a way that the suite can't flatten")
        known += tuple(str(value) for value in as_list(other.keyword("enum")))
    return evolve(first, known=known)


def _choices(found: Mapping[str, object], pointer: str) -> Iterator[Keyword]:
    """Yield each union that only says which members an object must have: it asks that by itself, like a keyword."""
    for name in ("anyOf", "oneOf"):
        branches = as_list(found.get(name))
        if branches and all(is_map(branch) and set(branch) == {"required"} for branch in branches):
            yield Keyword(name, branches, f"{pointer}/{name}")


def _or_many(single: Schema, several: Schema) -> Schema:
    """Merge a value and an array of it: the type is either, every other keyword asks its own type alone."""
    types = [*single.types, "array"]
    mine = tuple(evolve(keyword, value=types) if keyword.name == "type" else keyword for keyword in single.keywords)
    theirs = tuple(keyword for keyword in several.keywords if keyword.name != "type")
    return evolve(single, keywords=(*mine, *theirs), items=several.items, many=True)


def asks(name: str, value: object, *, many: bool) -> bool:
    """Whether a keyword asks anything of a value: in a union with an array, a list is left to the array's own."""
    return not (many and isinstance(value, list) and name in _SCALAR)


def _without_null_type(found: Mapping[str, object], pointer: str) -> tuple[Mapping[str, object], Keyword | None]:
    """Take null out of a list of types; OpenAPI 3.0 says ``nullable`` in its place."""
    if found.get("nullable") is True:
        return found, Keyword("nullable", value=True, pointer=f"{pointer}/nullable")
    types = as_list(found.get("type"))
    if "null" not in types:
        return found, None
    rest = [name for name in types if name != "null"]
    nullable = Keyword("nullable", value=True, pointer=f"{pointer}/type")
    return {**found, "type": rest[0] if len(rest) == 1 else rest}, nullable


def _keywords(found: Mapping[str, object], pointer: str) -> tuple[Keyword, ...]:
    """Return the keywords that ask something of a value; a name that JSON Schema doesn't know asks nothing."""
    for name in found:
        if name in UNREAD:
            raise ContractError(f"the suite can't read the keyword {name!r} at {pointer} of the contract")
    asking = [name for name in found if name in VALIDATED]
    for name in asking:
        try:
            jsonschema_rs.Draft202012Validator({name: found[name]})
        except (jsonschema_rs.ValidationError, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            raise ContractError(f"the keyword {name!r} at {pointer} of the contract is wrong: {reason}") from error
    return tuple(Keyword(name, found[name], f"{pointer}/{name}") for name in asking)


def _beside_reference(outer: Mapping[str, object], pointer: str) -> tuple[Keyword, ...]:
    """Return the keywords that stand beside a reference and hold as well as what it refers to."""
    for name in outer:
        if name in STRUCTURE:
            raise ContractError(f"the suite can't read {name!r} beside the reference at {pointer} of the contract")
    return _keywords(outer, pointer)


def description(*nodes: tuple[Mapping[str, object], str]) -> Keyword | None:
    """Return the description of the first node that has one."""
    described = (
        Keyword("description", node["description"], f"{at}/description") for node, at in nodes if "description" in node
    )
    return next(described, None)
