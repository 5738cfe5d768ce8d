"""The ledger: every schema keyword and every clause of every sentence of the contract, and what holds a server to it.

A keyword is covered by the rules whose source it is. A clause is covered by the rules that quote it, or by those that
the ledger file names for it, which derive from a keyword that says the same. What no rule covers must stand in that
file as excluded, with the reason why it can't be tested; a row there that nothing needs is an error too.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

from attrs import define, field, frozen
from cattrs import Converter

from conformance.suite.contract.document import Contract
from conformance.suite.contract.nodes import as_list, as_map, escape, is_map
from conformance.suite.contract.schema import ANNOTATIONS
from conformance.suite.rules.rule import Rule
from conformance.suite.rules.statement import sentences

_JOINTS = re.compile(r"[\s,.;:]+|\band\b|\bor\b")
"""What may stand between two clauses."""
_NO_DEMANDS = (ANNOTATIONS - {"default"}) | {"$ref", "if"}


class Part(StrEnum):
    """What a row of the ledger is about."""

    KEYWORD = "keyword"
    SENTENCE = "sentence"


@frozen
class Row:
    """One keyword or sentence: where it stands, the rules that cover it, or why none can.

    ``rest`` are the words of a sentence that neither a rule nor a reason is about.
    """

    part: Part
    pointer: str
    line: int
    text: str
    rules: tuple[str, ...]
    reason: str | None
    rest: str = ""

    @property
    def accounted_for(self) -> bool:
        """Whether the row has rules or a reason, for every clause of it."""
        return (bool(self.rules) or self.reason is not None) and not self.rest


@frozen
class Ledger:
    """All rows, and the entries of the ledger file that no row needed."""

    rows: tuple[Row, ...]
    unused: tuple[str, ...]


@frozen
class Entry:
    """A row of the ledger file: a sentence or a ``clause`` of it, or any keyword, at pointers of this pattern.

    It names the rules that hold a server to it, or the reason why none can.
    """

    sentence: str | None = None
    clause: str = ""
    under: str = "*"
    rules: tuple[str, ...] = ()
    reason: str | None = None

    def is_about(self, pointer: str, text: str | None) -> bool:
        """Whether it is about the sentence, or with None the keyword, at a pointer."""
        return self.sentence == text and fnmatchcase(pointer, self.under)

    def covers(self, rules: Sequence[Rule]) -> list[str]:
        """Return the ids of the rules that it names."""
        return [rule.id for rule in rules if any(fnmatchcase(rule.id, glob) for glob in self.rules)]


@frozen
class _File:
    covered: tuple[Entry, ...] = ()
    excluded: tuple[Entry, ...] = ()


def read(contract: Contract, rules: Sequence[Rule], file: Path | None) -> Ledger:
    """Return the ledger of a contract under these rules, with what the file says beside them."""
    accounts = _Accounts(contract, rules, _entries(file))
    rows = [accounts.keyword(pointer, text) for pointer, text in keywords(contract)]
    rows += [accounts.sentence(pointer, text) for pointer, text in described(contract)]
    unused = [entry for entry in accounts.entries if entry not in accounts.used]
    return Ledger(tuple(rows), tuple(entry.clause or entry.sentence or entry.under for entry in unused))


def _entries(file: Path | None) -> tuple[Entry, ...]:
    if file is None:
        return ()
    found = Converter(forbid_extra_keys=True).structure(tomllib.loads(file.read_text(encoding="utf-8")), _File)
    return (*found.covered, *found.excluded)


@define
class _Accounts:
    """Accounts for one keyword or sentence after the other, and notes which entries were needed for it."""

    contract: Contract
    rules: Sequence[Rule]
    entries: tuple[Entry, ...]
    used: set[Entry] = field(factory=set)

    def keyword(self, pointer: str, text: str) -> Row:
        """Account for a keyword: by the rules whose source is it or a part of it, or by an entry."""
        direct = tuple(
            rule.id
            for rule in self.rules
            if pointer in (rule.source.pointer, *rule.also) or rule.source.pointer.startswith(f"{pointer}/")
        )
        entry = None if direct else next((one for one in self.entries if one.is_about(pointer, None)), None)
        if entry is None:
            return Row(Part.KEYWORD, pointer, self.contract.lines[pointer], text, direct, None)
        self.used.add(entry)
        covering = tuple(entry.covers(self.rules))
        return Row(Part.KEYWORD, pointer, self.contract.lines[pointer], text, covering, entry.reason)

    def sentence(self, pointer: str, text: str) -> Row:
        """Account for a sentence, clause by clause: by the rules that quote it, and by entries."""
        quoting = [
            rule
            for rule in self.rules
            if rule.source.clause and rule.source.pointer == pointer and rule.source.text == text
        ]
        clauses = [rule.source.clause for rule in quoting]
        ids = {rule.id for rule in quoting}
        reasons: list[str] = []
        for entry in self.entries:
            clause = entry.clause or text
            more = entry.rules or _uncovered(text, clauses) != _uncovered(text, [*clauses, clause])
            if entry.is_about(pointer, text) and more:
                self.used.add(entry)
                clauses.append(clause)
                ids |= {*entry.covers(self.rules)}
                reasons += [entry.reason] if entry.reason else []
        covering = tuple(rule.id for rule in self.rules if rule.id in ids)
        rest, reason = _uncovered(text, clauses), "; ".join(reasons) or None
        return Row(Part.SENTENCE, pointer, self.contract.lines[pointer], text, covering, reason, rest)


def _uncovered(text: str, clauses: Iterable[str]) -> str:
    """Return the words of a sentence that stand in none of the clauses, but for what joins two clauses."""
    open_ = [True] * len(text)
    for clause in clauses:
        start = text.find(clause)
        for index in range(start, start + len(clause)) if start >= 0 else ():
            open_[index] = False
    rest = "".join(letter if is_open else "\n" for letter, is_open in zip(text, open_, strict=True))
    return " ".join(_JOINTS.sub(" ", rest).split())


def keywords(contract: Contract) -> Iterator[tuple[str, str]]:
    """Yield the pointer of each schema keyword that demands something, with its value in short."""
    for pointer in contract.lines:
        above, _, name = pointer.rpartition("/")
        if above == "/components/schemas" or (name == "schema" and not above.endswith("/properties")):
            yield from _asking(contract.at(pointer), pointer)


def _asking(schema: object, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield the keywords of a schema and of those inside it; what a condition looks at is no demand by itself."""
    if not is_map(schema):
        return
    for name, value in schema.items():
        below = f"{pointer}/{escape(name)}"
        if name == "properties":
            for inner, property_ in as_map(value).items():
                yield from _asking(property_, f"{below}/{escape(inner)}")
        elif name in ("allOf", "anyOf", "oneOf"):
            for index, branch in enumerate(as_list(value)):
                yield from _asking(branch, f"{below}/{index}")
        elif name in ("items", "then"):
            yield from _asking(value, below)
        elif name not in _NO_DEMANDS and not name.startswith("x-"):
            yield below, f"{name}: {value}"


def described(contract: Contract) -> Iterator[tuple[str, str]]:
    """Yield the pointer of each description and summary, with each sentence in it."""
    for pointer in contract.lines:
        if pointer.endswith(("/description", "/summary")) and isinstance(text := contract.at(pointer), str):
            yield from ((pointer, sentence) for sentence in sentences(text))
