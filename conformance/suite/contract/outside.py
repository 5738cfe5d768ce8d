"""Values just outside the edge of each schema keyword.

``outside`` proposes values for one constraint; whether a value is a sharp negative case, that is breaks this keyword
and no other, is for the constraints to say, so a proposal may be generous.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from conformance.suite.contract.constraints import Constraint, is_valid
from conformance.suite.contract.document import Contract
from conformance.suite.contract.examples import FORMATS, ONE_OF_TYPE, OTHER_TYPES, text
from conformance.suite.contract.inside import MOST_ITEMS, chosen, keeping, names_of, overlong_texts, varied
from conformance.suite.contract.nodes import as_list, as_map, is_map
from conformance.suite.contract.places import ABSENT
from conformance.suite.contract.schema import Schema

_SIDES = {"maximum": 1, "exclusiveMaximum": 1, "minimum": -1, "exclusiveMinimum": -1}
_FAR = 64
_NEAR = ("enum", "const", "pattern", "not", "format")
"""Keywords that a value documented for another place may break."""


def outside(constraint: Constraint, elsewhere: Iterable[object], value: object = None) -> tuple[object, ...]:
    """Return values that should break the constraint.

    ``elsewhere`` are values that the contract allows for a field of this name in some other place, such as the sizes
    of another model: the near misses that real clients send. ``value`` is a valid value of the same place, from which
    a wrong array or object is made.
    """
    near = tuple(elsewhere)
    if constraint.keyword == "type":
        return _of_other_types(constraint, near)
    first = near if constraint.keyword in _NEAR else ()
    return (*first, *_OUTSIDE[constraint.keyword](constraint.value, value))


def farther(constraint: Constraint, value: object) -> tuple[object, ...]:
    """Return more values that should break the constraint, for where none of the usual ones breaks it alone.

    Texts keep as much as can be of a valid ``value``, which may be of some pattern or format; numbers lie farther and
    farther beyond the limit, for they may have to be a multiple of something too.
    """
    limit = constraint.value
    if constraint.keyword == "maxLength" and isinstance(limit, int) and isinstance(value, str):
        return (value.ljust(limit + 1, "a"), value.ljust(limit + 1, value[-1:] or "a"))
    if constraint.keyword == "minLength" and isinstance(limit, int) and isinstance(value, str):
        return (value[: limit - 1], value[1:limit])
    if constraint.keyword in _SIDES and isinstance(limit, int | float):
        return tuple(limit + _SIDES[constraint.keyword] * step for step in range(1, _FAR))
    return ()


def _of_other_types(constraint: Constraint, near: tuple[object, ...]) -> tuple[object, ...]:
    names = names_of(constraint.value)
    null = () if constraint.nullable or "null" in names else (None,)
    # Where a conditional block allows nothing but null, documented values are what it forbids.
    documented = near if names == ["null"] else ()
    return (*null, *documented, *(other for name in names for other in OTHER_TYPES.get(name, ())))


def _not_among(members: object, _: object) -> tuple[object, ...]:
    known = [member for member in as_list(members) if member is not None]
    numbers = [member for member in known if isinstance(member, int | float)]
    if numbers:
        return (max(numbers) + 1, min(numbers) - 1)
    capitals = [str(member).upper() for member in known if str(member).upper() not in known]
    return (*capitals[:1], *(f"{member}0" for member in known))[:1]


def _not_equal(member: object, _: object) -> tuple[object, ...]:
    return (member + 1, member - 1) if isinstance(member, int | float) else (f"{member}0",)


def _refusing(schema: object) -> list[object]:
    """Return values that a plain schema forbids."""
    return [value for values in ONE_OF_TYPE.values() for value in values if not is_valid(as_map(schema), value)]


def _too_few(limit: int, value: object) -> tuple[object, ...]:
    return (list(islice(varied(as_list(value) or ["text"]), limit - 1)),) if limit > 0 else ()


def _too_many(limit: int, value: object) -> tuple[object, ...]:
    if limit >= MOST_ITEMS:
        return ()
    return tuple(list(islice(varied(items), limit + 1)) for items in (as_list(value), ["text"], [1]) if items)


def _twice(unique: object, value: object) -> tuple[object, ...]:
    items = as_list(value)
    return ([items[0], *items[:1], *items[2:]] if items else ["text", "text"],) if unique is True else ()


def _without(schema: object, value: object) -> tuple[object, ...]:
    kept = [item for item in as_list(value) if not is_valid(as_map(schema), item)]
    return (kept, *(_refusing(schema)[:size] for size in (1, 2)))


def _fewer(limit: int, value: object) -> tuple[object, ...]:
    members = list(_members(value).items())
    rotated = (members[start:] + members[:start] for start in range(max(1, len(members))))
    return tuple(dict(one[: limit - 1]) for one in rotated) if limit > 0 else ()


def _more(limit: int, value: object) -> tuple[object, ...]:
    members = _members(value)
    return ({**members, **{f"other{number}": "text" for number in range(max(1, limit + 1 - len(members)))}},)


def _unknown(schema: object, value: object) -> tuple[object, ...]:
    wrong = ["text"] if schema is False else _refusing(schema) if is_map(schema) else []
    return tuple({**_members(value), "other": one} for one in wrong)


def _no_choice(branches: list[object], value: object) -> tuple[object, ...]:
    names = chosen(branches)
    members = {name: member for name, member in _members(value).items() if name not in names}
    return (members, {**members, **dict.fromkeys(names, "text")})


def _members(value: object) -> dict[str, object]:
    return dict(as_map(value)) if is_map(value) else {}


def _unlike(_: str, value: object) -> tuple[object, ...]:
    near = (f"{value} ", f" {value}", value[:-1], value[1:], value.swapcase()) if isinstance(value, str) else ()
    return ("", " ", "\n", "0", "a", "otter", *near)


def _between(step: float, value: object) -> tuple[object, ...]:
    near = (value + step / 2, value - step / 2) if isinstance(value, int | float) else ()
    return (*near, step * 1.5, *((value + 1,) if isinstance(value, int) else ()), 1)


_OUTSIDE: Mapping[str, Callable[[Any, object], tuple[object, ...]]] = {
    "required": lambda _, __: (ABSENT,),
    "enum": _not_among,
    "const": _not_equal,
    "not": lambda schema, _: keeping(schema),
    "minimum": lambda limit, _: (limit - 1, -1),
    "maximum": lambda limit, _: (limit + 1,),
    "exclusiveMinimum": lambda limit, _: (limit,),
    "exclusiveMaximum": lambda limit, _: (limit,),
    "multipleOf": _between,
    "minLength": lambda limit, _: (text(limit - 1),) if limit > 0 else (),
    "maxLength": lambda limit, _: tuple(overlong_texts(limit)),
    "pattern": _unlike,
    "format": lambda name, _: (FORMATS[name][1],) if name in FORMATS else (),
    "minItems": _too_few,
    "maxItems": _too_many,
    "uniqueItems": _twice,
    "contains": _without,
    "minProperties": _fewer,
    "maxProperties": _more,
    "additionalProperties": _unknown,
    "anyOf": _no_choice,
    "oneOf": _no_choice,
}


def elsewhere(contract: Contract, name: str) -> tuple[object, ...]:
    """Return every value that the contract names for fields of this name, in any operation and block."""
    found: list[object] = []
    for operation in contract.operations.values():
        schemas = [*_called(operation.request, name)]
        schemas += [below for block in operation.request.blocks for below in _called_in(block.properties, name)]
        for schema in schemas:
            found += [
                member for member in as_list(schema.keyword("enum")) if member is not None and member not in found
            ]
    return tuple(found)


def _called(schema: Schema, name: str) -> Iterator[Schema]:
    yield from _called_in(schema.properties, name)
    if schema.items is not None:
        yield from _called(schema.items, name)


def _called_in(properties: Mapping[str, Schema], name: str) -> Iterator[Schema]:
    for own, below in properties.items():
        if own == name:
            yield below
        yield from _called(below, name)
