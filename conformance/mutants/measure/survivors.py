"""Reads ``survivors.toml``, the exceptions from the bars.

They are the mutants that no rule can find, those that unrelated rules find too, and the rules that no mutant breaks.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import attrs

from conformance.mutants.measure.trial import matches

_PATH = Path(__file__).with_name("survivors.toml")


@attrs.frozen
class Listed:
    """Mutants by a pattern of their ids, less those ``kept`` out of it, and the reason why they are listed."""

    pattern: str
    kept: tuple[str, ...]
    reason: str

    def covers(self, mutant: str) -> bool:
        """Whether a mutant of this id is meant."""
        return matches(mutant, (self.pattern,)) and not matches(mutant, self.kept)


@cache
def survivors() -> tuple[Listed, ...]:
    """Return the mutants that no rule can find."""
    return _read("survivor")


@cache
def besides() -> tuple[Listed, ...]:
    """Return the mutants that unrelated rules find too."""
    return _read("beside")


@cache
def unbroken() -> Mapping[str, str]:
    """Return the rules that no mutant breaks, each with the reason."""
    return {str(entry["rule"]): str(entry["reason"]) for entry in _tables("unbroken")}


def reason(listed: tuple[Listed, ...], mutant: str) -> str | None:
    """Return why a mutant is listed, or None if it isn't."""
    return next((entry.reason for entry in listed if entry.covers(mutant)), None)


def unused(mutants: Sequence[str]) -> tuple[str, ...]:
    """Return the patterns that mean no mutant at all."""
    entries = (*survivors(), *besides())
    return tuple(entry.pattern for entry in entries if not any(entry.covers(mutant) for mutant in mutants))


def _read(table: str) -> tuple[Listed, ...]:
    return tuple(Listed(one["mutants"], tuple(one.get("kept", ())), one["reason"]) for one in _tables(table))


def _tables(name: str) -> list[dict[str, Any]]:
    document: dict[str, Any] = tomllib.loads(_PATH.read_text(encoding="utf-8"))
    return document.get(name, [])
