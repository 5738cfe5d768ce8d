"""Values just inside the edge of each schema keyword: those that every server must accept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice
from typing import Any, cast

from conformance.suite.contract.constraints import is_valid, of_schema
from conformance.suite.contract.examples import FORMATS, ONE_OF_TYPE, like, text
from conformance.suite.contract.nodes import as_list, as_map, is_map
from conformance.suite.contract.schema import Schema

MOST_ITEMS = 64
"""Arrays of more items than this are not made: a boundary so far out is a long way to a small fault."""
_ASTRAL = "\N{OTTER}"
_COMBINING = "q\N{COMBINING DOT ABOVE}"


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
                yield from fitting_texts(limit)
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
    entries = [*(keeping(contained)[:1] if is_map(contained) else ()), *entries]
    if not entries:
        return
    yield list(islice(varied(entries), least))
    if least < most <= MOST_ITEMS:
        yield list(islice(varied(entries), most))
    if contained is not None:
        yield list(islice(varied(entries), max(2, least)))[::-1]
    for entry in entries[1:]:
        yield [entry, *islice(varied([one for one in entries if one is not entry]), least - 1)]


def varied(items: Sequence[object]) -> Iterator[object]:
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
            others = {*chosen(branches)} - {*chosen([branch])}
            yield {name: value for name, value in full.items() if name not in others}
    for name, values in choices.items():
        null = (None,) if schema.properties[name].nullable else ()
        for value in (*values[1:], *null):
            yield {**full, name: value}


def fitting_texts(limit: int) -> list[str]:
    """Return the longest texts that have at most this many characters, whether code points or UTF-16 units are meant.

    JSON Schema counts code points, many languages count units, and a document in words says neither. The second is
    longer when counted in bytes.
    """
    astral = [_ASTRAL * (limit // 2)] if limit > 1 else []
    return [text(limit), *astral]


def overlong_texts(limit: int) -> list[str]:
    """Return the shortest texts of more than this many code points, and so of more UTF-16 units too.

    The second holds marks that form one glyph with their letter.
    """
    return [text(limit + 1), _combining(limit + 1)]


def _combining(length: int) -> str:
    return (_COMBINING * length)[:length]


def names_of(types: object) -> list[str]:
    """Return the types that a ``type`` keyword names."""
    return [str(name) for name in (as_list(types) or [types])]


def keeping(schema: object) -> tuple[object, ...]:
    """Return values that a plain schema allows."""
    found = as_map(schema)
    stated = [*as_list(found.get("enum")), *(found[name] for name in ("const", "minimum", "maximum") if name in found)]
    stated += [text(cast("int", found[name])) for name in ("minLength", "maxLength") if name in found]
    stated += like(str(found["pattern"])) if "pattern" in found else []
    stated += [valid for valid, _ in FORMATS.values()] if "format" in found else []
    usual = [value for name in (*names_of(found.get("type")), *ONE_OF_TYPE) for value in ONE_OF_TYPE.get(name, ())]
    return tuple(value for value in (*stated, *usual) if is_valid(found, value))


def chosen(branches: list[object]) -> list[str]:
    """Return the names among which alternatives choose."""
    return [str(name) for branch in branches for name in as_list(as_map(branch).get("required"))]
