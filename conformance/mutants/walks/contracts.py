"""Servers that run under a slightly different contract: one keyword, bound, member or entry is not what it was.

The walk is blind: it knows what JSON Schema keywords mean and nothing of this API, so a keyword that the contract gains
gives new mutants by itself. References are first written out, so that a change concerns one place of one operation.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Mapping
from typing import Any, cast

import attrs

from conformance.mutants.mutant import Mutant, behaving
from conformance.mutants.walks import concerns
from conformance.mutants.walks.concerns import ANNOTATIONS, BOUNDS, Node, Path
from conformance.reference import load_contract


@attrs.frozen
class Edit:
    """One change of a request schema: where, what in words, and the changed schema."""

    path: Path
    what: str
    schema: Node = attrs.field(repr=False)


def mutants(contract: Mapping[str, Any] | None = None) -> Iterator[Mutant]:
    """Yield a server for each change of each request schema of the contract, or of another one."""
    document = cast("Node", contract or load_contract())
    members = _members(document)
    for path, item in document["paths"].items():
        operation = item["post"]
        ((media_type, body),) = operation["requestBody"]["content"].items()
        schema = written_out(document, body["schema"])
        for edit in _edits(schema, members):
            changed = _replaced(
                document, ("paths", path, "post", "requestBody", "content", media_type, "schema"), edit.schema
            )
            concern = concerns.of_change(schema, edit.path, edit.what, is_form=media_type == "multipart/form-data")
            yield _mutant(operation["operationId"], edit, concern, changed)


def _mutant(operation: str, edit: Edit, concern: concerns.Concern, contract: Node) -> Mutant:
    where = "/".join(map(str, edit.path)) or "schema"
    return Mutant(
        id=f"{operation}/contract/{where}:{edit.what}",
        lie=f"requests are held to the contract with {where} {edit.what}",
        make=behaving(contract=contract),
        fits=tuple(f"{operation}/{pattern}" for pattern in concern.fits),
        consequences=tuple(f"{operation}/{pattern}" for pattern in concern.consequences),
        only=(f"{operation}/*",),
        # Limits for all models are hidden behind those of a documented one.
        models=(None, "other-model"),
    )


def _edits(schema: Node, members: Mapping[str, list[object]]) -> Iterator[Edit]:
    for path, node in _schemas(schema, ()):
        field = _field(path)
        near = members.get(field, []) if field else []
        for keyword, value in node.items():
            if keyword in ANNOTATIONS or keyword.startswith("x-"):
                continue
            here = (*path, keyword)
            for below, what, changed in _changes(schema, here, value, near):
                yield Edit(below, what, changed)
        yield from _additions(schema, path, node)


def _changes(  # noqa: C901 - one case for each kind of keyword
    schema: Node,
    path: Path,
    value: Any,  # noqa: ANN401 - any keyword's value
    members: list[object],
) -> Iterator[tuple[Path, str, Node]]:
    """Yield each change of one keyword: where, what, and the whole schema after it."""
    keyword = path[-1]
    if keyword not in {"properties", "required", "allOf"}:
        yield path, "dropped", _dropped(schema, path)
    if keyword in BOUNDS:
        yield path, "less by 1", _replaced(schema, path, value - 1)
        yield path, "more by 1", _replaced(schema, path, value + 1)
    elif keyword == "properties":
        for name in value:
            yield (*path, name), "dropped", _dropped(schema, (*path, name))
    elif keyword in {"allOf", "anyOf"}:
        for index in range(len(value)):
            yield (*path, index), "dropped", _dropped(schema, (*path, index))
    elif keyword in {"enum", "required"}:
        for index, member in enumerate(value):
            yield path, f"without {member}", _dropped(schema, (*path, index))
        if keyword == "enum":
            for member in _near_misses(value, members):
                yield path, f"with {member}", _replaced(schema, path, [*value, member])


def _additions(schema: Node, path: Path, node: Node) -> Iterator[Edit]:
    """Yield what an object could demand of its fields but doesn't: to be there, or to be something or null."""
    if path or "properties" not in node:
        return
    for name, field in node["properties"].items():
        if name not in node.get("required", []):
            required = [*node.get("required", []), name]
            yield Edit(("required",), f"with {name}", _replaced(schema, ("required",), required))
        here = ("properties", name)
        if {"type": "null"} not in field.get("anyOf", []):
            yield Edit(here, "nullable", _replaced(schema, here, {"anyOf": [field, {"type": "null"}]}))


def _near_misses(enum: list[object], elsewhere: list[object]) -> list[object]:
    """Return values that the contract names for this field in another place, else a member in capitals."""
    found = [member for member in elsewhere if member not in enum]
    return found or [str(member).upper() for member in enum[:1] if member is not None]


def _members(document: Node) -> dict[str, list[object]]:
    """Collect by field name every value that an enum of the contract names for it."""
    found: dict[str, list[object]] = {}
    for item in document["paths"].values():
        ((_, body),) = item["post"]["requestBody"]["content"].items()
        schema = written_out(document, body["schema"])
        for path, node in _schemas(schema, ()):
            known = found.setdefault(_field(path) or "", [])
            known += [member for member in node.get("enum", []) if member is not None and member not in known]
    return found


def _schemas(node: Node, path: Path) -> Iterator[tuple[Path, Node]]:
    """Yield every schema inside a schema, itself included."""
    yield path, node
    for name, below in node.get("properties", {}).items():
        yield from _schemas(below, (*path, "properties", name))
    for keyword in ("allOf", "anyOf"):
        for index, below in enumerate(node.get(keyword, [])):
            yield from _schemas(below, (*path, keyword, index))
    for keyword in ("if", "then", "not"):
        if keyword in node:
            yield from _schemas(node[keyword], (*path, keyword))


def _field(path: Path) -> str | None:
    """Return which field a place is about, if it is about one."""
    return next((str(name) for step, name in itertools.pairwise(path) if step == "properties"), None)


def written_out(document: Node, node: Any) -> Any:  # noqa: ANN401 - any node of a schema
    """Copy a schema with every reference replaced by what it refers to; what stands beside it stays."""
    if isinstance(node, list):
        return [written_out(document, item) for item in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    found = cast("Node", node)
    beside = {name: written_out(document, below) for name, below in found.items() if name != "$ref"}
    if "$ref" not in found:
        return beside
    target: Any = document
    for step in str(found["$ref"]).removeprefix("#/").split("/"):
        target = target[step]
    return {**written_out(document, target), **beside}


def _replaced(node: Any, path: Path, value: object) -> Any:  # noqa: ANN401 - any node of a document
    """Copy a document with the value at a path replaced, or put there; all else is shared."""
    if not path:
        return value
    changed = copy.copy(node)
    changed[path[0]] = _replaced(_below(node, path[0]), path[1:], value)
    return changed


def _below(node: Any, step: str | int) -> Any:  # noqa: ANN401 - any node of a document
    try:
        return node[step]
    except KeyError:
        return None


def _dropped(schema: Node, path: Path) -> Node:
    """Copy a schema without the value at a path."""
    parent: Any = schema
    for step in path[:-1]:
        parent = parent[step]
    kept = copy.copy(parent)
    del kept[path[-1]]
    return _replaced(schema, path[:-1], kept)
