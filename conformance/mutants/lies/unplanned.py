"""Lies that no planned request meets: only the random ones do, so these servers are sent some.

A planned request has one field at an edge and all others at usual values, and what is refused is tried with a few
values of each kind. So the plan sends no text of one letter, never asks for several large images, and has few wrong
words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from conformance.mutants.lies.requests import changing, refusing
from conformance.mutants.mutant import FORMS, PROMPTED, Lie
from conformance.reference import Values

# More than a run has by default, so that it is no matter of luck whether one of them meets the lie.
_EXAMPLES: Final = 24
_SHORT: Final = 3
_VALID: Final = ("property/valid",)
_INVALID: Final = ("property/invalid",)
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "size": ("256", "512", "1024", "1792"),
    "response_format": ("url", "b64"),
    "quality": ("standard", "hd"),
    "style": ("vivid", "natural"),
}


def lies() -> tuple[Lie, ...]:
    """Return the lies of this module."""

    def short(values: Values) -> bool:
        return len(str(values["prompt"])) < _SHORT

    def heavy(values: Values) -> bool:
        return (values.get("n") or 1) != 1 and values.get("size") != "256x256"

    return (
        Lie(
            "text-short-refused",
            "a prompt of two letters is refused",
            refusing("prompt", short),
            _VALID,
            PROMPTED,
            examples=_EXAMPLES,
        ),
        Lie(
            "several-large-refused",
            "several images are refused unless they are small",
            refusing("n", heavy),
            _VALID,
            FORMS,
            examples=_EXAMPLES,
        ),
        Lie(
            "nonsense-taken",
            "a word is ignored if it doesn't begin like a documented one",
            changing(_without_nonsense),
            _INVALID,
            examples=_EXAMPLES,
        ),
    )


def _without_nonsense(values: Values) -> Values:
    return {
        name: value
        for name, value in values.items()
        if name not in _WORDS or not isinstance(value, str) or value.lower().startswith(_WORDS[name])
    }
