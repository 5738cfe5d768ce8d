"""The ledger: every schema keyword and every sentence of the contract, and which rules hold a server to it.

A keyword is covered by the rules whose source it is. A sentence is covered by the rules that quote it, or by those that
``ledger.toml`` names for it, which derive from a keyword that says the same. What no rule covers must stand in
``ledger.toml`` as excluded, with the reason why it can't be tested; a row there that nothing needs is an error too.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, cast

from attrs import frozen

from conformance.suite.contract import ANNOTATIONS, Contract, escape
from conformance.suite.rules import Rule

FILE = Path(__file__).with_name("ledger.toml")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_NOT_DEMANDS = (ANNOTATIONS - {"default"}) | {"$ref", "allOf", "anyOf", "if", "then", "properties", "items"}


class Part(StrEnum):
    """What a row of the ledger is about."""

    KEYWORD = "keyword"
    SENTENCE = "sentence"


@frozen
class Row:
    """One keyword or sentence: where it stands, the rules that cover it, or why none can."""

    part: Part
    pointer: str
    line: int
    text: str
    rules: tuple[str, ...]
    reason: str | None

    @property
    def accounted_for(self) -> bool:
        """Whether the row has rules or a reason."""
        return bool(self.rules) or self.reason is not None


@frozen
class Ledger:
    """All rows, and the entries of ledger.toml that no row needed."""

    rows: tuple[Row, ...]
    unused: tuple[str, ...]


@frozen
class _Entry:
    """A row of ledger.toml: a sentence, or any keyword, at pointers of this pattern; the rules for it or a reason."""

    sentence: str | None
    under: str
    rules: tuple[str, ...]
    reason: str | None

    def is_about(self, pointer: str, text: str | None) -> bool:
        return self.sentence == text and fnmatchcase(pointer, self.under)


def read(contract: Contract, rules: Sequence[Rule], file: Path = FILE) -> Ledger:
    """Return the ledger of a contract under these rules."""
    entries = _entries(file)
    rows: list[Row] = []
    used: set[_Entry] = set()
    found = [(Part.KEYWORD, pointer, text) for pointer, text in _keywords(contract.document, "")]
    found += [(Part.SENTENCE, pointer, text) for pointer, text in _sentences(contract.document, "")]
    for part, pointer, text in found:
        said = text if part is Part.SENTENCE else None
        entry = next((entry for entry in entries if entry.is_about(pointer, said)), None)
        globs = entry.rules if entry else ()
        direct = {rule.id for rule in rules if _covers(rule, part, pointer, text, contract)}
        ids = tuple(rule.id for rule in rules if rule.id in direct or any(fnmatchcase(rule.id, glob) for glob in globs))
        if entry is not None and (globs or not ids):
            used.add(entry)
        reason = None if ids or entry is None else entry.reason
        rows.append(Row(part, pointer, contract.lines[pointer], text, ids, reason))
    unused = tuple(entry.sentence or entry.under for entry in entries if entry not in used)
    return Ledger(tuple(rows), unused)


def _entries(file: Path) -> tuple[_Entry, ...]:
    data: dict[str, list[dict[str, Any]]] = tomllib.loads(file.read_text(encoding="utf-8"))
    rows = [*data["covered"], *data["excluded"]]
    return tuple(
        _Entry(row.get("sentence"), row.get("under", "*"), tuple(row.get("rules", ())), row.get("reason"))
        for row in rows
    )


def _covers(rule: Rule, part: Part, pointer: str, text: str, contract: Contract) -> bool:
    """Whether a rule quotes this sentence, or its source is this keyword, a part of it, its null branch or default."""
    source = rule.source.pointer
    if part is Part.SENTENCE:
        return source == pointer and rule.source.text in text
    if source == pointer or source.startswith(f"{pointer}/"):
        return True
    _, name, last = (*rule.id.split("@")[0].split("/"), "", "")[:3]
    if last == "nullable":
        return pointer == f"{source}/type"
    schema = contract.operations[rule.operation].request.properties.get(name)
    return last == "default" and schema is not None and schema.default is not None and schema.default.pointer == pointer


def _keywords(node: object, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield each schema keyword that demands something, with its value in short."""
    in_schemas = pointer.startswith("/components/schemas/")
    parent = pointer.rsplit("/", 1)[-1]
    if isinstance(node, dict):
        for name, value in cast("dict[str, object]", node).items():
            below = f"{pointer}/{escape(name)}"
            is_name = parent in ("properties", "schemas") and not pointer.endswith("/properties/properties")
            if in_schemas and pointer != "/components/schemas" and not is_name:
                if name in ("example", "description") or name.startswith("x-"):
                    continue
                if name not in _NOT_DEMANDS:
                    yield below, f"{name}: {value}"
                    continue
                if name == "if":
                    continue
            yield from _keywords(value, below)
    elif isinstance(node, list):
        for index, value in enumerate(cast("list[object]", node)):
            yield from _keywords(value, f"{pointer}/{index}")


def _sentences(node: object, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield each sentence of each description and summary."""
    if isinstance(node, dict):
        for name, value in cast("dict[str, object]", node).items():
            below = f"{pointer}/{escape(name)}"
            if name in ("description", "summary") and isinstance(value, str):
                yield from ((below, sentence) for sentence in _SENTENCE.split(value.strip()))
            else:
                yield from _sentences(value, below)
    elif isinstance(node, list):
        for index, value in enumerate(cast("list[object]", node)):
            yield from _sentences(value, f"{pointer}/{index}")
