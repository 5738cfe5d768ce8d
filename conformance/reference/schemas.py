"""JSON Schema as this server reads it: a validator that is exact where the library's is not.

- ``format`` is enforced, which the specification leaves open; ``formats`` says which.
- ``pattern`` is an expression of ECMA-262; ``patterns`` says what that changes.
- A field whose schema is ``false`` is named by the fault, which the library forgets.
- ``multipleOf`` counts in decimals, as the contract and the request are written: 0.3 is a multiple of 0.1.

To load the library and the formats takes longer than all else at the start, and right JSON bodies do without them
(``quick``). So they are loaded when the first form comes, or the first request that is not plainly right.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, cast

from conformance.reference.values import Node

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, FormatChecker, ValidationError


def validator(document: Node, pointer: str, formats: "FormatChecker") -> "Draft202012Validator":
    """Make the judge of the schema at a JSON pointer in a document, with references into the whole of it."""
    from conformance.reference.exact import exact_validator  # noqa: PLC0415 - see above

    return exact_validator(document, pointer, formats)


def formats_of(*, form: bool) -> "FormatChecker":
    """Give the formats of a form, where a binary text is a file, or of a JSON body."""
    from conformance.reference.formats import FORM_FORMATS, FORMATS  # noqa: PLC0415 - see above

    return FORM_FORMATS if form else FORMATS


def faults(judge: "Draft202012Validator", value: object) -> "Iterator[ValidationError]":
    """Find everything that is wrong with a value, in the order of the schema."""
    return cast("Iterator[ValidationError]", judge.iter_errors(cast("Any", value)))  # pyright: ignore[reportUnknownMemberType] - its stubs leave a type open


def branches(fault: "ValidationError") -> "Iterable[list[ValidationError]]":
    """Sort what is wrong with each alternative of an ``anyOf`` or ``oneOf``, in their order; nothing for others."""
    found: dict[object, list[ValidationError]] = {}
    for inner in fault.context or ():
        found.setdefault(inner.relative_schema_path[0], []).append(inner)
    return found.values()
