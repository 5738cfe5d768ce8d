"""Makes the rows of a table of a flattened schema: one for each field, those inside it right after it."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from conformance.suite.contract.operation import Operation
from conformance.suite.contract.schema import Schema
from scripts.docs import words
from scripts.docs.page import Object, Row
from scripts.docs.places import ITEMS, REQUEST, Held, object_name


def of_request(operation: Operation, held: Held) -> tuple[Row, ...]:
    """Return the rows of the parameters, with the limits that hold under a condition behind its label."""
    walk = _Walk(REQUEST, held, operation)
    return tuple(walk.members(operation.request))


def of_answer(root: Schema | None, owner: str, held: Held) -> tuple[Object, ...]:
    """Return the objects of an answer, the outermost first; one that the contract doesn't name is the ``owner``."""
    if root is None:
        return ()
    found: dict[str, Schema] = {}
    _objects(root, found)
    named = {owner: root} | found if object_name(root) is None else found
    return tuple(
        Object(
            name=name,
            description=str(schema.description.value) if schema.description else "",
            schema=schema,
            rows=tuple(_Walk(name, held).members(schema)),
            rules=held.get((name, ()), ()),
        )
        for name, schema in named.items()
    )


def _objects(schema: Schema, found: dict[str, Schema]) -> None:
    name = object_name(schema)
    if name is not None:
        found.setdefault(name, schema)
    for below in (*schema.properties.values(), *([schema.items] if schema.items else [])):
        _objects(below, found)


@frozen
class _Walk:
    """Walks one table. What is inside an object that has a page of its own stands there; a request's has none."""

    owner: str
    held: Held
    operation: Operation | None = None

    def members(self, schema: Schema, place: tuple[str, ...] = (), prefix: str = "") -> Iterator[Row]:
        """Yield the rows of the members of an object, or of the items of an array."""
        for name, below in schema.properties.items():
            yield from self._field(below, (*place, name), f"{prefix}{name}", required=name in schema.required)
        if schema.items is not None and not self._apart(schema.items):
            item, name = schema.items, f"{prefix.removesuffix('.')}[]"
            if _has_row(item):
                yield from self._field(item, (*place, ITEMS), name, required=False)
            else:
                yield from self.members(item, (*place, ITEMS), f"{name}.")

    def _field(self, schema: Schema, place: tuple[str, ...], name: str, *, required: bool) -> Iterator[Row]:
        paged = next((s for s in (schema, schema.items) if s is not None and self._apart(s)), None)
        rules = self.held.get((self.owner, place), ())
        if schema.items is not None and not _has_row(schema.items):
            rules = (*rules, *self.held.get((self.owner, (*place, ITEMS)), ()))
        yield Row(
            name=name,
            type=words.type_of(schema, as_text=self.operation is not None and self.operation.is_text(place[0])),
            required=required,
            default=words.code(schema.default.value) if schema.default else None,
            limits=(*words.limits_of(schema), *self._conditional(place)),
            description=str(schema.description.value).strip() if schema.description else "",
            object=object_name(paged) if paged else None,
            rules=rules,
        )
        if paged is None:
            yield from self.members(schema, place, f"{name}.")

    def _apart(self, schema: Schema) -> bool:
        return self.operation is None and object_name(schema) is not None

    def _conditional(self, place: tuple[str, ...]) -> Iterator[str]:
        """Yield the limits of a parameter that hold under a condition."""
        for block in self.operation.request.blocks if self.operation else ():
            label = words.code(block.condition.label)
            if place in {(name,) for name in block.required}:
                yield f"{label}: required"
            schema = block.properties.get(place[0]) if len(place) == 1 else None
            for limit in words.limits_of(schema) if schema else ():
                yield f"{label}: {limit}"


def _has_row(item: Schema) -> bool:
    """Whether the items of an array have something to say beside the field that holds them."""
    return not item.properties and bool(words.limits_of(item) or item.description)
