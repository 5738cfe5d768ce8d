"""Lies about the prompt: counted wrongly, cut, made up, or refused for its script."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final

from conformance.mutants.lies.requests import changing, refusing
from conformance.mutants.mutant import OPERATIONS, PROMPTED, Lie
from conformance.reference import Values

_CREATE: Final = OPERATIONS[:1]
_TAKEN: Final = ("prompt/accepted*",)
_LENGTH: Final = ("prompt/maxLength*",)
# The limits of the default model hold also for who names none.
_DEFAULT: Final = ("model/default",)
_SHORT: Final = 900
_USUAL: Final = 1000


def lies() -> tuple[Lie, ...]:
    """Return the lies of this module."""

    def longer(measure: Callable[[str], int]) -> Callable[[Values], bool]:
        return lambda values: measure(str(values["prompt"])) > limit_of(values)

    def graphemes(values: Values) -> Values:
        kept = "".join(c for c in str(values.get("prompt", "")) if not unicodedata.combining(c))
        return {**values, "prompt": kept} if isinstance(values.get("prompt"), str) else values

    def trimmed(values: Values) -> Values:
        prompt = values.get("prompt")
        return {**values, "prompt": prompt[: limit_of(values)]} if isinstance(prompt, str) else values

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
        Lie("prompt-bytes", "the prompt is counted in bytes", refusing("prompt", longer(_bytes)), _TAKEN, PROMPTED),
        Lie(
            "prompt-astral-refused",
            "a prompt with a character beyond the first plane is refused",
            refusing("prompt", lambda v: any(character > "\uffff" for character in str(v["prompt"]))),
            _TAKEN,
            PROMPTED,
        ),
        Lie(
            "prompt-glyphs",
            "marks of the prompt are not counted",
            changing(graphemes),
            _LENGTH,
            PROMPTED,
            consequences=_DEFAULT,
        ),
        Lie(
            "prompt-trimmed",
            "a prompt that is too long is cut",
            changing(trimmed),
            _LENGTH,
            PROMPTED,
            consequences=_DEFAULT,
        ),
        Lie("prompt-blanks-trimmed", "blanks around the prompt are not counted", changing(stripped), _LENGTH, PROMPTED),
        Lie("prompt-invented", "a missing prompt is made up", changing(named), ("prompt/required",), PROMPTED),
        Lie(
            "prompt-of-any-type", "a prompt of any type is taken as text", changing(as_text), ("prompt/type",), _CREATE
        ),
        Lie("prompt-list", "a list of prompts is taken", changing(listed), ("prompt/type",), _CREATE),
        Lie(
            "prompt-ascii-only",
            "a prompt in another script is refused",
            refusing("prompt", lambda v: not is_ascii(v)),
            _TAKEN,
            PROMPTED,
        ),
        Lie(
            "prompt-at-most-900",
            "a prompt over 900 characters is refused",
            refusing("prompt", lambda v: len(str(v["prompt"])) > _SHORT),
            _TAKEN,
            PROMPTED,
        ),
        Lie(
            "prompt-1000-for-all",
            "a prompt over 1000 characters is refused for every model",
            refusing("prompt", lambda v: len(str(v["prompt"])) > _USUAL),
            _TAKEN,
            _CREATE,
        ),
    )


def limit_of(values: Values) -> int:
    """Return how many characters a prompt of these values may have."""
    return 4000 if values.get("model") == "dall-e-3" else _USUAL


def _bytes(text: str) -> int:
    return len(text.encode())
