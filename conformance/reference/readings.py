"""Finds the value that the parts of a form stand for, which a form alone doesn't say.

A text may be meant as it is, or as the JSON that it spells: ``1`` is a text, or a number. Parts of one name may be a
list, and so may a single one. What is meant is what the contract admits: each possible reading is held against the
schema of the field, and the first that fits is taken. No kind of field is named here, so a contract may use any.

If none fits, the first of the right type is taken, because what is wrong with it is the telling fault: ``0`` is a
number that is too small rather than a text where a number is due.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, cast

from conformance.reference.bodies import is_deeper_than, parse_json_text
from conformance.reference.schemas import branches, faults
from conformance.reference.values import FileText, JsonValue, Limits

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

WRONG_TYPE: Final = 3
"""How far off a value is that is not of the type that is due; one that is of the type but not right is 1 off."""
_FRACTION: Final = 2
"""How far off a fraction is where an integer is due."""

_BLANKS: Final = " \t\r\n"
_ONE_OF_EACH_TYPE: Final[tuple[JsonValue, ...]] = ("", 0, False, None, [], {})


def read(judge: "Draft202012Validator", texts: Sequence[str], *, listed: bool) -> JsonValue:
    """Find the value of a field whose parts hold these texts; ``listed`` says that the sender calls them a list."""
    nearest: JsonValue = None
    least = WRONG_TYPE + 1
    for value in _readings(judge, texts, listed=listed):
        distance = misfit(faults(judge, value))
        if distance < least:
            nearest, least = value, distance
        if not least:
            break
    return nearest


def misfit(found: "Iterable[ValidationError]") -> int:
    """Say how far off a value is in which this was found wrong: 0 if nothing was."""
    return max((_misfit(fault) for fault in found), default=0)


def _misfit(fault: "ValidationError") -> int:
    if fault.validator == "type":
        number = isinstance(fault.instance, int | float) and not isinstance(fault.instance, bool)
        return _FRACTION if number and "integer" in cast("str | list[str]", fault.validator_value) else WRONG_TYPE
    return min((misfit(inner) for inner in branches(fault)), default=1)


def _readings(judge: "Draft202012Validator", texts: Sequence[str], *, listed: bool) -> Iterator[JsonValue]:
    """Yield what the texts may stand for, in the order in which it is likely."""
    if listed:
        yield from _lists(judge, texts)
    if len(texts) == 1:
        yield texts[0]
        # A list comes in parts, so a text that spells one isn't taken for it.
        yield from (value for value in (_spelled(texts[0]),) if not isinstance(value, list))
    # A field that may be anything is no list for that alone: else what it must not be could pass as a list of it.
    if not listed and (len(texts) > 1 or not _is_open(judge)):
        yield from _lists(judge, texts)


def _is_open(judge: "Draft202012Validator") -> bool:
    return all(misfit(faults(judge, value)) < WRONG_TYPE for value in _ONE_OF_EACH_TYPE)


def _lists(judge: "Draft202012Validator", texts: Sequence[str]) -> Iterator[JsonValue]:
    """Yield lists of the texts, of what they spell where the text is wrong, and of what they spell throughout."""
    yield list(texts)
    spelled = [_spelled(text) for text in texts]
    wrong = {leaf.absolute_path[0] for leaf in _leaves(faults(judge, list(texts))) if leaf.absolute_path}
    yield [spelled[index] if index in wrong else text for index, text in enumerate(texts)]
    yield spelled


def _leaves(found: "Iterable[ValidationError]") -> "Iterator[ValidationError]":
    for fault in found:
        if fault.context:
            yield from _leaves(fault.context)
        else:
            yield fault


def _spelled(text: str) -> JsonValue:
    """Read the JSON that a text spells; a file, and a text that spells none or another text, is taken as it is."""
    if isinstance(text, FileText):
        return text
    try:
        value = parse_json_text(text)
        # Nesting is bounded as in a JSON body; blanks may stand around what nests, not around a number.
        nested = isinstance(value, list | dict)
        meant = not is_deeper_than(value, Limits().depth) if nested else text.strip(_BLANKS) == text
    except (ValueError, RecursionError):
        return text
    return value if meant and not isinstance(value, str) else text
