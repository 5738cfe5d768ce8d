"""The edge of each schema keyword: values just outside it, and values just inside.

``outside`` proposes values for one constraint; whether a value is a sharp negative case, that is breaks this keyword
and no other, is for the constraints to say, so a proposal may be generous. ``inside`` proposes the boundary values
that every server must accept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Any, cast

from conformance.suite.contract.constraints import Constraint, is_valid, of_schema
from conformance.suite.contract.document import Contract
from conformance.suite.contract.examples import FORMATS, ONE_OF_TYPE, OTHER_TYPES, like, text
from conformance.suite.contract.nodes import as_list, as_map, is_map
from conformance.suite.contract.places import ABSENT
from conformance.suite.contract.schema import Schema

_ASTRAL = "\N{OTTER}"
_COMBINING = "q\N{COMBINING DOT ABOVE}"
_MOST_ITEMS = 64
"""Arrays of more items than this are not made: a boundary so far out is a long way to a small fault."""
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

    They keep as much as can be of a valid ``value``, which may be of some pattern or format.
    """
    limit = constraint.value
    if constraint.keyword == "maxLength" and isinstance(limit, int) and isinstance(value, str):
        return (value.ljust(limit + 1, "a"), value.ljust(limit + 1, value[-1:] or "a"))
    if constraint.keyword == "minLength" and isinstance(limit, int) and isinstance(value, str):
        return (value[: limit - 1], value[1:limit])
    return ()


def _of_other_types(constraint: Constraint, near: tuple[object, ...]) -> tuple[object, ...]:
    names = _names(constraint.value)
    null = () if constraint.nullable or "null" in names else (None,)
    # Where a conditional block allows nothing but null, documented values are what it forbids.
    documented = near if names == ["null"] else ()
    return (*null, *documented, *(other for name in names for other in OTHER_TYPES.get(name, ())))


def _names(types: object) -> list[str]:
    return [str(name) for name in (as_list(types) or [types])]


def _not_among(members: object, _: object) -> tuple[object, ...]:
    known = [member for member in as_list(members) if member is not None]
    numbers = [member for member in known if isinstance(member, int | float)]
    if numbers:
        return (max(numbers) + 1, min(numbers) - 1)
    return (str(known[0]).upper(), f"{known[0]}0") if known else ()


def _not_equal(member: object, _: object) -> tuple[object, ...]:
    return (member + 1, member - 1) if isinstance(member, int | float) else (f"{member}0",)


def _keeping(schema: object, _: object) -> tuple[object, ...]:
    """Return values that a plain schema allows."""
    found = as_map(schema)
    stated = [*as_list(found.get("enum")), *(found[name] for name in ("const", "minimum", "maximum") if name in found)]
    stated += [text(cast("int", found[name])) for name in ("minLength", "maxLength") if name in found]
    stated += like(str(found["pattern"])) if "pattern" in found else []
    stated += [valid for valid, _ in FORMATS.values()] if "format" in found else []
    usual = [value for name in (*_names(found.get("type")), *ONE_OF_TYPE) for value in ONE_OF_TYPE.get(name, ())]
    return tuple(value for value in (*stated, *usual) if is_valid(found, value))


def _refusing(schema: object) -> list[object]:
    """Return values that a plain schema forbids."""
    return [value for values in ONE_OF_TYPE.values() for value in values if not is_valid(as_map(schema), value)]


def _too_few(limit: int, value: object) -> tuple[object, ...]:
    return (list(islice(_varied(as_list(value) or ["text"]), limit - 1)),) if limit > 0 else ()


def _too_many(limit: int, value: object) -> tuple[object, ...]:
    if limit >= _MOST_ITEMS:
        return ()
    return tuple(list(islice(_varied(items), limit + 1)) for items in (as_list(value), ["text"], [1]) if items)


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
    chosen = _chosen(branches)
    members = {name: member for name, member in _members(value).items() if name not in chosen}
    return (members, {**members, **dict.fromkeys(chosen, "text")})


def _chosen(branches: list[object]) -> list[str]:
    """Return the names among which alternatives choose."""
    return [str(name) for branch in branches for name in as_list(as_map(branch).get("required"))]


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
    "not": _keeping,
    "minimum": lambda limit, _: (limit - 1, -1),
    "maximum": lambda limit, _: (limit + 1, 10 * limit),
    "exclusiveMinimum": lambda limit, _: (limit,),
    "exclusiveMaximum": lambda limit, _: (limit,),
    "multipleOf": _between,
    "minLength": lambda limit, _: (text(limit - 1),) if limit > 0 else (),
    "maxLength": lambda limit, _: tuple(boundary_texts(limit + 1)),
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


def inside(schema: Schema, file: object = None) -> tuple[object, ...]:
    """Return the boundary values that a field must accept: each enum member, each limit, the documented example.

    ``file`` is what stands for a file; without one, nothing does.
    """
    constraints = of_schema(schema)

    def kept(values: Iterable[object]) -> list[object]:
        return [v for v in values if v is not None and not any(c.violated_by_value(v) for c in constraints)]

    if schema.is_file and not schema.many:
        return () if file is None else (file,)
    found = kept(_stated(schema))
    if not found and schema.example is not None:
        found = [schema.example]
    if not found:
        usual = (
            value for name in schema.types for value in ONE_OF_TYPE.get(name, ()) if not isinstance(value, list | dict)
        )
        found = kept((*_like(schema), *usual))[: 2 if "boolean" in schema.types else 1]
    if schema.is_file:
        found = [] if file is None else [file]
    found += kept(_arrays(schema, file)) if "array" in schema.types else []
    found += kept(_objects(schema, file)) if schema.properties or "object" in schema.types else []
    return tuple(value for index, value in enumerate(found) if value not in found[:index] or isinstance(value, bool))


def _stated(schema: Schema) -> Iterator[object]:
    """Yield the values that the keywords name themselves."""
    step = cast("float", schema.keyword("multipleOf") or (1 if "integer" in schema.types else 0.5))
    for keyword in schema.keywords:
        limit = cast("Any", keyword.value)
        match keyword.name:
            case "enum":
                yield from as_list(limit)
            case "const" | "minimum" | "maximum":
                yield limit
            case "exclusiveMinimum":
                yield from (limit + step, (limit // step + 1) * step)
            case "exclusiveMaximum":
                yield from (limit - step, (limit / step // 1 - 1) * step)
            case "multipleOf":
                yield from (step, 2 * step)
            case "minLength":
                yield text(limit)
            case "maxLength":
                yield from boundary_texts(limit)
            case "type" if "boolean" in schema.types:
                yield from (False, True)
            case _:
                pass


def _like(schema: Schema) -> Iterator[object]:
    """Yield texts of the pattern or format that a schema asks for."""
    pattern, name = schema.keyword("pattern"), schema.keyword("format")
    if pattern is not None:
        yield from like(str(pattern))
    if name in FORMATS:
        yield FORMATS[str(name)][0]


def _arrays(schema: Schema, file: object) -> Iterator[list[object]]:
    """Yield arrays of the least and the greatest length, and one for each value that an item may have."""
    least = max(1, cast("int", schema.keyword("minItems") or 0))
    most = cast("int", schema.keyword("maxItems") or least)
    contained = schema.keyword("contains")
    entries = [*inside(schema.items, file)] if schema.items else ["text"]
    entries = [*(_keeping(contained, None)[:1] if is_map(contained) else ()), *entries]
    if not entries:
        return
    yield list(islice(_varied(entries), least))
    if least < most <= _MOST_ITEMS:
        yield list(islice(_varied(entries), most))
    for entry in entries[1:]:
        yield [entry, *islice(_varied([one for one in entries if one is not entry]), least - 1)]


def _varied(items: Sequence[object]) -> Iterator[object]:
    """Yield the items and then more of their kind, all of them different but for files."""
    yield from items
    for number in count(2):
        last = items[-1]
        yield _another(last, number)


def _another(value: object, number: int) -> object:
    """Return a value of the same kind that is different for each number, if there is one."""
    if isinstance(value, str):
        tail = str(number)
        return f"{value[: max(0, len(value) - len(tail))]}{tail}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value + number
    if is_map(value):
        return {name: _another(member, number) for name, member in value.items()}
    return value


def _objects(schema: Schema, file: object) -> Iterator[dict[str, object]]:
    """Yield the object with every member, the one with those that are required, and one for each value of a member."""
    choices = {name: inside(below, file) for name, below in schema.properties.items()}
    full = {name: values[0] for name, values in choices.items() if values}
    least = cast("int", schema.keyword("minProperties") or 0)
    yield {**full, **{f"other{number}": "text" for number in range(least - len(full))}}
    yield {name: value for name, value in full.items() if name in schema.required}
    for branches in (as_list(schema.keyword("oneOf")), as_list(schema.keyword("anyOf"))):
        for branch in branches:
            others = {*_chosen(branches)} - {*_chosen([branch])}
            yield {name: value for name, value in full.items() if name not in others}
    for name, values in choices.items():
        null = (None,) if schema.properties[name].nullable else ()
        for value in (*values[1:], *null):
            yield {**full, name: value}


def boundary_texts(length: int) -> list[str]:
    """Return texts of exactly this many Unicode code points.

    The second is longer when counted in bytes or UTF-16 units; the third when counted in bytes, and it holds marks that
    form one glyph with their letter.
    """
    return [text(length), _ASTRAL * length, (_COMBINING * length)[:length]]


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
