"""report.html in a browser: accessible, no wider than the screen, short, and whole without scripts and on paper."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from conformance.selftest.browser.harness import EXTREMES, LOOKS, NARROW, NO_SCRIPT, violations
from conformance.selftest.browser.reports import GREEN, INCOMPLETE, RED, Kind, Reports, unfold

_WIDTHS = "[document.documentElement.scrollWidth, innerWidth]"
_HEIGHT = "document.documentElement.scrollHeight"
_FEWER = """() => document.querySelectorAll('#rules > .group').forEach(
    group => [...group.querySelectorAll('.rule')].slice(3).forEach(rule => rule.remove()))"""
"""Leaves three rules of each group: they are all alike, and axe-core takes long for each."""
WHOLE = pytest.mark.parametrize("kind", [GREEN, RED, INCOMPLETE], ids=lambda kind: kind.name)


def _complaints(page: Page, report: Path) -> list[str]:
    page.goto(report.as_uri())
    page.evaluate(_FEWER)
    unfold(page)
    return violations(page)


@LOOKS
def test_everybody_can_use_it(page: Page, reports: Reports) -> None:
    assert _complaints(page, reports[RED]) == []


@EXTREMES
@pytest.mark.parametrize("kind", [GREEN, INCOMPLETE], ids=lambda kind: kind.name)
def test_everybody_can_use_it_whatever_the_outcome(page: Page, reports: Reports, kind: Kind) -> None:
    assert _complaints(page, reports[kind]) == []


@WHOLE
@NARROW
def test_a_telephone_need_not_scroll_sideways(page: Page, reports: Reports, kind: Kind) -> None:
    page.goto(reports[kind].as_uri())
    width, room = page.evaluate(_WIDTHS)
    assert width <= room
    unfold(page)
    width, room = page.evaluate(_WIDTHS)
    assert width <= room


@WHOLE
@NARROW
def test_a_telephone_need_not_scroll_far(page: Page, reports: Reports, kind: Kind) -> None:
    page.goto(reports[kind].as_uri())
    assert page.evaluate(_HEIGHT) < 10_000


@NO_SCRIPT
def test_without_scripts_nothing_is_missing_but_the_filter(page: Page, reports: Reports) -> None:
    file = reports[RED]
    verdicts = json.loads(file.with_name("report.json").read_text())["verdicts"]
    page.goto(file.as_uri())
    assert page.get_by_role("button").filter(visible=True).count() == 0
    assert page.get_by_role("searchbox").filter(visible=True).count() == 0
    assert page.evaluate("document.querySelectorAll('#rules .rule').length") == len(verdicts)
    for group in page.locator("#rules > details").all():
        if group.get_attribute("open") is None:
            group.locator("summary").first.click()
    expect(page.locator("#rules .rule").filter(visible=True)).to_have_count(len(verdicts))
    rule = next(verdict["rule"] for verdict in verdicts if verdict["outcome"] == "fail")
    page.goto(f"{file.as_uri()}#{rule}")
    expect(page.locator(f"[id='{rule}']")).to_be_in_viewport()


def test_on_paper_is_every_rule_that_does_not_pass(page: Page, reports: Reports) -> None:
    file = reports[RED]
    verdicts = json.loads(file.with_name("report.json").read_text())["verdicts"]
    left = [verdict for verdict in verdicts if verdict["outcome"] != "pass"]
    page.goto(file.as_uri())
    folded = page.locator("details:not([open])").count()
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator("#rules .rule").filter(visible=True)).to_have_count(len(left))
    expect(page.locator("#rules .rule q").filter(visible=True)).to_have_count(len(left))
    assert page.get_by_role("searchbox").filter(visible=True).count() == 0
    assert page.get_by_role("button").filter(visible=True).count() == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert len(page.pdf()) > 20_000
    assert page.locator("details:not([open])").count() == folded
