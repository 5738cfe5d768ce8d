"""report.html in a browser: searching, choosing, linking and copying, with the mouse and with the keyboard alone."""

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Locator, Page, expect

from conformance.selftest.browser.harness import WIDTHS
from conformance.selftest.browser.reports import GREEN, INCOMPLETE, RED, Kind, Reports


def opened(page: Page, file: Path, fragment: str = "") -> list[dict[str, Any]]:
    """Open a report; returns the verdicts of report.json beside it."""
    page.goto(f"{file.as_uri()}{fragment}")
    return cast("list[dict[str, Any]]", json.loads(file.with_name("report.json").read_text())["verdicts"])


def shown(page: Page) -> Locator:
    """Return the rules that are not filtered out; whether the group is open that they are in is another matter."""
    return page.locator("#rules .rule:not([hidden])")


def chip(page: Page, group: str, value: str) -> Locator:
    """Return the button that chooses the rules with a value."""
    return page.get_by_role("group", name=group).locator(f"button[data-value='{value}']")


def announced(page: Page, found: int, of: int) -> None:
    """Check that the number of rules is announced, and that so many can be seen."""
    expect(page.locator("#hits")).to_have_text(f"{found} of {of} rules")
    expect(page.locator("#hits")).to_have_role("status")
    expect(shown(page)).to_have_count(found)
    expect(shown(page).filter(visible=True)).to_have_count(found)


def test_words_are_searched_in_ids_titles_sentences_and_what_was_seen(page: Page, reports: Reports) -> None:
    verdicts = opened(page, reports[RED])
    expect(shown(page)).to_have_count(len(verdicts))
    search = page.get_by_role("searchbox")
    expect(search).to_have_accessible_name("Search the rules")
    for words in ("createimageEDIT/mask", "size  1024", verdicts[0]["source"]["text"].split("\n")[0][:40], "zebra"):
        search.fill(words)
        found = shown(page).count()
        announced(page, found, len(verdicts))
        assert found < len(verdicts)
        for text in shown(page).all_text_contents():
            assert all(word in text.lower() for word in words.lower().split())
    named = [verdict for verdict in verdicts if verdict["rule"].startswith("createImageEdit/mask")]
    search.fill("createimageedit/mask")
    assert shown(page).count() >= len(named) > 0
    search.fill("")
    expect(page.locator("#hits")).to_have_text("")
    expect(shown(page)).to_have_count(len(verdicts))


@WIDTHS
def test_what_is_found_is_in_sight(page: Page, reports: Reports) -> None:
    opened(page, reports[RED])
    page.keyboard.press("/")
    page.keyboard.type("mask")
    expect(page.get_by_role("searchbox")).to_be_in_viewport()
    expect(shown(page).first).to_be_in_viewport()


def test_chips_choose_by_outcome_level_and_operation(page: Page, reports: Reports) -> None:
    verdicts = opened(page, reports[RED])
    chosen: dict[str, list[str]] = {}

    def expected() -> int:
        return sum(all(verdict[name] in values for name, values in chosen.items()) for verdict in verdicts)

    for name, value in (
        ("outcome", "fail"),
        ("level", "core"),
        ("operation", "createImageEdit"),
        ("outcome", "blocked"),
    ):
        chip(page, name, value).click()
        expect(chip(page, name, value)).to_have_attribute("aria-pressed", "true")
        chosen.setdefault(name, []).append(value)
        announced(page, expected(), len(verdicts))
    page.get_by_role("searchbox").fill("size")
    assert 0 < shown(page).count() < expected()
    page.get_by_role("searchbox").fill("")
    chip(page, "level", "core").click()
    expect(chip(page, "level", "core")).to_have_attribute("aria-pressed", "false")
    del chosen["level"]
    announced(page, expected(), len(verdicts))


def test_one_button_takes_everything_back(page: Page, reports: Reports) -> None:
    verdicts = opened(page, reports[RED])
    clear = page.get_by_role("button", name="Clear")
    expect(clear).to_be_hidden()
    page.get_by_role("searchbox").fill("size")
    chip(page, "outcome", "fail").click()
    clear.focus()
    page.keyboard.press("Enter")
    expect(shown(page)).to_have_count(len(verdicts))
    expect(page.locator("[aria-pressed=true]")).to_have_count(0)
    expect(clear).to_be_hidden()
    expect(page.get_by_role("searchbox")).to_be_focused()


@pytest.mark.parametrize("kind", [GREEN, RED, INCOMPLETE], ids=lambda kind: kind.name)
def test_each_chip_says_how_many_rules_it_chooses(page: Page, reports: Reports, kind: Kind) -> None:
    verdicts = opened(page, reports[kind])
    for name in ("outcome", "level", "operation"):
        told = {
            button.get_attribute("data-value"): int((button.text_content() or "").split()[-1])
            for button in page.get_by_role("group", name=name).get_by_role("button").all()
        }
        assert told == {
            value: sum(verdict[name] == value for verdict in verdicts) for value in {each[name] for each in verdicts}
        }


def test_the_keyboard_alone_will_do(page: Page, reports: Reports) -> None:
    verdicts = opened(page, reports[RED])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the rules")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    search = page.get_by_role("searchbox")
    expect(search).to_be_focused()
    page.keyboard.type("mask")
    page.keyboard.press("Escape")
    expect(search).to_have_value("")
    page.keyboard.press("Tab")
    first = page.get_by_role("group", name="outcome").get_by_role("button").first
    expect(first).to_be_focused()
    outline = first.evaluate("each => getComputedStyle(each).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Space")
    value = first.get_attribute("data-value")
    announced(page, sum(verdict["outcome"] == value for verdict in verdicts), len(verdicts))
    page.keyboard.press("Enter")
    expect(page.locator("#hits")).to_have_text("")
    page.keyboard.press("/")
    expect(search).to_be_focused()
    page.keyboard.type("a/b")
    expect(search).to_have_value("a/b")


def test_a_folded_failure_opens_with_the_keyboard(page: Page, reports: Reports) -> None:
    opened(page, reports[RED])
    page.locator("#rules .group:has(details.rule)").first.evaluate("each => { each.open = true }")
    rule = page.locator("#rules details.rule").first
    rule.locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(rule).to_have_attribute("open", "")
    expect(rule.get_by_text("Contract, line").first).to_be_visible()
    page.keyboard.press("Tab")
    assert rule.evaluate("each => each.contains(document.activeElement)")


@pytest.mark.parametrize("outcome", ["pass", "fail", "blocked"])
def test_a_link_to_a_rule_opens_it(page: Page, reports: Reports, outcome: str) -> None:
    verdicts = json.loads(reports[RED].with_name("report.json").read_text())["verdicts"]
    rule = [verdict["rule"] for verdict in verdicts if verdict["outcome"] == outcome][-1]
    opened(page, reports[RED], f"#{rule}")
    target = page.locator(f"[id='{rule}']")
    expect(target).to_be_visible()
    expect(target).to_be_in_viewport()


def test_a_link_leads_to_a_rule_that_is_filtered_out(page: Page, reports: Reports) -> None:
    verdicts = opened(page, reports[RED])
    page.get_by_role("searchbox").fill("no rule has these words")
    announced(page, 0, len(verdicts))
    rule = next(verdict["rule"] for verdict in verdicts if verdict["outcome"] == "pass")
    page.evaluate("rule => { location.hash = rule }", rule)
    expect(page.locator(f"[id='{rule}']")).to_be_in_viewport()
    expect(page.get_by_role("searchbox")).to_have_value("")


def test_every_link_has_an_aim_and_every_rule_an_id(page: Page, reports: Reports) -> None:
    for kind in (GREEN, RED, INCOMPLETE):
        verdicts = opened(page, reports[kind])
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(each => each.id)")
        assert len(ids) == len(set(ids))
        assert {verdict["rule"] for verdict in verdicts} <= set(ids)
        aims = page.evaluate("[...document.querySelectorAll('a')].map(each => decodeURIComponent(each.hash.slice(1)))")
        assert set(aims) <= set(ids)


def _expect_copied(page: Page, text: str | None) -> None:
    """Wait for a text to come to the clipboard; the page's policy forbids the waiting in it that Playwright has."""
    for _ in range(100):
        if page.evaluate("navigator.clipboard.readText()") == text:
            return
        page.wait_for_timeout(50)
    pytest.fail(f"not copied: {text}")


def test_what_is_copied_is_what_is_shown(page: Page, reports: Reports) -> None:
    page.clock.install(time=0)
    verdicts = opened(page, reports[RED])
    page.clock.pause_at(60_000)
    failed = next(verdict for verdict in verdicts if verdict["outcome"] == "fail")
    opened(page, reports[RED], f"#{failed['rule']}")
    rule = page.locator("details.rule").filter(has=page.locator(f"[id='{failed['rule']}']"))
    rule.get_by_role("button", name="Copy the curl command").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == failed["curl"]
    page.clock.run_for(5_000)
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(0)
    for button in page.locator("button.copy").filter(visible=True).all():
        page.evaluate("navigator.clipboard.writeText('nothing')")
        text = button.locator("xpath=..").locator("pre").text_content()
        button.click()
        _expect_copied(page, text)


def test_copying_does_without_the_permission_to_write(page: Page, reports: Reports) -> None:
    page.add_init_script("navigator.clipboard.writeText = async () => { throw new DOMException('no') }")
    page.clock.install(time=0)
    opened(page, reports[RED])
    page.clock.pause_at(60_000)
    button = page.get_by_role("button", name="Copy the command")
    text = button.locator("xpath=..").locator("pre").text_content()
    button.click()
    _expect_copied(page, text)
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)


def test_images_that_came_as_they_were_asked_for_did(page: Page, reports: Reports) -> None:
    shown: dict[str, int] = {}
    for kind in (GREEN, RED):
        opened(page, reports[kind])
        shelves = [" ".join(text.split()) for text in page.locator("#images .shelf").all_text_contents()]
        for text in shelves:
            asked, _, came = text.partition(" Got ")
            sizes = re.findall(r"data\[\d+\]: (\d+x\d+)", came)
            assert set(sizes) == set(re.findall(r"image.*?, (\d+x\d+)", asked)), text
        shown[kind.name] = len(shelves)
    assert shown["green"] > shown["red"] > 0
