"""Reads ``survivors.toml``: the mutants that no rule can find, and those that unrelated rules find too."""

from __future__ import annotations

import tomllib
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


def reason(listed: tuple[Listed, ...], mutant: str) -> str | None:
    """Return why a mutant is listed, or None if it isn't."""
    return next((entry.reason for entry in listed if entry.covers(mutant)), None)


def unused(mutants: tuple[str, ...]) -> tuple[str, ...]:
    """Return the patterns that mean no mutant at all."""
    entries = (*survivors(), *besides())
    return tuple(entry.pattern for entry in entries if not any(entry.covers(mutant) for mutant in mutants))


def _read(table: str) -> tuple[Listed, ...]:
    document: dict[str, Any] = tomllib.loads(_PATH.read_text(encoding="utf-8"))
    entries: list[dict[str, Any]] = document.get(table, [])
    return tuple(Listed(entry["mutants"], tuple(entry.get("kept", ())), entry["reason"]) for entry in entries)
