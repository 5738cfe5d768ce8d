"""Holds the fields of a request against the request schema of the contract, and says in words what is wrong.

The validator may find several faults in one request. The one that is told is the first in the order of the contract's
properties, and within one field the first in the order of the schema; so the answer to a request is always the same.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast

from jsonschema import ValidationError

from conformance.reference.contract import Operation
from conformance.reference.errors import RefusedError
from conformance.reference.values import Values


def validate(operation: Operation, values: Values) -> Values:
    """Refuse values that the operation's request schema doesn't admit.

    Returns the values to go on with, where a null counts as absent.
    """
    order = {name: position for position, name in enumerate(operation.properties)}
    faults: list[tuple[int, str | None, ValidationError]] = []
    found = operation.validator.iter_errors(dict(values))  # pyright: ignore[reportUnknownMemberType] - its stubs leave a type open
    for error in cast("Iterator[ValidationError]", found):
        field = _field(error, order)
        faults.append((order.get(field or "", len(order)), field, error))
    if faults:
        _, field, error = min(faults, key=lambda fault: fault[0])
        raise RefusedError(_sentence(field, _sharpest(error)), field)
    return {name: value for name, value in values.items() if value is not None}


def _field(error: ValidationError, order: Mapping[str, int]) -> str | None:
    """Name the field at fault; a fault of the object as a whole is blamed on the field it is about, if there is one."""
    if error.absolute_path:
        return str(error.absolute_path[0])
    sent = cast("Values", error.instance)
    if error.validator == "required":
        missing = (name for name in cast("list[str]", error.validator_value) if name not in sent)
        return min(missing, key=lambda name: order.get(name, len(order)), default=None)
    if error.validator in {"additionalProperties", "unevaluatedProperties"}:
        return next((name for name in sent if name not in order), None)
    return None


def _sharpest(error: ValidationError) -> ValidationError:
    """Go down into the first alternative of an ``anyOf`` whose type fits, because its fault is the telling one."""
    branches: dict[object, list[ValidationError]] = {}
    for fault in error.context or ():
        branches.setdefault(fault.relative_schema_path[0], []).append(fault)
    fitting = [faults for faults in branches.values() if all(fault.validator != "type" for fault in faults)]
    return _sharpest(fitting[0][0]) if fitting else error


def _sentence(field: str | None, error: ValidationError) -> str:
    """Say what the field must be; what was sent is not repeated, because it may be long or private."""
    what = f"'{field}'" if field else "The request body"
    if error.context and all(fault.validator == "type" for fault in error.context):
        types = " or ".join(str(fault.validator_value) for fault in error.context)
        return f"{what} must be of type {types}."
    wording = _WORDING.get(str(error.validator))
    if wording is None:
        return f"{what} breaks the rule '{error.validator}' of this operation."
    return f"{what} {wording(error.validator_value)}."


def _type(value: str | list[str]) -> str:
    """Name the types; where only null fits, the contract closes the field for the chosen model."""
    if value == "null":
        return "is not supported by this model"
    return "must be of type " + (value if isinstance(value, str) else " or ".join(value))


_WORDING: Final[Mapping[str, Callable[[Any], str]]] = {
    "type": _type,
    "required": lambda _: "is required",
    "additionalProperties": lambda _: "is not a parameter of this operation",
    "enum": lambda members: f"must be one of {', '.join(json.dumps(member) for member in members)}",
    "not": lambda _: "has a value that is not supported in this operation",
    "minimum": lambda bound: f"must be at least {bound}",
    "maximum": lambda bound: f"must be at most {bound}",
    "minLength": lambda bound: f"must have at least {bound} characters",
    "maxLength": lambda bound: f"must have at most {bound} characters",
}
