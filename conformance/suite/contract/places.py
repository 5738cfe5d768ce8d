"""Values at places of a JSON document: finds them, and changes one without touching the rest.

A place is the path to a value: names of members, and ``*`` for each item of an array. The fields of a request are such
a document too; a file among them is whatever is no JSON value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias, cast

from conformance.suite.contract.nodes import as_list

Fields: TypeAlias = Mapping[str, object]
"""The fields of a request by name, in the contract's terms."""
Place: TypeAlias = tuple[str, ...]
EACH: Final = "*"
"""The step of a place that stands for each item of an array."""
ABSENT: Final = object()
"""Stands for a value that is not there: a field that is left out, a member that an answer lacks."""


def instances(value: object, place: Place, *, required: bool, where: str = "") -> Iterator[tuple[str, object]]:
    """Yield each value at a place of a JSON document with its path; a missing required one as ``ABSENT``."""
    if not place:
        yield where or "the body", value
        return
    head, rest = place[0], place[1:]
    if head == EACH:
        if isinstance(value, list):
            for index, item in enumerate(cast("list[object]", value)):
                yield from instances(item, rest, required=required, where=f"{where}[{index}]")
    elif isinstance(value, Mapping):
        below = f"{where}.{head}" if where else head
        found = cast("Mapping[str, object]", value)
        if head in found:
            yield from instances(found[head], rest, required=required, where=below)
        elif required and not rest:
            yield below, ABSENT


def changed(value: object, place: Place, new: object) -> object:
    """Copy a JSON document with the value at a place replaced, added or, with ``ABSENT``, left out.

    ``*`` is the first item of an array. Where the way to the place is not there, nothing changes.
    """
    if not place:
        return new
    head, rest = place[0], place[1:]
    if head == EACH:
        items = as_list(value)
        return [changed(items[0], rest, new), *items[1:]] if items else value
    if not isinstance(value, Mapping):
        return value
    members = cast("Mapping[str, object]", value)
    if rest and head not in members:
        return members
    below = changed(members[head], rest, new) if rest else new
    if below is ABSENT:
        return {name: other for name, other in members.items() if name != head}
    return {**members, head: below}


def with_fields(fields: Fields, edits: Fields) -> dict[str, object]:
    """Return the fields with each edit added, replaced or, with ``ABSENT``, left out."""
    return {name: value for name, value in {**fields, **edits}.items() if value is not ABSENT}


def is_file(value: object) -> bool:
    """Whether the value of a field is a file, which no schema can look into."""
    return not (value is None or isinstance(value, str | int | float | list | dict))


def files_in(value: object) -> list[object]:
    """Return the files that the value of a field is or holds."""
    return [item for item in (as_list(value) or [value]) if is_file(item)]


def plain(value: object) -> object:
    """Return a JSON document with each file as a short text, the way a schema sees a binary value."""
    if isinstance(value, Mapping):
        return {name: plain(member) for name, member in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list):
        return [plain(item) for item in cast("list[object]", value)]
    return "file" if is_file(value) else value
