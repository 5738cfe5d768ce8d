"""Lies about the fields of a request: all of them refused or accepted, and faults let through.

Each is told where the reference holds the fields against the contract. To let something through is to forget the field
at fault, as a server does that puts a default in place of what it doesn't understand.
"""

from __future__ import annotations

import copy
import hashlib
import json
import math
from collections.abc import Callable
from typing import Any, Final

from conformance.mutants.mutant import FORMS, OPERATIONS, Lie, behaving
from conformance.reference import Operation, RefusedError, Values, load_contract
from conformance.reference.validation import validate

_CREATE: Final = OPERATIONS[:1]
# The limits of the default model hold also for who names none.
_DEFAULT: Final = ("model/default",)
_FIELDS: Final = ("prompt", "model", "n", "quality", "response_format", "size", "style", "user", "image", "mask")
_LIMITS: Final = ("required", "type*", "enum*", "minimum", "maximum*", "maxLength*", "not")
_OF_FILES: Final = ("png", "file-size", "square", "transparency", "dimensions")
UNFIT: Final = (
    *(f"{field}/{limit}" for field in _FIELDS for limit in (*_LIMITS, *_OF_FILES)),
    *("model/default", "body/malformed", "body/survived", "path", "method"),
)
"""Every rule that something is refused: a value of a field, or what is no use of the operation at all."""


def lies() -> tuple[Lie, ...]:
    """Return the lies of this module."""
    return (*_everything(), *_let_through(), *_without_model())


def forgiving(field: str, when: Callable[[Values], bool] = lambda _: True) -> Callable[[], Any]:
    """Return what makes a server that drops a field where it should refuse it, if the condition holds."""

    def lenient(operation: Operation, values: Values) -> Values:
        try:
            return validate(operation, values)
        except RefusedError as refusal:
            if refusal.param != field or field not in values or not when(values):
                raise
            return validate(operation, {name: value for name, value in values.items() if name != field})

    return behaving(validate=lenient)


def refusing(field: str, when: Callable[[Values], bool]) -> Callable[[], Any]:
    """Return what makes a server that blames a field for a valid request, if the condition holds."""

    def strict(operation: Operation, values: Values) -> Values:
        accepted = validate(operation, values)
        if when(values):
            raise RefusedError(f"'{field}' is not as it should be.", field)
        return accepted

    return behaving(validate=strict)


def changing(change: Callable[[Values], Values]) -> Callable[[], Any]:
    """Return what makes a server that changes the fields before it looks at them."""

    def changed(operation: Operation, values: Values) -> Values:
        return validate(operation, change(values))

    return behaving(validate=changed)


def _everything() -> tuple[Lie, ...]:
    def coin(values: Values) -> bool:
        """Decide by a hash of the request, so that the same request always gets the same answer."""
        return hashlib.sha256(json.dumps(dict(values), sort_keys=True).encode()).digest()[0] < 128  # noqa: PLR2004 - half

    def failing(_: Operation, __: Values) -> Values:
        raise ValueError("out of memory")

    accepted = ("accepted",)
    # Of so many requests that leave one field out or give n another value, the coin refuses some.
    some = ("accepted", "*/optional", "n/accepted")
    others = ("*accepted*", "*/nullable", "mask/*", "body/part-order", "image/label", "image/flavours")
    few = ("n/minimum", "n/maximum", "response_format/enum")
    return (
        Lie("refuses-all", "every request is refused", refusing("prompt", lambda _: True), accepted),
        Lie("refuses-by-coin", "every other request is refused", refusing("prompt", coin), some, consequences=others),
        Lie(
            "fails-always",
            "every request makes the server fail",
            behaving(validate=failing),
            accepted,
            consequences=("model/optional",),
        ),
        Lie("accepts-all", "no field is looked at", behaving(validate=_unchecked), few, consequences=UNFIT),
    )


def _unchecked(_: Operation, values: Values) -> Values:
    return {name: value for name, value in values.items() if value is not None}


def _let_through() -> tuple[Lie, ...]:
    def cast_to_number(values: Values) -> Values:
        n = values.get("n")
        return {**values, "n": int(n)} if isinstance(n, str) and n.isdigit() else values

    def rounded(values: Values) -> Values:
        n = values.get("n")
        return {**values, "n": int(n)} if isinstance(n, int | float) and math.isfinite(n) else values

    def clamped(values: Values) -> Values:
        n = values.get("n")
        return {**values, "n": max(1, min(10, n))} if isinstance(n, int) and not isinstance(n, bool) else values

    def falsy(values: Values) -> Values:
        return {name: value for name, value in values.items() if value != 0 or value is False}

    def lower(name: str) -> Callable[[Values], Values]:
        return lambda v: {**v, name: str(v[name]).lower()} if isinstance(v.get(name), str) else v

    def as_text(values: Values) -> Values:
        return {**values, "user": str(values["user"])} if "user" in values else values

    def allowing(field: str, model: str) -> Callable[[], Any]:
        return forgiving(field, lambda values: values.get("model", "dall-e-2") == model)

    def older(values: Values) -> Values:
        return {k: v for k, v in values.items() if k != "model"} if values.get("model") == "dall-e-3" else values

    def no_sizes(values: Values) -> bool:
        return values.get("size") in ("1792x1024", "1024x1792", "256x256", "512x512")

    return (
        Lie("n-text-taken", "n may be a text of digits", changing(cast_to_number), ("n/type",), _CREATE),
        Lie("n-rounded", "n is rounded down", changing(rounded), ("n/type",)),
        Lie("n-clamped", "n is brought into its limits", changing(clamped), ("n/minimum", "n/maximum")),
        Lie("n-zero-is-absent", "n of 0 counts as absent", changing(falsy), ("n/minimum",)),
        Lie("n-any", "n that is wrong counts as absent", forgiving("n"), ("n/type", "n/minimum", "n/maximum*")),
        Lie(
            "n-of-dall-e-3",
            "n is not limited for dall-e-3",
            allowing("n", "dall-e-3"),
            ("n/maximum@dall-e-3",),
            _CREATE,
        ),
        Lie(
            "size-any",
            "an unknown size is replaced by the default",
            forgiving("size"),
            ("size/enum*", "createImage/size/type"),
            consequences=_DEFAULT,
        ),
        Lie(
            "size-of-other-model",
            "sizes of other models are replaced by the default",
            forgiving("size", no_sizes),
            ("size/enum*",),
            consequences=_DEFAULT,
        ),
        Lie(
            "size-of-dall-e-2",
            "dall-e-2 takes every size",
            allowing("size", "dall-e-2"),
            ("size/enum", "size/enum@dall-e-2", "size/type"),
            _CREATE,
            consequences=_DEFAULT,
        ),
        Lie(
            "size-of-dall-e-3",
            "dall-e-3 takes every size",
            allowing("size", "dall-e-3"),
            ("size/enum@dall-e-3",),
            _CREATE,
        ),
        Lie("size-capitals", "size may be in capitals", changing(lower("size")), ("size/enum*",)),
        Lie(
            "format-any",
            "an unknown response_format is ignored",
            forgiving("response_format"),
            ("response_format/enum", "createImage/response_format/type"),
        ),
        Lie(
            "format-capitals",
            "response_format may be in capitals",
            changing(lower("response_format")),
            ("response_format/enum",),
        ),
        Lie(
            "quality-any",
            "an unknown quality is ignored",
            forgiving("quality"),
            ("quality/type*", "quality/enum"),
            _CREATE,
            consequences=_DEFAULT,
        ),
        Lie(
            "quality-of-dall-e-2",
            "dall-e-2 ignores quality",
            allowing("quality", "dall-e-2"),
            ("quality/type*",),
            _CREATE,
            consequences=_DEFAULT,
        ),
        Lie(
            "quality-of-dall-e-3",
            "dall-e-3 ignores an unknown quality",
            allowing("quality", "dall-e-3"),
            ("quality/enum",),
            _CREATE,
        ),
        Lie(
            "style-any",
            "an unknown style is ignored",
            forgiving("style"),
            ("style/type*", "style/enum"),
            _CREATE,
            consequences=_DEFAULT,
        ),
        Lie(
            "style-of-dall-e-2",
            "dall-e-2 ignores style",
            allowing("style", "dall-e-2"),
            ("style/type*",),
            _CREATE,
            consequences=_DEFAULT,
        ),
        Lie(
            "style-of-dall-e-3",
            "dall-e-3 ignores an unknown style",
            allowing("style", "dall-e-3"),
            ("style/enum",),
            _CREATE,
        ),
        Lie("user-of-any-type", "user may be of any type", changing(as_text), ("user/type",), _CREATE),
        Lie("model-of-any-type", "model may be of any type", forgiving("model"), ("model/type",), _CREATE),
        Lie("dall-e-3-taken", "dall-e-3 is replaced by dall-e-2", changing(older), ("model/not",), FORMS),
    )


def _without_conditions() -> dict[str, Any]:
    document = copy.deepcopy(dict(load_contract()))
    del document["components"]["schemas"]["CreateImageRequest"]["allOf"]
    return document


def _without_model() -> tuple[Lie, ...]:
    def unnamed(values: Values) -> bool:
        return "model" not in values

    def newest(values: Values) -> Values:
        return {"model": "dall-e-3", **values}

    return (
        # Nothing shows what an absent model stands for where no limit depends on the model.
        Lie(
            "limits-of-no-model",
            "no limit depends on the model",
            behaving(contract=_without_conditions()),
            ("prompt/maxLength@*", "n/maximum@*", "size/enum@*", "quality/type@*", "style/type@*"),
            _CREATE,
        ),
        Lie(
            "size-any-without-model",
            "without a model every size is taken",
            forgiving("size", unnamed),
            _DEFAULT,
            _CREATE,
        ),
        Lie(
            "style-taken-without-model",
            "without a model style is ignored",
            forgiving("style", unnamed),
            _DEFAULT,
            _CREATE,
        ),
        Lie(
            "default-dall-e-3",
            "without a model it is dall-e-3",
            changing(newest),
            ("model/optional", "model/default"),
            _CREATE,
        ),
    )
