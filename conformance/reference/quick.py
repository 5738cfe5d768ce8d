"""Says quickly whether a value keeps a schema, so that the validator is only asked what is wrong with one that doesn't.

The validator of ``schemas`` goes through a schema anew for each value, and gathers on its way all that could be said of
it; that takes longer than everything else that a small request costs. Here a schema is turned once into functions that
answer yes or no, for the keywords that a contract of today has. Where a keyword is not among them, or a value is of a
kind about which they are not sure, nothing is said and the validator decides: it knows all keywords, and its word
counts. So this may leave a question open, but never answer one differently.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from conformance.reference.fields import keyword_values_below, resolve
from conformance.reference.values import Node

if TYPE_CHECKING:
    from jsonschema import FormatChecker

Check: TypeAlias = Callable[[Any], bool]
"""Says whether a value keeps a schema; raises ``_UnsureError``."""


class _UnsureError(Exception):
    """A question that only the validator can answer."""


def quick_check(document: Node, schema: Node, formats: "Callable[[], FormatChecker]") -> Check:
    """Make what is true of values that surely keep a schema; of others it is false, though they may keep it.

    ``formats`` is asked for the formats when a value has one.
    """
    try:
        check = _Compiler(document, formats).check(schema)
    except (_UnsureError, LookupError, TypeError, AttributeError):
        return _never

    def surely(value: object) -> bool:
        try:
            return check(value)
        except (_UnsureError, RecursionError):
            return False

    return surely


def _never(_: object) -> bool:
    return False


def _always(_: object) -> bool:
    return True


class _Compiler:
    """Turns the schemas of one document into checks, each once, so that one may refer to itself."""

    def __init__(self, document: Node, formats: "Callable[[], FormatChecker]") -> None:
        self._document = document
        self._formats = formats
        self._has_addresses = any(True for _ in keyword_values_below(document, document, "$id"))
        self._made: dict[int, Check] = {}

    def check(self, schema: Node | bool) -> Check:  # noqa: FBT001 - a schema may be one
        """Make the check of a schema; raises ``_UnsureError`` where it says more than is known here."""
        if isinstance(schema, bool):
            return lambda _: schema
        if id(schema) not in self._made:
            # Until it is made, a schema that refers to itself finds what looks it up when it is asked.
            self._made[id(schema)] = lambda value: self._made[id(schema)](value)  # noqa: PLW0108 - not yet the same
            self._made[id(schema)] = self._of_keywords(schema)
        return self._made[id(schema)]

    def _of_keywords(self, schema: Node) -> Check:
        if not all(name in _MAKERS or name in _SAY_NOTHING or name.startswith("x-") for name in schema):
            raise _UnsureError
        return _every([make(self, schema) for keyword, make in _MAKERS.items() if keyword in schema])

    def reference(self, schema: Node) -> Check:
        # A schema with an address of its own is one that references may be relative to.
        if not schema["$ref"].startswith("#/") or self._has_addresses:
            raise _UnsureError
        return self.check(resolve(self._document, schema["$ref"]))

    def format(self, schema: Node) -> Check:
        name = schema["format"]
        return lambda value: self._formats().conforms(value, name)

    def properties(self, schema: Node) -> Check:
        checks = {name: self.check(below) for name, below in schema["properties"].items()}

        def check(value: object) -> bool:
            if isinstance(value, dict):
                for name, below in cast("dict[str, object]", value).items():
                    if name in checks and not checks[name](below):
                        return False
            return True

        return check

    def condition(self, schema: Node) -> Check:
        condition = self.check(schema["if"])
        then, other = self.check(schema.get("then", True)), self.check(schema.get("else", True))
        return lambda value: then(value) if condition(value) else other(value)

    def any_of(self, schema: Node) -> Check:
        return _any([self.check(below) for below in schema["anyOf"]])

    def every_one_of(self, schema: Node) -> Check:
        return _every([self.check(below) for below in schema["allOf"]])

    def none_of(self, schema: Node) -> Check:
        check = self.check(schema["not"])
        return lambda value: not check(value)


def _both(one: Check, other: Check) -> Check:
    return lambda value: one(value) and other(value)


def _either(one: Check, other: Check) -> Check:
    return lambda value: one(value) or other(value)


def _every(checks: Sequence[Check]) -> Check:
    """Put checks together two by two; a generator would take longer than what it goes through."""
    return reduce(_both, checks) if checks else _always


def _any(checks: Sequence[Check]) -> Check:
    """Put checks together of which one is enough."""
    return reduce(_either, checks) if checks else _never


def _type(_: _Compiler, schema: Node) -> Check:
    names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if not _TYPES.keys() >= set(names):
        raise _UnsureError
    return _any([_TYPES[name] for name in names])


def _is_integer(value: object) -> bool:
    return _is_number(value) and (isinstance(value, int) or cast("float", value).is_integer())


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Final[Mapping[str, Check]] = {
    "string": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def _enum(_: _Compiler, schema: Node) -> Check:
    """Compare texts and nulls; when two numbers or two containers are equal, the validator knows."""
    members = schema["enum"]
    texts = frozenset(member for member in members if isinstance(member, str))
    null = any(member is None for member in members)

    def check(value: object) -> bool:
        if isinstance(value, str):
            return value in texts
        if value is None:
            return null
        raise _UnsureError

    return check


def _required(_: _Compiler, schema: Node) -> Check:
    names = frozenset(schema["required"])
    return lambda value: not isinstance(value, dict) or names <= value.keys()


def _minimum(_: _Compiler, schema: Node) -> Check:
    bound = schema["minimum"]
    return lambda value: not _is_number(value) or not value < bound


def _maximum(_: _Compiler, schema: Node) -> Check:
    bound = schema["maximum"]
    return lambda value: not _is_number(value) or not value > bound


def _min_length(_: _Compiler, schema: Node) -> Check:
    bound = schema["minLength"]
    return lambda value: not isinstance(value, str) or len(value) >= bound


def _max_length(_: _Compiler, schema: Node) -> Check:
    bound = schema["maxLength"]
    return lambda value: not isinstance(value, str) or len(value) <= bound


_MAKERS: Final[Mapping[str, Callable[[_Compiler, Node], Check]]] = {
    "$ref": _Compiler.reference,
    "type": _type,
    "enum": _enum,
    "required": _required,
    "minimum": _minimum,
    "maximum": _maximum,
    "minLength": _min_length,
    "maxLength": _max_length,
    "format": _Compiler.format,
    "properties": _Compiler.properties,
    "allOf": _Compiler.every_one_of,
    "anyOf": _Compiler.any_of,
    "not": _Compiler.none_of,
    "if": _Compiler.condition,
}
_SAY_NOTHING: Final = frozenset(
    {"title", "description", "default", "example", "examples", "deprecated", "$comment", "then", "else"}
)
"""Keywords that forbid no value, or only beside ``if``."""
