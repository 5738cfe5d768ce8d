"""Clause by clause: whatever changes in a sentence of the contract leaves a row of the ledger open."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from conformance import CONTRACT
from conformance.selftest.suite.runs import contract, rules
from conformance.suite.contract import document
from conformance.suite.contract.document import Contract
from conformance.suite.contract.nodes import unescape
from conformance.suite.images import IMAGES
from conformance.suite.rules import ledger
from conformance.suite.rules.catalogue import all_rules
from conformance.suite.rules.ledger import Ledger, Row
from conformance.suite.rules.rule import Rule
from conformance.suite.rules.statement import Statement, sentences

TEXT = CONTRACT.read_text(encoding="utf-8")
JOINT = re.compile(r"[,;]\s+|\s+(?=(?:and|or|if|which|where)\b)")
WORD = re.compile(r"[\w`./-]*\w[\w`]*")
Place = tuple[str, str]
Change = Callable[[str], str]


def read(made: Contract) -> Ledger:
    return ledger.read(made, all_rules(made, IMAGES), IMAGES.ledger)


def clauses(sentence: str) -> list[tuple[int, int]]:
    """Return where each clause of a sentence begins and ends, the last one without the full stop."""
    end = len(sentence.rstrip(".!?"))
    joints = [joint.span() for joint in JOINT.finditer(sentence, 0, end)]
    starts, ends = [0, *(after for _, after in joints)], [*(before for before, _ in joints), end]
    return [(start, stop) for start, stop in zip(starts, ends, strict=True) if sentence[start:stop].strip()]


def replaced(clause: str, word: re.Match[str]) -> str:
    return f"{clause[: word.start()]}anything{clause[word.end() :]}"


def another_first_word(clause: str) -> str:
    return replaced(clause, next(WORD.finditer(clause)))


def another_last_word(clause: str) -> str:
    return replaced(clause, list(WORD.finditer(clause))[-1])


def one_more(clause: str) -> str:
    return f"{clause}, and need not be square"


def one_less(_: str) -> str:
    return ""


CHANGES = [another_first_word, another_last_word, one_more, one_less]


def said() -> list[Place]:
    """Return each sentence of the contract with the pointer of its description."""
    return list(ledger.described(contract()))


def variants(change: Change) -> Iterator[tuple[Place, int, str]]:
    """Yield each sentence with the number of a clause and what it becomes if that clause is changed."""
    for pointer, sentence in said():
        spans = clauses(sentence)
        for index, (start, end) in enumerate(spans):
            new = f"{sentence[:start]}{change(sentence[start:end])}{sentence[end:]}".strip()
            # A sentence of one clause is not left out here: then nothing would be left to complain of.
            if change is not one_less or len(spans) > 1:
                yield (pointer, sentence), index, new


def with_sentences(new: dict[Place, str]) -> Contract:
    """Return the contract with these sentences replaced."""
    whole: Any = json.loads(json.dumps(contract().document))
    for pointer in {pointer for pointer, _ in new}:
        *way, last = [unescape(part) for part in pointer.split("/")[1:]]
        node: Any = whole
        for part in way:
            node = node[int(part) if isinstance(node, list) else part]
        node[last] = " ".join(new.get((pointer, sentence), sentence) for sentence in sentences(node[last]))
    return document.parse(json.dumps(whole).encode())


def row_of(found: Ledger, pointer: str, text: str) -> Row:
    (row,) = [row for row in found.rows if (row.pointer, row.text) == (pointer, text)]
    return row


@pytest.mark.parametrize("change", CHANGES)
def test_each_changed_clause_of_each_sentence_leaves_its_row_open(change: Change) -> None:
    # One clause of every sentence at a time, for the row of a sentence depends on that sentence alone.
    every = list(variants(change))
    for number in range(max(index for _, index, _ in every) + 1):
        new = {place: text for place, index, text in every if index == number}
        found = read(with_sentences(new))
        kept = [text for (pointer, _), text in new.items() if row_of(found, pointer, text).accounted_for]
        assert kept == []


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_clause_alone_is_noticed(change: Change) -> None:
    every = list(variants(change))
    for (pointer, sentence), _, text in every[:: len(every) // 3]:
        found = read(with_sentences({(pointer, sentence): text}))
        assert [row.text for row in found.rows if row.rest] == [text]
        assert row_of(found, pointer, text).rules == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("less than 4MB, and square.", "less than 4MB, and need not be square."),
        ("less than 4MB, and square.", "less than 4MB, and square and at least 64 pixels wide."),
        ("less than 4MB, and square.", "less than 4MB."),
        ("less than 4MB, and square.", "less than 4MB, square, and opaque."),
        ("It has at most 1000 characters.", "It has at most 1000 characters, and at least 3 words."),
        ("`n` of them.", "at most `n` of them."),
    ],
)
def test_a_sentence_that_says_more_or_less_is_noticed(old: str, new: str) -> None:
    assert old in TEXT
    found = read(document.parse(TEXT.replace(old, new).encode()))
    assert any(new.removesuffix(".") in row.text for row in found.rows if not row.accounted_for)


def test_the_contract_as_it_is_leaves_no_row_open() -> None:
    assert not [row for row in read(with_sentences({})).rows if not row.accounted_for]


@pytest.mark.parametrize("statement", IMAGES.statements, ids=lambda statement: statement.rule)
def test_each_statement_is_made_by_the_contract(statement: Statement) -> None:
    found = [rule for rule in rules() if rule.id in {f"{id_}/{statement.rule}" for id_ in contract().operations}]
    assert found
    assert statement.clause in statement.sentence
    for rule in found:
        assert (rule.source.text, rule.source.clause) == (statement.sentence, statement.clause or statement.sentence)
        assert statement.sentence in sentences(str(contract().at(rule.source.pointer)))


@cache
def resting_on() -> dict[tuple[str, str, str], list[Rule]]:
    """Return the stated rules by pointer, sentence and clause."""
    found: dict[tuple[str, str, str], list[Rule]] = {}
    ids = {f"{id_}/{statement.rule}" for id_ in contract().operations for statement in IMAGES.statements}
    for rule in rules():
        if rule.id in ids:
            found.setdefault((rule.source.pointer, rule.source.text, rule.source.clause), []).append(rule)
    return found


def without(*left_out: Rule) -> Ledger:
    return ledger.read(contract(), [rule for rule in rules() if rule not in left_out], IMAGES.ledger)


@pytest.mark.parametrize(("pointer", "sentence", "clause"), resting_on())
def test_a_clause_that_loses_its_rules_is_left_open(pointer: str, sentence: str, clause: str) -> None:
    row = row_of(without(*resting_on()[pointer, sentence, clause]), pointer, sentence)
    assert not row.accounted_for
    assert row.rest
    assert set(row.rest.split()) <= set(re.split(r"[\s,.]+", clause or sentence))


@pytest.mark.parametrize(
    ("rule", "rest"),
    [
        ("createImageEdit/image/square", "square"),
        ("createImageVariation/image/square", "square"),
        ("createImageEdit/mask/dimensions", "have the same dimensions as `image`"),
        ("createImageEdit/image/transparency", "the image must have transparency"),
        ("createImageEdit/mask/opaque-image", "If `mask` is not given"),
    ],
)
def test_a_rule_that_goes_leaves_the_words_that_no_other_rule_is_about(rule: str, rest: str) -> None:
    (gone,) = [one for one in rules() if one.id == rule]
    (row,) = [row for row in without(gone).rows if not row.accounted_for]
    assert (row.pointer, row.text, row.rest) == (gone.source.pointer, gone.source.text, rest)
