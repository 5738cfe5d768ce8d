"""Which rules are about a change of a request schema: derived from what the change means, not from what a run shows.

A change makes a keyword *looser*, and then the rule of that keyword must notice, or *tighter*, and then the rules that
what is documented is accepted. Which of the two it is follows from the keyword and its place: a bound that moves
outwards is looser, a condition that loses a member holds for fewer requests, what stands below ``not`` is turned round.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import attrs

Node: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[str | int, ...]

ANNOTATIONS = frozenset({"title", "description", "default", "example", "examples", "deprecated"})
BOUNDS = frozenset({"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"})
_NULL = {"type": "null"}
_READ: Mapping[str, tuple[str, ...]] = {
    # A field that is read in another way shows in the rules about what it asks for.
    "n": ("response/data/count",),
    "image": ("mask/*",),
}


@attrs.frozen
class Concern:
    """Patterns of the rules that are about a change, and of those that may fail as a consequence."""

    fits: tuple[str, ...]
    consequences: tuple[str, ...] = ()


def of_change(schema: Node, path: Path, what: str, *, is_form: bool) -> Concern:
    """Return what a change is about: ``what`` was done at ``path`` of a whole request schema."""
    if path[:1] == ("allOf",):
        block = schema["allOf"][path[1]]
        place = _Place(f"@{block['x-condition']}", is_form)
        if "then" not in path[:-1]:
            return _of_block(block, path[2:], what, place)
        field, below = str(path[4]), path[5:]
        return _of_field(field, block["then"]["properties"][field], below, what, place)
    if path[:1] == ("required",):
        how, _, name = what.partition(" ")
        return Concern((f"{name}/required" if how == "without" else f"{name}/optional",))
    if path[:1] == ("properties",):
        field, below = str(path[1]), path[2:]
        return _of_field(field, schema["properties"][field], below, what, _Place("", is_form))
    return Concern(("body/malformed",))


@attrs.frozen
class _Place:
    """Where a field is limited: for every request, or under a condition, whose label the rules bear."""

    label: str
    is_form: bool

    def demanded(self, node: Node) -> tuple[str, ...]:
        """Return the keywords that a schema holds a value to; in a form every plain value is a text anyway."""
        return tuple(name for name in _keywords(node) if not (self.is_form and name == "type" and _is_text(node)))

    def looser(self, field: str, *keywords: str) -> Concern:
        """Return what lifting limits of a field is about."""
        # The limits of a model hold also for who names no model and so gets it.
        default = ("model/default",) if self.label else ()
        return Concern(tuple(f"{field}/{keyword}{self.label}" for keyword in keywords), default)

    def tighter(self, field: str) -> Concern:
        """Return what refusing documented values of a field is about."""
        return Concern((f"{field}/accepted{self.label or '*'}",))

    def without_null(self, field: str) -> Concern:
        """Return what refusing null is about."""
        # Null is among the documented values of a block that allows it.
        return Concern((f"{field}/nullable",), (f"{field}/accepted*",))


def _of_block(block: Node, path: Path, what: str, place: _Place) -> Concern:
    """Return what a change of a whole block or of its condition is about: all that it limits."""
    if path[-1:] == ("required",):
        # Without the demand that the field be there, the condition holds also where it is left out.
        return Concern((f"{what.partition(' ')[2]}/optional",), ("model/default",))
    fewer = path in {(), ("if",), ("then",)} or what.startswith("without ")
    everywhere = attrs.evolve(place, label="")
    found = [
        place.looser(field, *place.demanded(node)) if fewer else everywhere.tighter(field)
        for field, node in block["then"]["properties"].items()
    ]
    return Concern(
        tuple(pattern for concern in found for pattern in concern.fits),
        tuple(dict.fromkeys(pattern for concern in found for pattern in concern.consequences)),
    )


def _of_field(field: str, node: Node, path: Path, what: str, place: _Place) -> Concern:  # noqa: PLR0911 - a table
    """Return what a change inside the schema of one field is about."""
    keyword = str(path[-1]) if path else ""
    branch = node["anyOf"][path[1]] if path[:1] == ("anyOf",) and path[1:] else None
    if what == "nullable":
        return place.looser(field, "type")
    if not path and node.get("format") == "binary":
        # What a file must be is said in words, and so under names of their own.
        return Concern((f"{field}/*",), _READ.get(field, ()))
    if keyword in {"", "anyOf"} or (branch == _NULL and keyword == "type"):
        # Nothing is left of the field's limits, for a branch without its type takes everything.
        return _misread(field, place.looser(field, *place.demanded(node)))
    if branch == _NULL:
        return place.without_null(field)
    if what == "without None":
        return attrs.evolve(place.without_null(field), fits=(f"{field}/nullable", *place.tighter(field).fits))
    if path[-2:-1] == ("anyOf",) or _is_looser(keyword, what) is ("not" in path[:-1]):
        return place.tighter(field)
    found = place.looser(field, "not" if "not" in path else keyword)
    # What is read as another type meets no limit of the type that it should be.
    others = tuple(f"{field}/{other}" for other in place.demanded(node) if other != "type")
    return _misread(field, found, *others) if keyword == "type" else found


def _misread(field: str, concern: Concern, *others: str) -> Concern:
    """Add what follows where a field is not read as what it is."""
    return attrs.evolve(concern, consequences=(*concern.consequences, *others, *_READ.get(field, ())))


def _is_looser(keyword: str, what: str) -> bool:
    """Whether a change of a keyword lets more values through."""
    if keyword in BOUNDS:
        return what == "dropped" or what.startswith("less" if keyword.startswith("min") else "more")
    return what == "dropped" or what.startswith("with ")


def _keywords(node: Node) -> Iterator[str]:
    """Yield the keywords that a schema holds every value to; of several branches, those that all of them have."""
    for keyword in node:
        if keyword not in ANNOTATIONS and not keyword.startswith("x-") and keyword != "anyOf":
            yield keyword
    branches = [list(_keywords(branch)) for branch in node.get("anyOf", []) if branch != _NULL]
    for keyword in branches[0] if branches else []:
        if all(keyword in branch for branch in branches):
            yield keyword


def _is_text(node: Node) -> bool:
    """Whether a schema asks for a text, in whichever branch."""
    return node.get("type") == "string" or any(_is_text(branch) for branch in node.get("anyOf", []))
