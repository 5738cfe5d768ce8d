"""docs/rules.md is what ``make rules-page`` makes, and tells of each rule what is tried and what proves it."""

import re

import pytest
from markdown_it import MarkdownIt

from conformance.selftest.suite.runs import rules
from scripts import rules_page


@pytest.fixture(scope="module")
def page() -> str:
    """Make the page once."""
    return rules_page.page()


def test_the_page_is_up_to_date(page: str) -> None:
    assert rules_page.DOCUMENT.read_text(encoding="utf-8") == page, "run `make rules-page`"


def test_every_rule_stands_in_a_row_with_what_is_tried_and_mutants(page: str) -> None:
    rows = [line for line in page.splitlines() if line.startswith("| ") and "<br>" in line]
    assert [re.search(r"<br>`([^`]+)`", row) is not None for row in rows] == [True] * len(rules())
    assert {match[1] for row in rows if (match := re.search(r"<br>`([^`]+)`", row))} == {rule.id for rule in rules()}
    shown = MarkdownIt("commonmark").enable("table").render(page)
    cells = re.findall(r"<td>(.*?)</td>", shown)
    assert len(cells) == 5 * len(rules())
    assert all(cells)
    assert all(re.match(r"[1-9]\d*: <code>", proof) for proof in cells[4::5])


def test_it_is_short_enough_to_be_read(page: str) -> None:
    assert len(page.encode()) < 120_000
    assert all(len(line) < 800 for line in page.splitlines())
