"""Prints the rules by operation, and how much of the contract they cover."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from conformance.suite.exchange.words import count
from conformance.suite.rules.ledger import Ledger, Part, Row
from conformance.suite.rules.rule import Rule
from conformance.suite.rules.titles import title


def rules(console: Console, listed: Sequence[Rule], every: Sequence[Rule], ledger: Ledger, contract: Path) -> None:
    """Print the listed rules with level, source and title, then the ledger.

    Of the ledger of ``every`` rule a selection gets only what stands beside its own rules in the contract.
    """
    for line in lines(listed, every, ledger, contract):
        console.print(Text(line), soft_wrap=True)


def lines(listed: Sequence[Rule], every: Sequence[Rule], ledger: Ledger, contract: Path) -> Iterator[str]:
    """Yield the lines that are printed."""
    width = max((len(rule.id) for rule in listed), default=0)
    for operation in dict.fromkeys(rule.operation for rule in listed):
        mine = [rule for rule in listed if rule.operation == operation]
        yield f"{operation}: {count(len(mine), 'rule')}"
        for rule in mine:
            yield f"  {rule.level:<6}  {rule.id:<{width}}  {contract.name}:{rule.source.line:<4} {title(rule)}"
        yield ""
    whole = len(listed) == len(every)
    yield count(len(listed), "rule") if whole else f"{len(listed)} of {count(len(every), 'rule')}"
    if whole:
        yield from _covered(ledger)
    for row in ledger.rows if whole else _beside(listed, ledger.rows):
        if row.reason is not None:
            yield f"excluded {contract.name}:{row.line:<4} {' '.join(row.text.split())} ({row.reason})"


def _covered(ledger: Ledger) -> Iterator[str]:
    """Yield how many keywords and sentences of the contract rules cover."""
    for part in Part:
        rows = [row for row in ledger.rows if row.part is part]
        covered = sum(bool(row.rules) for row in rows)
        excluded = sum(row.reason is not None and not row.rules for row in rows)
        lost = sum(not row.accounted_for for row in rows)
        yield f"{part}s of the contract: {covered} covered, {excluded} excluded, {lost} unaccounted for"


def _beside(listed: Iterable[Rule], rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows about what stands in the same node of the contract as the source of a listed rule."""
    nodes = {pointer.rpartition("/")[0] for rule in listed for pointer in (rule.source.pointer, *rule.also)}
    return (row for row in rows if row.pointer.rpartition("/")[0] in nodes)
