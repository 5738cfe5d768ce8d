"""Servers whose answers lack something or hold it in another type, for every place of an answer and of an error.

Like ``contracts`` this walks blindly: the places come from the contract's response schemas, and what is no lie there
(a text in place of a text, null where the schema allows it) is left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeAlias, cast

import attrs
from starlette.responses import Response

from conformance.mutants.mutant import Mutant, behaving
from conformance.mutants.walks.contracts import Node, written_out
from conformance.reference import JsonValue, Order, RefusedError, load_contract
from conformance.reference.answers import build_item
from conformance.reference.errors import build_error, encode_json

Place: TypeAlias = tuple[str, ...]
Change: TypeAlias = Callable[[Any], Any]

_EACH = "*"
_GONE = object()
_LIES: Mapping[str, Change] = {
    "dropped": lambda _: _GONE,
    "null": lambda _: None,
    "string": lambda value: value if isinstance(value, str) else json.dumps(value),
    "number": lambda _: 7,
    "boolean": lambda _: True,
    "array": lambda value: [value],
    "object": lambda value: {"value": value},
}
_IN_FORM = "response_format/honoured", "response_format/default"
_IN_COUNT = "response/data/count", "n/default"


@attrs.frozen
class Spot:
    """A place in an answer, with the JSON types that the contract allows there, and whether it may be left out."""

    place: Place
    types: frozenset[str]
    optional: bool


def mutants() -> Iterator[Mutant]:
    """Yield a server for each place of each operation's answers and errors, and each lie about it."""
    document = cast("Node", load_contract())
    for item in document["paths"].values():
        operation = item["post"]
        for kind, status, make in (("response", "200", _answering), ("error", "4XX", _refusing)):
            schema = operation["responses"][status]["content"]["application/json"]["schema"]
            for spot in _spots(written_out(document, schema), (), optional=False):
                for name, change in _LIES.items():
                    if name not in spot.types:
                        yield _mutant(operation["operationId"], kind, spot, name, make(spot.place, change))


def _mutant(operation: str, kind: str, spot: Spot, name: str, make: Callable[[], Any]) -> Mutant:
    where = "/".join((kind, *("items" if step == _EACH else step for step in spot.place)))
    said = "dropped" if name == "dropped" else f"made {name}"
    fits, consequences = _rules(spot, name, where)
    return Mutant(
        id=f"{operation}/reply/{where}:{name}",
        lie=f"{where} of the answers of {operation} is {said}",
        make=make,
        fits=tuple(f"{operation}/{rule}" for rule in fits),
        consequences=tuple(f"{operation}/{rule}" for rule in consequences),
        only=(f"{operation}/*",),
    )


def _rules(spot: Spot, name: str, where: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the rules that are about a lie of this name in one place, and those that may fail as a consequence."""
    last = spot.place[-1] if spot.place else None
    # The form that was asked for is not given where it is gone or null.
    consequences = _IN_FORM if last in {"url", "b64_json"} else ()
    if name == "null" and spot.optional:
        # Null says that it is absent, which is a fault of its own only where it is due.
        return consequences or (f"{where}/null",), ()
    if name != "dropped":
        return (f"{where}/type",), consequences
    if last is None:
        return (f"{where}/json",), ()
    if last == _EACH:
        return _IN_COUNT, ()
    return (consequences or (f"{where}/required",)), ()


def _spots(schema: Node, place: Place, *, optional: bool) -> Iterator[Spot]:
    types = cast("list[str]", schema["type"] if isinstance(schema["type"], list) else [schema["type"]])
    yield Spot(place, frozenset({"number" if name == "integer" else name for name in types}), optional)
    for name, below in schema.get("properties", {}).items():
        yield from _spots(below, (*place, name), optional=name not in schema.get("required", []))
    if "items" in schema:
        yield from _spots(schema["items"], (*place, _EACH), optional=False)


def _answering(place: Place, change: Change) -> Callable[[], Any]:
    return behaving(build_item=_revised_item, respond=partial(_respond, place, change))


def _refusing(place: Place, change: Change) -> Callable[[], Any]:
    def refuse(refusal: RefusedError) -> Response:
        return _respond(place, change, build_error(refusal), refusal.status)

    return behaving(refuse=refuse)


def _revised_item(order: Order, url: Callable[[], str], b64_json: Callable[[], str]) -> JsonValue:
    """Build an item that always has the optional ``revised_prompt``, so that there is something to lie about."""
    item = cast("dict[str, JsonValue]", build_item(order, url, b64_json))
    return {**item, "revised_prompt": f"{order.prompt}, revised"}


def _respond(place: Place, change: Change, answer: JsonValue, status: int = 200) -> Response:
    changed = _changed(answer, place, change)
    content = b"" if changed is _GONE else encode_json(changed)
    return Response(content, status, media_type="application/json")


def _changed(value: Any, place: Place, change: Change) -> Any:  # noqa: ANN401 - any JSON value
    """Copy a JSON value with what stands at a place changed, if anything stands there."""
    if not place:
        return change(value)
    head, rest = place[0], place[1:]
    if head == _EACH:
        changed = [_changed(item, rest, change) for item in cast("list[Any]", value)]
        return [item for item in changed if item is not _GONE]
    changed = {k: _changed(v, rest, change) if k == head else v for k, v in cast("dict[str, Any]", value).items()}
    return {k: v for k, v in changed.items() if v is not _GONE}
