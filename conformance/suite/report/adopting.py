"""Writes what a run found as known failures, so that a server that fails can be held to what it keeps from then on.

A file that is there already is replaced only if it is one of known failures and holds nothing else. What a person wrote
of a failure stays, and so does what this run didn't judge; what no longer fails is taken off, and what is named by the
id of an earlier version gets that of today.
"""

from __future__ import annotations

import glob
import json
import os
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from conformance.suite.contract.nodes import as_list, is_map
from conformance.suite.exchange.words import count, cut, visible
from conformance.suite.report import known
from conformance.suite.report.known import Known
from conformance.suite.report.record import Report, VerdictEntry
from conformance.suite.rules.rule import Level
from conformance.suite.settings import UsageError
from conformance.suite.verdicts.verdict import Outcome

_ABOUT = (
    "# Failures that are expected: read by --known, written by --write-known, which keeps what is said here of each."
)
_LONG = 400


def read(path: Path | None) -> tuple[Known, ...]:
    """Return what a file to be written holds already; raises UsageError if it holds anything but known failures."""
    if path is None or not path.exists():
        return ()
    held = known.read(path)
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    entries = as_list(tables["known"])
    if [*tables] != ["known"] or not all(is_map(entry) and {*entry} == {"rule", "reason"} for entry in entries):
        raise UsageError(f"{path} holds more than [[known]] tables of rule and reason; name another file.")
    return held


def write(report: Report, path: Path, held: Sequence[Known]) -> str:
    """Write the known failures of a run to the file that ``held`` these; returns a sentence about it.

    Raises UsageError if it can't be written.
    """
    entries = adopted(report["verdicts"], held)
    rules = {entry.rule for entry in entries}
    gone = sum(all(new.rule not in rules for new in entry.renewed()) for entry in held)
    temporary = path.with_name(f"{path.name}.new")
    try:
        temporary.write_text(toml(entries), encoding="utf-8")
        os.replace(temporary, path.resolve())  # noqa: PTH105 - Path.replace says the same in more words
    except OSError as error:
        raise UsageError(f"the known failures can't be written to {path}: {error.strerror}.") from error
    off = f", {gone} that no longer {'fails' if gone == 1 else 'fail'} taken off" if gone else ""
    return f"{count(len(entries), 'known failure')} written to {path}{off}."


def adopted(verdicts: Iterable[VerdictEntry], held: Sequence[Known]) -> tuple[Known, ...]:
    """Return the known failures after a run: what was ``held`` and is not mended, then what fails beside it."""
    found = list(verdicts)
    kept = [new for entry in held if not _mended(entry, found) for new in entry.renewed()]
    new = [
        Known(glob.escape(verdict["rule"]), verdict["known"] or _finding(verdict))
        for verdict in found
        if verdict["outcome"] == Outcome.FAIL
        and verdict["level"] != Level.ADVICE
        and not any(entry.names(verdict["rule"]) for entry in kept)
    ]
    return (*kept, *new)


def toml(entries: Iterable[Known]) -> str:
    """Return known failures as a TOML document, ``[[known]]`` tables of rule and reason."""
    tables = [f"[[known]]\nrule = {_string(entry.rule)}\nreason = {_string(entry.reason)}\n" for entry in entries]
    return "\n".join((f"{_ABOUT}\n", *(tables or ["known = []\n"])))


def _mended(entry: Known, verdicts: Iterable[VerdictEntry]) -> bool:
    """Whether rules of this pattern were judged, and none of them fails."""
    outcomes = {verdict["outcome"] for verdict in verdicts if entry.names(verdict["rule"])}
    return Outcome.PASS in outcomes and Outcome.FAIL not in outcomes


def _finding(verdict: VerdictEntry) -> str:
    return cut(visible(verdict["message"]), _LONG) or verdict["title"]


def _string(text: str) -> str:
    """Return a text as a basic string of TOML, which is one of JSON but for one character that it wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
