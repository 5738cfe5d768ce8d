"""The ledger: all that the contract says is accounted for, and a contract that says more or less is noticed."""

from pathlib import Path

import pytest

from conformance import CONTRACT
from conformance.__main__ import main
from conformance.selftest.suite.runs import contract, rules
from conformance.suite import contract as contracts
from conformance.suite import ledger
from conformance.suite.contract import ContractError
from conformance.suite.ledger import Ledger, Part
from conformance.suite.rules import all_rules

TEXT = CONTRACT.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def read() -> Ledger:
    """Read the ledger of the contract once."""
    return ledger.read(contract(), rules())


def test_every_keyword_and_every_sentence_is_accounted_for(read: Ledger) -> None:
    assert [row for row in read.rows if not row.accounted_for] == []
    assert {row.part for row in read.rows} == set(Part)


def test_every_entry_of_the_file_is_needed(read: Ledger) -> None:
    assert read.unused == ()


def test_what_has_a_rule_has_no_excuse(read: Ledger) -> None:
    assert [row for row in read.rows if row.rules and row.reason] == []
    assert all(set(row.rules) <= {rule.id for rule in rules()} for row in read.rows)


def test_each_row_stands_where_it_says(read: Ledger) -> None:
    for row in read.rows:
        value = str(contract().at(row.pointer))
        assert (row.text in value) if row.part is Part.SENTENCE else row.text.endswith(value)
        assert row.line == contract().lines[row.pointer]


CHANGES = {
    "a sentence in a description": ("The clearer the prompt,", "It must rhyme. The clearer the prompt,"),
    "a sentence in a description in one line": ("description: The generated images.", "description: Images. Nice."),
    "a title": ("summary: Create image\n", "summary: Create an image\n"),
    "a keyword of an object": ("    CreateImageRequest:\n", "    CreateImageRequest:\n      minWords: 3\n"),
    "a keyword of a property": ("        prompt:\n", "        prompt:\n          minWords: 3\n"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_the_contract_gains_is_noticed(name: str) -> None:
    old, new = CHANGES[name]
    assert old in TEXT
    assert noticed(TEXT.replace(old, new, 1))


QUOTES = ["in whole seconds", "less than 4MB", "have the same dimensions as `image`"]


@pytest.mark.parametrize("quote", QUOTES)
def test_a_quote_that_has_left_the_contract_is_noticed(quote: str) -> None:
    assert quote in TEXT
    with pytest.raises(ContractError, match="no longer says"):
        all_rules(contracts.parse(TEXT.replace(quote, "anything").encode()))


def noticed(text: str) -> bool:
    """Whether a contract is refused, or leaves a row of the ledger open or an entry of its file without use."""
    try:
        changed = contracts.parse(text.encode())
        read = ledger.read(changed, all_rules(changed))
    except ContractError:
        return True
    return bool(read.unused) or not all(row.accounted_for for row in read.rows)


def test_the_contract_itself_gives_no_notice() -> None:
    assert not noticed(TEXT)


def test_an_entry_that_nothing_needs_is_told(tmp_path: Path) -> None:
    file = tmp_path / "ledger.toml"
    more = (
        '\n[[excluded]]\nsentence = "It rhymes."\nreason = "no ear"\n[[excluded]]\nunder = "/no/*"\nreason = "gone"\n'
    )
    file.write_text(ledger.FILE.read_text(encoding="utf-8") + more, encoding="utf-8")
    assert ledger.read(contract(), rules(), file).unused == ("It rhymes.", "/no/*")


def test_an_entry_that_is_gone_is_missed(tmp_path: Path) -> None:
    file = tmp_path / "ledger.toml"
    text = ledger.FILE.read_text(encoding="utf-8")
    file.write_text(text.replace("A larger image shows more detail.", "Other."), encoding="utf-8")
    found = ledger.read(contract(), rules(), file)
    assert [row.text for row in found.rows if not row.accounted_for] == ["A larger image shows more detail."]
    assert found.unused == ("Other.",)


def test_rule_ids_are_unique() -> None:
    ids = [rule.id for rule in rules()]
    assert len(set(ids)) == len(ids)


def test_the_list_of_rules_tells_the_coverage(read: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rules", "--only", "createImage/n/*"]) == 0
    shown = capsys.readouterr().out
    for part in Part:
        rows = [row for row in read.rows if row.part is part]
        covered = sum(bool(row.rules) for row in rows)
        line = f"{part}s of the contract: {covered} covered, {len(rows) - covered} excluded, 0 unaccounted for"
        assert " ".join(line.split()) in " ".join(shown.split())
    assert shown.count("\nexcluded openapi.yaml:") == sum(row.reason is not None for row in read.rows)
