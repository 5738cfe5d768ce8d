"""Lies that show only where two things come together: two fields, or one field and a text that is out of the usual.

Each is right about every value alone. They are what servers get wrong in the field: a preset that lacks one
combination, an image after the first that takes another way through the code, a text that is pasted into a template, a
default that wins over what was asked as long as something else is not given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs

from conformance.mutants.lies.requests import changing, forgiving, refusing
from conformance.mutants.mutant import OPERATIONS, Lie, behaving
from conformance.reference import JsonValue, Operation, Order, Values
from conformance.reference.answers import build_answer
from conformance.reference.drawing import draw
from conformance.reference.orders import choose_response_format, choose_size
from conformance.reference.validation import validate
from conformance.reference.values import Limits, Size

_EXAMPLES: Final = 40
"""More than a run has by default, so that it is no matter of luck whether one of them meets the lie."""
_CREATE, _EDIT, _VARIATION = ((one,) for one in OPERATIONS)
_VALID: Final = ("property/valid",)
_SIZE: Final = ("response/data/items/dimensions",)
_COUNT: Final = ("response/data/count",)
_FORM: Final = ("response_format/honoured",)
_USUAL: Final[Size] = (1024, 1024)
_LEAST: Final[Size] = (256, 256)
_BUFFER: Final = range(256, 385)
_SMALL: Final = 128


def lies() -> tuple[Lie, ...]:
    """Return the lies of this module."""
    every = (*_presets(), *_results(), *_texts(), *_unheeded(), *_unchecked())
    return tuple(attrs.evolve(lie, name=f"together-{lie.name}", examples=_EXAMPLES) for lie in every)


def _presets() -> tuple[Lie, ...]:
    """Return lies that refuse values beside each other that are taken each alone."""

    def several(values: Values) -> bool:
        return (values.get("n") or 1) != 1

    def several_large(values: Values) -> bool:
        return several(values) and values.get("size") in (None, "1024x1024")

    return (
        Lie(
            "vivid-hd",
            "style vivid is refused in quality hd",
            refusing("style", _given(style="vivid", quality="hd")),
            (*_VALID, "quality/accepted"),
            _CREATE,
        ),
        Lie(
            "natural-standard",
            "style natural is refused in quality standard",
            refusing("style", _given(style="natural", quality="standard")),
            (*_VALID, "style/accepted"),
            _CREATE,
        ),
        Lie(
            "portrait-hd",
            "a portrait is refused in quality hd",
            refusing("size", _given(size="1024x1792", quality="hd")),
            _VALID,
            _CREATE,
        ),
        Lie(
            "landscape-url",
            "a landscape makes the server fail if its URL is asked for",
            _failing(lambda v: v.get("size") == "1792x1024" and v.get("response_format") == "url"),
            _VALID,
            _CREATE,
        ),
        Lie(
            "several-large",
            "several large images are refused",
            refusing("n", several_large),
            _VALID,
            (*_CREATE, *_VARIATION),
        ),
        Lie(
            "null-b64",
            "n that is null makes the server fail if base64 is asked for",
            _failing(lambda v: v.get("n", 1) is None and v.get("response_format") == "b64_json"),
            _VALID,
            _CREATE,
        ),
    )


def _results() -> tuple[Lie, ...]:
    """Return lies about the images after the first."""

    def repeated(now: float, items: Sequence[JsonValue]) -> JsonValue:
        by_url = all(isinstance(item, dict) and "url" in item for item in items)
        return build_answer(now, [*items[:1]] * len(items) if by_url else items)

    def grown(order: Order, index: int) -> bytes:
        return draw(attrs.evolve(order, size=_USUAL) if index and order.size != _LEAST else order, index)

    def first_alone(order: Order, url: Callable[[], str], b64_json: Callable[[], str]) -> dict[str, str]:
        return {"url": url()} if order.response_format == "url" or order.count > 1 else {"b64_json": b64_json()}

    distinct, operations = ("response/data/items/distinct",), (*_CREATE, *_VARIATION)
    return (
        Lie("several-urls", "several images have the same URL", behaving(build_answer=repeated), distinct, operations),
        Lie(
            "several-sizes",
            "images after the first are 1024x1024 unless they are of the smallest size",
            behaving(draw=grown),
            _SIZE,
        ),
        Lie("several-b64", "several images are given by URL alone", behaving(build_item=first_alone), _FORM, _EDIT),
    )


def _texts() -> tuple[Lie, ...]:
    """Return lies about texts that are pasted into something, cut to something, or taken for something."""

    def holding(name: str, *marks: str) -> Callable[[Values], bool]:
        return lambda values: any(mark in str(values.get(name)) for mark in marks)

    def is_right_to_left(values: Values) -> bool:
        return any("\u0590" <= character <= "\u06ff" for character in str(values["prompt"]))

    return (
        Lie(
            "percent",
            "a percent sign in the prompt makes the server fail",
            _failing(holding("prompt", "%")),
            _VALID,
            (*_CREATE, *_EDIT),
        ),
        Lie(
            "apostrophe",
            "an apostrophe in user makes the server fail",
            _failing(holding("user", "'")),
            _VALID,
            _VARIATION,
        ),
        Lie("braces", "braces in the prompt make the server fail", _failing(holding("prompt", "{")), _VALID, _EDIT),
        Lie(
            "digits",
            "a prompt of digits is no text",
            refusing("prompt", lambda v: str(v["prompt"]).isdecimal()),
            _VALID,
            _EDIT,
        ),
        Lie("right-to-left", "a prompt in Hebrew is refused", refusing("prompt", is_right_to_left), _VALID, _CREATE),
        Lie(
            "buffer",
            "a prompt that is as long as a buffer makes the server fail",
            _failing(lambda v: len(str(v["prompt"])) in _BUFFER),
            _VALID,
            _CREATE,
        ),
    )


def _unheeded() -> tuple[Lie, ...]:
    """Return lies that heed one field only if another one is given, or is not."""

    def sized(unless: Callable[[Values], bool]) -> Callable[[], Any]:
        def choose(operation: Operation, values: Values, limits: Limits) -> Size:
            return _USUAL if unless(values) else choose_size(operation, values, limits)

        return behaving(choose_size=choose)

    def formed(unless: Callable[[Values], bool], form: str) -> Callable[[], Any]:
        def choose(operation: Operation, values: Values) -> str:
            return form if unless(values) else choose_response_format(operation, values)

        return behaving(choose_response_format=choose)

    def uncounted(values: Values) -> Values:
        return values if "mask" in values else {name: value for name, value in values.items() if name != "n"}

    def as_uploaded(order: Order, index: int) -> bytes:
        resized = order.image is not None and order.mask is None
        return draw(attrs.evolve(order, size=order.image.pixels.size) if order.image and resized else order, index)

    def upscaled(order: Order, index: int) -> bytes:
        small = order.image is not None and order.image.pixels.width <= _SMALL
        return draw(attrs.evolve(order, size=order.image.pixels.size) if order.image and small else order, index)

    def with_user(values: Values) -> bool:
        return values.get("size") == "512x512" and "user" in values

    return (
        Lie("size-with-user", "size 512x512 is ignored beside user", sized(with_user), _SIZE, _CREATE),
        Lie("size-without-user", "size is ignored without user", sized(lambda v: "user" not in v), _SIZE, _VARIATION),
        Lie(
            "several-by-default",
            "several images are given as base64 unless a form is asked for",
            formed(lambda v: v.get("n", 1) != 1 and "response_format" not in v, "b64_json"),
            ("response_format/default",),
            _CREATE,
        ),
        Lie(
            "format-without-n",
            "response_format is ignored without n beside size",
            formed(lambda v: "n" not in v and "size" in v, "url"),
            _FORM,
            _EDIT,
        ),
        Lie("n-without-mask", "n is ignored without a mask", changing(uncounted), (*_COUNT, "property/invalid"), _EDIT),
        Lie(
            "size-without-mask",
            "size is ignored without a mask",
            behaving(draw=as_uploaded),
            (*_SIZE, "size/default"),
            _EDIT,
        ),
        Lie(
            "size-of-small",
            "a small upload is never enlarged",
            behaving(draw=upscaled),
            (*_SIZE, "size/default"),
            _VARIATION,
        ),
        Lie(
            "several-b64-with-user",
            "several images are given by URL beside user",
            formed(lambda v: v.get("n", 1) != 1 and "user" in v, "url"),
            _FORM,
            _VARIATION,
        ),
    )


def _unchecked() -> tuple[Lie, ...]:
    """Return lies that let a fault through if something else is given, or is not."""
    invalid = ("property/invalid",)
    return (
        Lie(
            "format-any-without-size",
            "an unknown response_format is ignored without size",
            forgiving("response_format", lambda v: "size" not in v),
            invalid,
            _CREATE,
        ),
        Lie(
            "size-any-without-n",
            "an unknown size is ignored without n",
            forgiving("size", lambda v: "n" not in v),
            invalid,
            _VARIATION,
        ),
    )


def _given(**wanted: str) -> Callable[[Values], bool]:
    """Return what is true of requests that give these values."""
    return lambda values: _has(values, wanted)


def _has(values: Values, wanted: Mapping[str, str]) -> bool:
    return all(values.get(name) == value for name, value in wanted.items())


def _failing(when: Callable[[Values], bool]) -> Callable[[], Any]:
    """Return what makes a server that fails at a valid request, if the condition holds."""

    def fragile(operation: Operation, values: Values) -> Values:
        accepted = validate(operation, values)
        if when(values):
            raise ValueError("not as it should be")
        return accepted

    return behaving(validate=fragile)
