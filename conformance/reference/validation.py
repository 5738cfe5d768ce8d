"""Holds the fields of a request against the request schema of the contract, and says in words what is wrong.

The validator may find several faults in one request. The one that is told is the first in the order of the contract's
properties, and within one field the first in the order of the schema; so the answer to a request is always the same.
The field that is blamed is always one of the request's own, also where the fault lies deep inside its value.
"""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from conformance.reference.contract import Operation
from conformance.reference.errors import RefusedError
from conformance.reference.patterns import compiled
from conformance.reference.schemas import branches, faults
from conformance.reference.values import Values

if TYPE_CHECKING:
    from jsonschema import ValidationError


def validate(operation: Operation, values: Values) -> Values:
    """Refuse values that the operation's request schema doesn't admit.

    Returns the values to go on with, where a null counts as absent.
    """
    if not operation.surely_admits(dict(values)):
        _explain(operation, values)
    return {name: value for name, value in values.items() if value is not None}


def _explain(operation: Operation, values: Values) -> None:
    """Ask the validator what is wrong, if anything is, and refuse it."""
    order = {name: position for position, name in enumerate(operation.properties)}
    found = [(_field(fault, order), fault) for fault in faults(operation.validator, dict(values))]
    if found:
        field, fault = min(found, key=lambda pair: order.get(pair[0] or "", len(order)))
        raise RefusedError(_sentence(field, _sharpest(fault)), field)


def _field(fault: "ValidationError", order: Mapping[str, int]) -> str | None:
    """Name the field at fault; a fault of the object as a whole is blamed on the field it is about, if there is one."""
    if fault.absolute_path:
        return str(fault.absolute_path[0])
    if isinstance(fault.instance, str):
        return fault.instance  # the name of a field, which propertyNames is about
    sharpest = _sharpest(fault)
    if sharpest is not fault:
        return _field(sharpest, order)
    concerned = _CONCERNED.get(str(fault.validator), _nobody)(fault, cast("Values", fault.instance))
    if fault.validator == "unevaluatedProperties":
        concerned = [name for name in concerned if name not in order]
    return min(concerned, key=lambda name: order.get(name, len(order)), default=None)


def _missing(fault: "ValidationError", sent: Values) -> list[str]:
    return [name for name in cast("list[str]", fault.validator_value) if name not in sent]


def _missing_beside(fault: "ValidationError", sent: Values) -> list[str]:
    needed = cast("Mapping[str, list[str]]", fault.validator_value)
    return [name for given, names in needed.items() if given in sent for name in names if name not in sent]


def _unknown(fault: "ValidationError", sent: Values) -> list[str]:
    schema = cast("Mapping[str, Any]", fault.schema)
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    return [name for name in sent if name not in known and not any(compiled(p).search(name) for p in patterns)]


def _forbidden(fault: "ValidationError", sent: Values) -> list[str]:
    """Name what a schema that must not hold asks for."""
    schema = cast("Mapping[str, Any]", fault.validator_value)
    return [name for name in (*schema.get("required", ()), *schema.get("properties", ())) if name in sent]


def _nobody(_: "ValidationError", __: Values) -> list[str]:
    return []


_CONCERNED: "Final[Mapping[str, Callable[[ValidationError, Values], list[str]]]]" = {
    "required": _missing,
    "dependentRequired": _missing_beside,
    "additionalProperties": _unknown,
    "unevaluatedProperties": _unknown,
    "not": _forbidden,
}


def _sharpest(fault: "ValidationError") -> "ValidationError":
    """Go down into the first alternative of an ``anyOf`` whose type fits, because its fault is the telling one."""
    for inner in branches(fault):
        if all(below.validator != "type" for below in inner):
            return _sharpest(inner[0])
    return fault


def _sentence(field: str | None, fault: "ValidationError") -> str:
    """Say what the field must be; what was sent is not repeated, because it may be long or private."""
    what = f"'{field}{_place(fault)}'" if field else "The request body"
    if fault.context and all(inner.validator == "type" for inner in fault.context):
        types = " or ".join(str(inner.validator_value) for inner in fault.context)
        return f"{what} must be of type {types}."
    if fault.schema is False:
        return f"{what} holds parameters that are not supported beside each other."
    wordings = {**_WORDING, **_INSIDE} if fault.absolute_path else _WORDING
    wording = wordings.get(str(fault.validator))
    if wording is None:
        return f"{what} breaks the rule '{fault.validator}' of this operation."
    return f"{what} {wording(fault.validator_value)}."


def _place(fault: "ValidationError") -> str:
    """Say where in the value of a field the fault lies; a name that is not the contract's own is not repeated."""
    steps = list(fault.absolute_path)[1:]
    known = set(fault.absolute_schema_path)
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step if step in known else '*'}" for step in steps)


def _type(value: str | list[str]) -> str:
    """Name the types; where only null fits, the contract closes the field for the chosen model."""
    if value == "null":
        return "is not supported by this model"
    return "must be of type " + (value if isinstance(value, str) else " or ".join(value))


def _format(name: str) -> str:
    return "must be sent as a file" if name == "binary" else f"must be of the format {name}"


_WORDING: Final[Mapping[str, Callable[[Any], str]]] = {
    "type": _type,
    "required": lambda _: "is required",
    "dependentRequired": lambda _: "is required beside the other parameters",
    "additionalProperties": lambda _: "is not a parameter of this operation",
    "enum": lambda members: f"must be one of {', '.join(json.dumps(member) for member in members)}",
    "const": lambda value: f"must be {json.dumps(value)}",
    "not": lambda _: "has a value that is not supported in this operation",
    "format": _format,
    "minimum": lambda bound: f"must be at least {bound}",
    "maximum": lambda bound: f"must be at most {bound}",
    "exclusiveMinimum": lambda bound: f"must be more than {bound}",
    "exclusiveMaximum": lambda bound: f"must be less than {bound}",
    "multipleOf": lambda step: f"must be a multiple of {step}",
    "minLength": lambda bound: f"must have at least {bound} characters",
    "maxLength": lambda bound: f"must have at most {bound} characters",
    "pattern": lambda pattern: f"must match {pattern}",
    "minItems": lambda bound: f"must have at least {bound} items",
    "maxItems": lambda bound: f"must have at most {bound} items",
    "uniqueItems": lambda _: "must not hold an item twice",
    "contains": lambda _: "must hold an item of the kind that this operation asks for",
    "minProperties": lambda bound: f"must have at least {bound} members",
    "maxProperties": lambda bound: f"must have at most {bound} members",
}
_INSIDE: Final[Mapping[str, Callable[[Any], str]]] = {
    "required": lambda names: f"must have the members {', '.join(names)}",
    "dependentRequired": lambda _: "lacks a member that another one needs",
    "additionalProperties": lambda _: "has a member that this operation doesn't know",
    "unevaluatedProperties": lambda _: "has a member that this operation doesn't know",
}
"""The same about an object inside a field."""
