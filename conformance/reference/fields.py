"""What the contract says of each field of a request, gathered from wherever it says it.

A request schema names its fields in ``properties``; it may also refer to another schema, combine several, or name a
field only under a condition. Here these become one schema for each field, which serves to read the field and to find
its default. Whether a request is right is decided by the request schema itself, conditions included.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast
from urllib.parse import unquote

from conformance.reference.values import Node

_UNDER_CONDITION: Final = ("then", "else")
_ALWAYS: Final[Mapping[bool, Node]] = {True: {}, False: {"not": {}}}
"""What the two schemas that are no objects mean."""


def gather(document: Node, schema: Node) -> dict[str, Node]:
    """Gather the schema of each field by name, in the order in which the request schema names them.

    What stands under a condition counts only for a field that stands nowhere else.
    """
    found = _unconditional(document, schema)
    for name, schemas in _by_name(_conditional(document, schema)).items():
        found.setdefault(name, _one_of_these(schemas))
    return found


def keyword_values(document: Node, schema: Node, keyword: str) -> Iterator[Any]:
    """Find the values of a keyword in a schema and in those it refers to or combines."""
    if keyword in schema:
        yield schema[keyword]
    for below in (*_all(document, schema), *_alternatives(schema)):
        yield from keyword_values(document, below, keyword)


def keyword_values_below(document: Node, node: object, keyword: str) -> Iterator[object]:
    """Find the values of a keyword anywhere in a schema, however deep, behind whatever keyword."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting += cast("list[object]", found)
        elif isinstance(found, Mapping) and id(cast("object", found)) not in seen:
            below = cast("Node", found)
            seen.add(id(below))
            if keyword in below:
                yield below[keyword]
            waiting += below.values()
            if isinstance(below.get("$ref"), str):
                waiting.append(resolve(document, below["$ref"]))


def resolve(document: Node, reference: str) -> Node:
    """Follow a reference inside the document (RFC 6901, section 6)."""
    node: Any = document
    for step in reference.removeprefix("#").split("/")[1:]:
        node = node[unquote(step).replace("~1", "/").replace("~0", "~")]
    return node


def _unconditional(document: Node, schema: Node) -> dict[str, Node]:
    parts = [schema.get("properties", {})]
    parts += [_unconditional(document, below) for below in _all(document, schema)]
    alternatives = _by_name(_unconditional(document, below) for below in _alternatives(schema))
    parts.append({name: _one_of_these(schemas) for name, schemas in alternatives.items()})
    return {name: schemas[0] if len(schemas) == 1 else {"allOf": schemas} for name, schemas in _by_name(parts).items()}


def _conditional(document: Node, schema: Node) -> Iterator[Mapping[str, Node]]:
    """Find the properties of each schema that holds under a condition."""
    for below in (*_all(document, schema), *_alternatives(schema)):
        yield from _conditional(document, below)
    held = [schema[keyword] for keyword in _UNDER_CONDITION if keyword in schema]
    for below in _objects((*held, *schema.get("dependentSchemas", {}).values())):
        yield _unconditional(document, below)
        yield from _conditional(document, below)


def _all(document: Node, schema: Node) -> Iterator[Node]:
    """Find the schemas that hold beside the keywords of a schema."""
    if "$ref" in schema:
        yield resolve(document, schema["$ref"])
    yield from _objects(schema.get("allOf", ()))


def _alternatives(schema: Node) -> Iterator[Node]:
    """Find the schemas of which one must hold."""
    for keyword in ("anyOf", "oneOf"):
        yield from _objects(schema.get(keyword, ()))


def _objects(schemas: Iterable[Node | bool]) -> Iterator[Node]:
    """Leave out the schemas that are true or false: neither names a field."""
    return (below for below in schemas if not isinstance(below, bool))


def _by_name(parts: Iterable[Mapping[str, Node | bool]]) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for properties in parts:
        for name, schema in properties.items():
            found.setdefault(name, []).append(_ALWAYS[schema] if isinstance(schema, bool) else schema)
    return found


def _one_of_these(schemas: list[Node]) -> Node:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
