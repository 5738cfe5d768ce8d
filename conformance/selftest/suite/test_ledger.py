"""The ledger: all that the contract says is accounted for, and a contract that says more or less is noticed."""

import fnmatch
from pathlib import Path

import pytest

from conformance import CONTRACT
from conformance.__main__ import main
from conformance.selftest.suite.runs import contract, rules
from conformance.suite.contract import document
from conformance.suite.images import IMAGES
from conformance.suite.rules import ledger
from conformance.suite.rules.catalogue import all_rules
from conformance.suite.rules.ledger import Ledger, Part

TEXT = CONTRACT.read_text(encoding="utf-8")
assert IMAGES.ledger is not None
LEDGER = IMAGES.ledger.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def read() -> Ledger:
    """Read the ledger of the contract once."""
    return ledger.read(contract(), rules(), IMAGES.ledger)


def test_every_keyword_and_every_sentence_is_accounted_for(read: Ledger) -> None:
    assert [row for row in read.rows if not row.accounted_for] == []
    assert {row.part for row in read.rows} == set(Part)


def test_every_entry_of_the_file_is_needed(read: Ledger) -> None:
    assert read.unused == ()


def test_what_has_a_rule_has_no_excuse(read: Ledger) -> None:
    # Of a sentence, one clause may have a rule and another one a reason.
    both = [row for row in read.rows if row.rules and row.reason]
    assert {(row.part, row.text.partition(",")[0]) for row in both} == {
        (Part.SENTENCE, "A unique identifier of your end user")
    }
    assert all(set(row.rules) <= {rule.id for rule in rules()} for row in read.rows)


def test_each_row_stands_where_it_says(read: Ledger) -> None:
    for row in read.rows:
        value = str(contract().at(row.pointer))
        assert (row.text in value) if row.part is Part.SENTENCE else row.text.endswith(value)
        assert row.line == contract().lines[row.pointer]


COUNT = "$ref: '#/components/schemas/ImageCount'\n"
MODEL = "$ref: '#/components/schemas/ImageModel'\n"
ANSWER = "                $ref: '#/components/schemas/ImagesResponse'\n"
CHANGES = {
    "a sentence in a description": ("The clearer the prompt,", "It must rhyme. The clearer the prompt,"),
    "a sentence in a description in one line": ("description: The generated images.", "description: Images. Nice."),
    "a title": ("summary: Create image\n", "summary: Create an image\n"),
    "a keyword of an object": ("    CreateImageRequest:\n", "    CreateImageRequest:\n      minWords: 3\n"),
    "a keyword of a property": ("        prompt:\n", "        prompt:\n          minWords: 3\n"),
    "a keyword of a branch": (f"- {COUNT}", f"- {COUNT}              minWords: 3\n"),
    "a keyword of items": ("          items:\n", "          items:\n            minWords: 3\n"),
    "a keyword under a condition": ("maxLength: 1000\n", "maxLength: 1000\n                minWords: 3\n"),
    "a keyword beside a reference": (f"          {MODEL}", f"          {MODEL}          minWords: 3\n"),
    "a keyword of a body": ("            schema:\n", "            schema:\n              minWords: 3\n"),
    "a keyword of an answer": (f"{ANSWER}", f"{ANSWER}                minWords: 3\n"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_the_contract_gains_is_noticed(name: str) -> None:
    old, new = CHANGES[name]
    assert old in TEXT
    assert noticed(TEXT.replace(old, new, 1))


# A sentence of which a part is quoted, and the rules that rest on it.
QUOTES = {
    "in whole seconds": ["*/response/created/recent"],
    "less than 4MB": ["*/image/png", "*/image/file-size*", "*/image/square", "*/mask/file-size*", "*/mask/dimensions"],
    "have the same dimensions as `image`": ["createImageEdit/mask/*"],
}


@pytest.mark.parametrize("quote", QUOTES)
def test_a_quote_that_has_left_the_contract_is_noticed(quote: str) -> None:
    assert quote in TEXT
    changed = document.parse(TEXT.replace(quote, "anything").encode())
    lost = {rule.id for rule in rules()} - {rule.id for rule in all_rules(changed, IMAGES)}
    assert all(fnmatch.filter(lost, pattern) for pattern in QUOTES[quote])
    found = ledger.read(changed, all_rules(changed, IMAGES), IMAGES.ledger)
    assert complains(found)
    assert {row.text for row in found.rows if not row.accounted_for} >= {
        row.text for row in found.rows if row.part is Part.SENTENCE and "anything" in row.text
    }


def complains(read: Ledger) -> bool:
    """Whether a row of the ledger is left open, or an entry of its file without use."""
    return bool(read.unused) or not all(row.accounted_for for row in read.rows)


def noticed(text: str) -> bool:
    """Whether the ledger complains of a contract, which is to be read all the same."""
    changed = document.parse(text.encode())
    return complains(ledger.read(changed, all_rules(changed, IMAGES), IMAGES.ledger))


def test_the_contract_itself_gives_no_notice() -> None:
    assert not noticed(TEXT)


def test_an_entry_that_nothing_needs_is_told(tmp_path: Path) -> None:
    file = tmp_path / "ledger.toml"
    more = (
        '\n[[excluded]]\nsentence = "It rhymes."\nreason = "no ear"\n[[excluded]]\nunder = "/no/*"\nreason = "gone"\n'
    )
    file.write_text(LEDGER + more, encoding="utf-8")
    assert ledger.read(contract(), rules(), file).unused == ("It rhymes.", "/no/*")


def test_an_entry_that_is_gone_is_missed(tmp_path: Path) -> None:
    file = tmp_path / "ledger.toml"
    file.write_text(LEDGER.replace("A larger image shows more detail.", "Other."), encoding="utf-8")
    found = ledger.read(contract(), rules(), file)
    assert [row.text for row in found.rows if not row.accounted_for] == ["A larger image shows more detail."]
    assert found.unused == ("Other.",)


def test_rule_ids_are_unique() -> None:
    ids = [rule.id for rule in rules()]
    assert len(set(ids)) == len(ids)


def test_the_list_of_rules_tells_the_coverage(read: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rules"]) == 0
    shown = capsys.readouterr().out
    for part in Part:
        rows = [row for row in read.rows if row.part is part]
        covered = sum(bool(row.rules) for row in rows)
        line = f"{part}s of the contract: {covered} covered, {len(rows) - covered} excluded, 0 unaccounted for"
        assert " ".join(line.split()) in " ".join(shown.split())
    assert shown.count("\nexcluded openapi.yaml:") == sum(row.reason is not None for row in read.rows)
    assert [line for line in shown.splitlines() if line.endswith(" rules")][:4] == [
        "createImage: 99 rules",
        "createImageEdit: 88 rules",
        "createImageVariation: 77 rules",
        "264 rules",
    ]


def test_a_selection_lists_its_own_rules_and_what_stands_beside_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rules", "--only", "createImage*/n/maximum,createImageVariation/n/optional"]) == 0
    *shown, excluded = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines() if line]
    assert shown == [
        "createImage: 1 rule",
        "strict createImage/n/maximum openapi.yaml:326 n above 10 must be refused",
        "createImageEdit: 1 rule",
        "strict createImageEdit/n/maximum openapi.yaml:326 n above 10 must be refused",
        "createImageVariation: 2 rules",
        "strict createImageVariation/n/maximum openapi.yaml:326 n above 10 must be refused",
        "core createImageVariation/n/optional openapi.yaml:283 n may be left out",
        "4 of 264 rules",
    ]
    assert excluded.startswith(
        "excluded openapi.yaml:283 For `dall-e-3`, only `n=1` is supported. (the operation refuses"
    )
