"""Says in words what a schema asks of a value, as Markdown: its type, its default, its limits.

A keyword that has no words here is shown as it stands in the contract, so a new one is never left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from conformance.suite.contract.nodes import as_list, as_map, is_map
from conformance.suite.contract.operation import Operation
from conformance.suite.contract.schema import Condition, Keyword, Schema

_LIMITS: Final[Mapping[str, str]] = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} members",
    "maxProperties": "at most {} members",
    "const": "only {}",
    "pattern": "of the pattern {}",
}
_ABSENT: Final = "or absent"


def code(value: object) -> str:
    """Return a value as code: a text as it is, anything else as JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # Backticks in the value need a longer fence (CommonMark, section 6.1).
    fence = "``" if "`" in text else "`"
    return f"{fence} {text} {fence}" if "`" in text or not text.strip() else f"{fence}{text}{fence}"


def type_of(schema: Schema, *, as_text: bool = False) -> str:
    """Name the type of a value; ``as_text`` says that it travels where there is no null."""
    names = ["file"] if schema.is_file else list(schema.types) or ["any value"]
    if schema.items is not None:
        held = "file" if schema.items.is_file else " or ".join(schema.items.types) or "any value"
        names = [f"array of {held}" if name == "array" else name for name in names]
        names += [f"array of {held}"] if schema.is_file else []
    if schema.nullable is not None and not as_text:
        names.append("null")
    form = schema.keyword("format")
    named = " or ".join(names)
    return f"{named} ({form})" if form and not schema.is_file else named


def limits_of(schema: Schema) -> tuple[str, ...]:
    """Say what is asked of a value beside its type."""
    found = [words for keyword in schema.keywords for words in _limit(keyword)]
    if schema.known:
        found.append(f"any; documented: {_listed(list(schema.known))}")
    return tuple(found)


def _limit(keyword: Keyword) -> Iterator[str]:
    name, value = keyword.name, keyword.value
    if name == "format":
        return
    if name == "type":
        if value == "null":
            yield "not supported"
    elif name == "enum":
        yield f"one of {_listed(value)}"
    elif name == "not" and is_map(value) and set(value) == {"enum"}:
        yield f"not {_listed(value['enum'])}"
    elif name == "uniqueItems":
        yield from ("no item twice",) if value else ()
    elif name == "additionalProperties" and value is False:
        yield "no other members"
    elif name in ("oneOf", "anyOf"):
        every = [_listed(as_map(branch).get("required"), " and ") for branch in as_list(value)]
        yield f"{'exactly' if name == 'oneOf' else 'at least'} one of these is there: {', '.join(every)}"
    elif name in _LIMITS:
        words = _LIMITS[name].format(code(value))
        yield words.removesuffix("s") if value == 1 else words
    else:
        yield code(f"{name}: {json.dumps(value, ensure_ascii=False)}")


def _listed(values: object, between: str = ", ") -> str:
    """List values; null says that a field is absent, which is told elsewhere."""
    return between.join(code(value) for value in as_list(values) if value is not None)


def condition(found: Condition, operation: Operation) -> str:
    """Say when a condition applies: which values of which fields, and whether their absence counts."""
    required = as_list(found.schema.get("required"))
    told: list[str] = []
    for name, schema in as_map(found.schema.get("properties")).items():
        wanted = as_map(schema)
        values = as_list(wanted.get("enum")) or ([wanted["const"]] if "const" in wanted else [])
        is_ = " or ".join(code(value) for value in values) if values else code(wanted)
        absent = f" {_ABSENT}" if name not in (*required, *operation.request.required) else ""
        told.append(f"{code(name)} is {is_}{absent}")
    told += [f"{code(name)} is given" for name in required if name not in as_map(found.schema.get("properties"))]
    return " and ".join(told)
