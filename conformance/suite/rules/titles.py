"""Says in a few plain words what a rule asks for: ``n above 10 must be refused``, ``created is an integer``.

The words come from the constraint, the field or the model that a rule is about, so that they fit any contract; a rule
whose record doesn't hold that, such as one that rests on a sentence, is given its title where it is declared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conformance.suite.contract.constraints import Constraint
from conformance.suite.contract.nodes import as_list, is_map
from conformance.suite.contract.places import EACH, Place
from conformance.suite.contract.schema import Schema
from conformance.suite.exchange.words import count, cut, visible, written
from conformance.suite.rules.rule import (
    About,
    Absence,
    Answers,
    Breach,
    DefaultLimits,
    Edits,
    Entry,
    Offered,
    Random,
    Rule,
    Stable,
    Values,
)

LONGEST = 79
"""Characters of the longest title."""
_LONGEST_VALUE = 30
_INITIALS = frozenset({"uri", "iri", "uuid"})
_Words = Callable[[object], str]


def title(rule: Rule) -> str:
    """Return the title of a rule, without its operation: words on one line, never more than ``LONGEST`` characters."""
    words = rule.title or _of(rule.about)
    condition = f" ({rule.condition.label})" if rule.condition else ""
    return cut(visible(f"{words}{condition}"), LONGEST)


def _of(about: About) -> str:
    match about:
        case Breach(constraint):
            words = f"{_broken(constraint)} must be refused"
        case Values(name, null=True):
            words = f"{name} may be null"
        case Absence(name):
            words = f"{name} may be left out"
        case Offered(name):
            words = f"every documented {name} that the server offers is accepted"
        case DefaultLimits(name):
            words = f"the limits of the default {name} hold where {name} is left out"
        case Entry():
            words = "a valid request is accepted"
        case Random(valid):
            words = "random valid requests are accepted" if valid else "random invalid requests must be refused"
        case Stable():
            words = "the same request is always answered in the same way"
        case Values() | Edits() | Answers():
            raise AssertionError(f"{about} doesn't say enough for a title; the rule needs one of its own")
    return words


def accepted(name: str, schema: Schema) -> str:
    """Return the words of the rule that the documented values of a field are accepted."""
    if schema.keyword("enum") is not None or schema.known:
        return f"every documented {name} is accepted"
    return f"{name} within its limits is accepted" if schema.bounded else f"{name} may be given"


def kept(constraint: Constraint, *, error: bool) -> str:
    """Return the words of the rule that answers, or those that tell of an ``error``, keep a constraint."""
    where = _path(constraint.place)
    if constraint.keyword == "required":
        return f"error answers carry {where}" if error else f"{where} is present in the answer"
    if not where:
        subject = "an error answer" if error else "the answer"
    else:
        subject = f"{where} of an error answer" if error else where
    _, keeps = _WORDS.get(constraint.keyword, _OTHER)
    return f"{subject} {keeps(_value(constraint))}"


def left_out(place: Place) -> str:
    """Return the words of the advice that an optional member of an answer is left out rather than null."""
    return f"{_path(place)} is left out rather than null"


def _broken(constraint: Constraint) -> str:
    """Return what breaks a constraint of a request: the field, and what is wrong with it."""
    where = _path(constraint.place) or "a request"
    if constraint.keyword == "required":
        return f"{where} left out"
    if constraint.keyword == "type" and constraint.value == "null":
        return f"any {where}"
    breaks, _ = _WORDS.get(constraint.keyword, _OTHER)
    return f"{where} {breaks(_value(constraint))}"


def _path(place: Place) -> str:
    """Return a place as a path: ``data[].url``, ``an item of data``."""
    if place[-1:] == (EACH,):
        return f"an item of {_path(place[:-1]) or 'the list'}"
    return "".join("[]" if step == EACH else f".{step}" for step in place).removeprefix(".")


def _value(constraint: Constraint) -> object:
    """Return the value of a keyword, of a type with the null that is let through."""
    types = as_list(constraint.value) or [constraint.value]
    if constraint.keyword != "type":
        return constraint.value
    return [*types, "null"] if constraint.nullable and "null" not in types else types


def _short(value: object) -> str:
    return cut(value if isinstance(value, str) else written(value), _LONGEST_VALUE)


def _types(value: object) -> str:
    """Return JSON types with their articles: ``a string or null``."""
    names = [str(one) for one in as_list(value)]
    articles = ("" if name == "null" else "an " if name[:1] in "aeio" else "a " for name in names)
    words = [article + name for article, name in zip(articles, names, strict=True)]
    return " or ".join((", ".join(words[:-1]), words[-1])) if words[1:] else "".join(words)


def _choices(value: object) -> str:
    number = sum(one is not None for one in as_list(value))
    return count(number, "allowed value")


def _ruled_out(value: object) -> tuple[object, ...]:
    """Return the values that the schema below ``not`` names, if it does nothing else."""
    if is_map(value) and [*value] == ["enum"]:
        return tuple(as_list(value["enum"]))
    return (value["const"],) if is_map(value) and [*value] == ["const"] else ()


def _of_not(named: str, other: str) -> _Words:
    def words(value: object) -> str:
        values = _ruled_out(value)
        return named.format(" or ".join(map(_short, values))) if values else other

    return words


def _format(value: object) -> str:
    name = str(value)
    return f"a valid {name.upper() if name in _INITIALS else name.replace('-', ' ')}"


def _number(words: str, noun: str = "") -> _Words:
    """Return words about a number, of things if they have a name."""
    return lambda value: words.format(_counted(value, noun) if noun else _short(value))


def _counted(value: object, noun: str) -> str:
    return f"{_short(value)} {noun}{'' if value == 1 else 's'}"


_OTHER: tuple[_Words, _Words] = (lambda _: "that breaks its schema", lambda _: "keeps its schema")
_WORDS: Mapping[str, tuple[_Words, _Words]] = {
    "type": (lambda value: f"that is not {_types(value)}", lambda value: f"is {_types(value)}"),
    "enum": (lambda value: f"outside its {_choices(value)}", lambda value: f"is one of its {_choices(value)}"),
    "const": (_number("other than {}"), _number("is {}")),
    "not": (_of_not("{}", "that its schema rules out"), _of_not("is not {}", "is not what its schema rules out")),
    "format": (lambda value: f"that is not {_format(value)}", lambda value: f"is {_format(value)}"),
    "minimum": (_number("below {}"), _number("is {} or more")),
    "maximum": (_number("above {}"), _number("is {} or less")),
    "exclusiveMinimum": (_number("of {} or less"), _number("is more than {}")),
    "exclusiveMaximum": (_number("of {} or more"), _number("is less than {}")),
    "multipleOf": (_number("that is not a multiple of {}"), _number("is a multiple of {}")),
    "minLength": (_number("shorter than {}", "character"), _number("has at least {}", "character")),
    "maxLength": (_number("longer than {}", "character"), _number("has at most {}", "character")),
    "pattern": (lambda _: "that does not match its pattern", lambda _: "matches its pattern"),
    "minItems": (_number("with fewer than {}", "item"), _number("has at least {}", "item")),
    "maxItems": (_number("with more than {}", "item"), _number("has at most {}", "item")),
    "uniqueItems": (lambda _: "with an item twice", lambda _: "has no item twice"),
    "contains": (lambda _: "without an item that it must have", lambda _: "has the item that it must have"),
    "minProperties": (_number("with fewer than {}", "member"), _number("has at least {}", "member")),
    "maxProperties": (_number("with more than {}", "member"), _number("has at most {}", "member")),
    "additionalProperties": (lambda _: "with an undocumented member", lambda _: "has no undocumented member"),
    "oneOf": (lambda _: "not in exactly one of its forms", lambda _: "has exactly one of its forms"),
}
"""For each keyword the words for a request that breaks it and for an answer that keeps it."""
