"""Values at the edge of each schema keyword: just outside it, and just inside.

``outside`` proposes values for one constraint; whether a value is a sharp negative case, that is breaks this keyword
and no other, is for the constraints to say, so a proposal may be generous. ``inside`` proposes the boundary values
that every server must accept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from conformance.suite.constraints import Constraint
from conformance.suite.contract import Contract, Schema

ABSENT = object()
"""Stands for a field that is left out."""

_OTHER_TYPES: dict[str, tuple[object, ...]] = {
    "string": (7, True, ["text"], {"key": "text"}),
    "integer": ("1", "one", 1.5, True, [1]),
    "number": ("1", True, [1]),
    "boolean": ("true", 1),
    "array": ("text", {"0": "text"}),
    "object": ("text", ["text"]),
    "null": ("text", 7),
}
_ASTRAL = "\N{OTTER}"
_COMBINING = "q\N{COMBINING DOT ABOVE}"


def outside(  # noqa: C901, PLR0911, PLR0912 - one case for each keyword, to be read as a table
    constraint: Constraint, elsewhere: Iterable[object]
) -> tuple[object, ...]:
    """Return values that should break the constraint.

    ``elsewhere`` are values that the contract allows for a field of this name in some other place, such as the sizes
    of another model: the near misses that real clients send.
    """
    value = constraint.value
    match constraint.keyword:
        case "required":
            return (ABSENT,)
        case "type":
            names = cast("list[str]", value) if isinstance(value, list) else [str(value)]
            null = () if constraint.nullable or "null" in names else (None,)
            # Where a conditional block allows nothing but null, documented values are what it forbids.
            proposals = (*elsewhere, *(other for name in names for other in _OTHER_TYPES.get(name, ())))
            return (*null, *(proposals if names == ["null"] else proposals[len(tuple(elsewhere)) :]))
        case "enum":
            members = [member for member in cast("list[object]", value) if member is not None]
            changed = [str(members[0]).upper(), f"{members[0]}0"] if members else []
            return (*elsewhere, *changed)
        case "not":
            return tuple(cast("dict[str, list[object]]", value).get("enum", ()))
        case "minimum":
            return (cast("int", value) - 1, -1)
        case "maximum":
            return (cast("int", value) + 1, 10 * cast("int", value))
        case "exclusiveMinimum" | "exclusiveMaximum":
            return (value,)
        case "multipleOf":
            return (cast("float", value) * 1.5,)
        case "maxLength":
            return tuple(boundary_texts(cast("int", value) + 1))
        case "minLength":
            return (_text(cast("int", value) - 1),)
        case "maxItems":
            return (["text"] * (cast("int", value) + 1), [1] * (cast("int", value) + 1))
        case "minItems":
            return (["text"] * (cast("int", value) - 1),)
        case "const":
            return (f"{value}0", *elsewhere)
        case "pattern":
            return ("", " ", "\n", "0", "a", *elsewhere)
        case _:
            return tuple(elsewhere)


def inside(schema: Schema) -> tuple[object, ...]:
    """Return the boundary values that a field must accept: each enum member, each limit, the documented example."""
    values: list[object] = []
    for keyword in schema.keywords:
        value = keyword.value
        match keyword.name:
            case "enum":
                values += [member for member in cast("list[object]", value) if member is not None]
            case "const" | "minimum" | "maximum":
                values.append(value)
            case "minLength":
                values.append(_text(cast("int", value)))
            case "maxLength":
                values += boundary_texts(cast("int", value))
            case "type":
                values += [False, True] if value == "boolean" else []
            case _:
                pass
    if not values and schema.example is not None:
        values.append(schema.example)
    return tuple(values)


def boundary_texts(length: int) -> list[str]:
    """Return texts of exactly this many Unicode code points.

    The second is longer when counted in bytes or UTF-16 units; the third when counted in bytes, and it holds marks that
    form one glyph with their letter.
    """
    return [_text(length), _ASTRAL * length, (_COMBINING * length)[:length]]


def elsewhere(contract: Contract, name: str) -> tuple[object, ...]:
    """Return every value that the contract names for fields of this name, in any operation and block."""
    found: list[object] = []
    for operation in contract.operations.values():
        schemas = [operation.request.properties.get(name)]
        schemas += [properties.get(name) for _, properties in operation.request.blocks]
        for schema in schemas:
            members = cast("list[object]", schema.keyword("enum") or []) if schema else []
            found += [member for member in members if member is not None and member not in found]
    return tuple(found)


def _text(length: int) -> str:
    """Return plain English of exactly this length, so that no content filter has a reason to refuse it."""
    words = "A cute baby sea otter floats on calm water and looks at the evening sky. "
    return (words * (length // len(words) + 1))[:length]
