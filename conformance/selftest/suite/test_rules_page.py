"""docs/rules.md is what ``make rules-page`` makes, and tells of each rule what is tried and what proves it."""

import re

import pytest
from markdown_it import MarkdownIt

from conformance.mutants import catalogue
from conformance.mutants.measure import survivors
from conformance.selftest.suite.runs import rules
from scripts import rules_page


@pytest.fixture(scope="module")
def page() -> str:
    """Make the page once."""
    return rules_page.page()


def _rows(page: str) -> list[str]:
    return [line for line in page.splitlines() if line.startswith("| ") and "<br>" in line]


def test_the_page_is_up_to_date(page: str) -> None:
    assert rules_page.DOCUMENT.read_text(encoding="utf-8") == page, "run `make rules-page`"


def test_every_rule_stands_in_a_row_with_what_is_tried_and_mutants(page: str) -> None:
    rows = _rows(page)
    assert [re.search(r"<br>`([^`]+)`", row) is not None for row in rows] == [True] * len(rules())
    assert {match[1] for row in rows if (match := re.search(r"<br>`([^`]+)`", row))} == {rule.id for rule in rules()}
    shown = MarkdownIt("commonmark").enable("table").render(page)
    cells = re.findall(r"<td>(.*?)</td>", shown)
    assert len(cells) == 5 * len(rules())
    assert all(cells)
    assert all(re.match(r"[1-9]\d*: <code>", proof) for proof in cells[4::5])


def test_it_is_short_enough_to_be_read(page: str) -> None:
    assert len(page.encode()) < 250_000
    open_ = [re.sub("<details>.*?</details>", "", line) for line in page.splitlines()]
    assert all(len(line) < 800 for line in open_)


def test_every_mutant_that_a_rule_can_find_stands_with_a_rule_of_its_operation(page: str) -> None:
    named = {
        (row.split("<br>`")[1].split("/")[0], name) for row in _rows(page) for name in re.findall("`([^`]+)`", row)
    }
    listed = survivors.survivors()
    for mutant in catalogue.mutants():
        operation, _, name = mutant.partition("/")
        assert survivors.reason(listed, mutant) is not None or (operation, name) in named, mutant
