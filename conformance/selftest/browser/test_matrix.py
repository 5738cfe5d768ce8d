"""The page of a comparison in a browser: accessible, steady when it is scrolled, and its cells lead to the evidence."""

from pathlib import Path

from playwright.sync_api import Page, expect

from conformance.selftest.browser.harness import EXTREMES, NARROW, NO_SCRIPT, violations
from conformance.selftest.browser.reports import GREEN, RED, Reports, unfold
from conformance.suite.report import compare, compare_views

_FEWER = """() => document.querySelectorAll('.matrix tbody').forEach(
    group => [...group.querySelectorAll('tr')].slice(4).forEach(row => row.remove()))"""
"""Leaves three rules of each operation: they are all alike, and axe-core takes long for each."""


def matrix(reports: Reports, folder: Path) -> str:
    """Write the page that compares a correct server and a faulty one, and return its address."""
    made = compare.compare(compare.read([reports[kind].with_name("report.json") for kind in (GREEN, RED)]))
    path = folder / "matrix.html"
    path.write_text(compare_views.html(made, path), encoding="utf-8")
    return path.as_uri()


@EXTREMES
def test_everybody_can_use_it(page: Page, reports: Reports, tmp_path: Path) -> None:
    page.goto(matrix(reports, tmp_path))
    page.evaluate(_FEWER)
    unfold(page)
    assert violations(page) == []
    width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= room


@NARROW
def test_the_rule_stays_beside_its_cells(page: Page, reports: Reports, tmp_path: Path) -> None:
    page.goto(matrix(reports, tmp_path))
    table = page.get_by_role("region", name="Rules that differ")
    table.evaluate("element => element.scrollTo(10_000, 0)")
    rule = table.get_by_role("rowheader").filter(has=page.get_by_role("code")).first
    expect(rule).to_be_in_viewport(ratio=0.9)
    room = page.evaluate("innerWidth")
    box = rule.bounding_box()
    assert box is not None
    assert box["width"] < room / 2
    expect(table.get_by_role("columnheader").last).to_be_in_viewport(ratio=0.9)


@NO_SCRIPT
def test_a_cell_leads_to_the_rule_in_its_report(page: Page, reports: Reports, tmp_path: Path) -> None:
    page.goto(matrix(reports, tmp_path))
    row = page.get_by_role("row").filter(has_text="createImage/n/maximum").first
    row.get_by_text("why").click()
    expect(row.get_by_role("paragraph").filter(visible=True)).to_have_count(1)
    row.get_by_role("link", name="fail").click()
    expect(page).to_have_url(f"{reports[RED].as_uri()}#createImage/n/maximum")
    expect(page.locator("[id='createImage/n/maximum']")).to_be_in_viewport()
