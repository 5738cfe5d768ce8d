"""Lies about the fields of a request: all of them refused or accepted, the prompt counted wrongly, faults let through.

Each is told where the reference holds the fields against the contract. To let something through is to forget the field
at fault, as a server does that puts a default in place of what it doesn't understand.
"""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from collections.abc import Callable
from typing import Any, Final

from conformance.mutants.mutant import FORMS, OPERATIONS, PROMPTED, Lie, behaving
from conformance.reference import Operation, RefusedError, Values
from conformance.reference.validation import validate

_CREATE: Final = OPERATIONS[:1]
_LENGTH: Final = ("prompt/*",)
_SHORT: Final = 900
_USUAL: Final = 1000


def lies() -> tuple[Lie, ...]:
    """Return the lies of this module."""
    return (*_everything(), *_prompts(), *_let_through())


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


def _changing(change: Callable[[Values], Values]) -> Callable[[], Any]:
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

    everything = ("*",)
    return (
        Lie("refuses-all", "every request is refused", refusing("prompt", lambda _: True), everything),
        Lie("refuses-by-coin", "every other request is refused", refusing("prompt", coin), everything),
        Lie("fails-always", "every request makes the server fail", behaving(validate=failing), everything),
        Lie("accepts-all", "no field is looked at", behaving(validate=_unchecked), everything),
    )


def _unchecked(_: Operation, values: Values) -> Values:
    return {name: value for name, value in values.items() if value is not None}


def _prompts() -> tuple[Lie, ...]:
    def longer(measure: Callable[[str], int]) -> Callable[[Values], bool]:
        return lambda values: measure(str(values["prompt"])) > _limit(values)

    def graphemes(values: Values) -> Values:
        kept = "".join(c for c in str(values.get("prompt", "")) if not unicodedata.combining(c))
        return {**values, "prompt": kept} if isinstance(values.get("prompt"), str) else values

    def trimmed(values: Values) -> Values:
        prompt = values.get("prompt")
        return {**values, "prompt": prompt[: _limit(values)]} if isinstance(prompt, str) else values

    def named(values: Values) -> Values:
        return {"prompt": "an image", **values}

    def as_text(values: Values) -> Values:
        return {**values, "prompt": str(values["prompt"])} if "prompt" in values else values

    def listed(values: Values) -> Values:
        prompt = values.get("prompt")
        return {**values, "prompt": prompt[0]} if isinstance(prompt, list) and prompt else values

    def is_ascii(values: Values) -> bool:
        return str(values["prompt"]).isascii()

    def stripped(values: Values) -> Values:
        prompt = values.get("prompt")
        return {**values, "prompt": prompt.strip()} if isinstance(prompt, str) else values

    return (
        Lie("prompt-bytes", "the prompt is counted in bytes", refusing("prompt", longer(_bytes)), _LENGTH, PROMPTED),
        Lie(
            "prompt-utf16",
            "the prompt is counted in UTF-16 units",
            refusing("prompt", longer(_units)),
            _LENGTH,
            PROMPTED,
        ),
        Lie(
            "prompt-glyphs",
            "marks of the prompt are not counted",
            _changing(graphemes),
            (*_LENGTH, "model/default"),
            PROMPTED,
        ),
        Lie(
            "prompt-trimmed",
            "a prompt that is too long is cut",
            _changing(trimmed),
            (*_LENGTH, "model/default"),
            PROMPTED,
        ),
        Lie(
            "prompt-blanks-trimmed", "blanks around the prompt are not counted", _changing(stripped), _LENGTH, PROMPTED
        ),
        Lie("prompt-invented", "a missing prompt is made up", _changing(named), ("prompt/required",), PROMPTED),
        Lie(
            "prompt-of-any-type", "a prompt of any type is taken as text", _changing(as_text), ("prompt/type",), _CREATE
        ),
        Lie("prompt-list", "a list of prompts is taken", _changing(listed), ("prompt/type",), _CREATE),
        Lie(
            "prompt-ascii-only",
            "a prompt in another script is refused",
            refusing("prompt", lambda v: not is_ascii(v)),
            _LENGTH,
            PROMPTED,
        ),
        Lie(
            "prompt-at-most-900",
            "a prompt over 900 characters is refused",
            refusing("prompt", lambda v: len(str(v["prompt"])) > _SHORT),
            _LENGTH,
            PROMPTED,
        ),
        Lie(
            "prompt-1000-for-all",
            "a prompt over 1000 characters is refused for every model",
            refusing("prompt", lambda v: len(str(v["prompt"])) > _USUAL),
            _LENGTH,
            _CREATE,
        ),
    )


def _limit(values: Values) -> int:
    return 4000 if values.get("model") == "dall-e-3" else _USUAL


def _bytes(text: str) -> int:
    return len(text.encode())


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


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
        Lie("n-text-taken", "n may be a text of digits", _changing(cast_to_number), ("n/type",), _CREATE),
        Lie("n-rounded", "n is rounded down", _changing(rounded), ("n/type", "n/m*"), OPERATIONS),
        Lie("n-clamped", "n is brought into its limits", _changing(clamped), ("n/minimum", "n/maximum")),
        Lie("n-zero-is-absent", "n of 0 counts as absent", _changing(falsy), ("n/minimum",)),
        Lie("n-any", "n that is wrong counts as absent", forgiving("n"), ("n/*",)),
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
            ("size/enum*", "size/type", "model/default"),
        ),
        Lie(
            "size-of-other-model",
            "sizes of other models are replaced by the default",
            forgiving("size", no_sizes),
            ("size/enum*", "model/default"),
        ),
        Lie(
            "size-of-dall-e-2",
            "dall-e-2 takes every size",
            allowing("size", "dall-e-2"),
            ("size/*", "model/default"),
            _CREATE,
        ),
        Lie("size-of-dall-e-3", "dall-e-3 takes every size", allowing("size", "dall-e-3"), ("size/*",), _CREATE),
        Lie("size-capitals", "size may be in capitals", _changing(lower("size")), ("size/enum*",)),
        Lie(
            "format-any", "an unknown response_format is ignored", forgiving("response_format"), ("response_format/*",)
        ),
        Lie(
            "format-capitals",
            "response_format may be in capitals",
            _changing(lower("response_format")),
            ("response_format/enum",),
        ),
        Lie(
            "quality-any",
            "an unknown quality is ignored",
            forgiving("quality"),
            ("quality/*", "model/default"),
            _CREATE,
        ),
        Lie(
            "quality-of-dall-e-2",
            "dall-e-2 ignores quality",
            allowing("quality", "dall-e-2"),
            ("quality/*", "model/default"),
            _CREATE,
        ),
        Lie(
            "quality-of-dall-e-3",
            "dall-e-3 ignores an unknown quality",
            allowing("quality", "dall-e-3"),
            ("quality/*",),
            _CREATE,
        ),
        Lie("style-any", "an unknown style is ignored", forgiving("style"), ("style/*", "model/default"), _CREATE),
        Lie(
            "style-of-dall-e-2",
            "dall-e-2 ignores style",
            allowing("style", "dall-e-2"),
            ("style/*", "model/default"),
            _CREATE,
        ),
        Lie(
            "style-of-dall-e-3",
            "dall-e-3 ignores an unknown style",
            allowing("style", "dall-e-3"),
            ("style/*",),
            _CREATE,
        ),
        Lie("user-of-any-type", "user may be of any type", _changing(as_text), ("user/type",), _CREATE),
        Lie("model-of-any-type", "model may be of any type", forgiving("model"), ("model/type",), _CREATE),
        Lie("dall-e-3-taken", "dall-e-3 is replaced by dall-e-2", _changing(older), ("model/not",), FORMS),
    )
