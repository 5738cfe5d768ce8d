"""report.html in a browser: nothing that a server sent is live in it, and it asks for nothing."""

import re
import unicodedata

import pytest
from playwright.sync_api import Page

from conformance.selftest.browser.reports import GREEN, HARMFUL, KINDS, Kind, Reports, unfold

_ELEMENTS = """() => [...document.querySelectorAll('*')].map(each =>
    [each.localName, Object.fromEntries([...each.attributes].map(one => [one.name, one.value]))])"""
_NEVER = {"iframe", "frame", "object", "embed", "base", "link", "audio", "video", "portal", "foreignobject"}
_LEADING = {"href", "xlink:href", "src", "srcset", "action", "formaction", "poster", "data", "ping", "background"}
_OWN = re.compile(
    r"#[\w/@.%-]*"
    r"|data:image/(png|jpeg|webp);base64,[\w+/=]+"
    r"|(\./)?(report\.json|junit\.xml|recording\.ndjson|badge\.svg)"
)


def live(page: Page) -> list[str]:
    """Return what in a page leads elsewhere, or is run or loaded, beside the page's own script and pictures."""
    found: list[str] = []
    elements: list[tuple[str, dict[str, str]]] = page.evaluate(_ELEMENTS)
    for tag, attributes in elements:
        found += [tag] if tag in _NEVER else []
        found += (
            [f"{tag} {attributes}"] if tag == "meta" and attributes.get("http-equiv", "").lower() == "refresh" else []
        )
        for name, value in attributes.items():
            if name.startswith("on") or name in ("srcdoc", "style", "autofocus"):
                found.append(f"{tag} {name}={value}")
            if name in _LEADING and not _OWN.fullmatch(value):
                found.append(f"{tag} {name}={value}")
    return found


def owned(page: Page) -> object:
    """Return what a server's script has left behind, None if none was run."""
    return page.evaluate("window.owned ?? null")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_report_is_small_and_nothing_in_it_leads_elsewhere(page: Page, reports: Reports, kind: Kind) -> None:
    file = reports[kind]
    assert file.stat().st_size < 3_000_000
    page.goto(file.as_uri())
    assert live(page) == []


def test_what_a_server_sent_is_text(page: Page, reports: Reports) -> None:
    page.goto(reports[HARMFUL].as_uri())
    title = page.title()
    unfold(page)
    page.evaluate("for (const each of document.querySelectorAll('button, summary')) each.click()")
    unfold(page)
    page.mouse.click(200, 200)
    text = page.locator("body").text_content() or ""
    assert "window.owned" in text
    assert "<script>" in text
    assert owned(page) is None
    assert (page.title(), page.url.partition("#")[0]) == (title, reports[HARMFUL].as_uri())
    assert live(page) == []


def test_no_character_moves_another(page: Page, reports: Reports) -> None:
    page.goto(reports[HARMFUL].as_uri())
    content = page.content()
    assert "\\u202e" in content
    assert {
        one for one in content if one not in "\n\t" and unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp")
    } == set()


@pytest.mark.parametrize(
    "fragment",
    ["<img src=x onerror=window.owned=1>", "%3Cscript%3Ewindow.owned=1", "%E0%A4%A", '"]', "nothing/of/it", "%00"],
)
def test_a_fragment_that_names_no_rule_does_nothing(page: Page, reports: Reports, fragment: str) -> None:
    page.goto(f"{reports[GREEN].as_uri()}#{fragment}")
    assert page.get_by_role("heading", level=1).is_visible()
    assert owned(page) is None
    assert live(page) == []


def test_the_policy_lets_nothing_but_the_pages_own_be_used(page: Page, reports: Reports) -> None:
    page.goto(reports[HARMFUL].as_uri())
    policies = page.locator("meta[http-equiv='Content-Security-Policy']").evaluate_all("all => all.map(e => e.content)")
    assert len(policies) == 1
    policy = dict(part.strip().partition(" ")[::2] for part in policies[0].split(";"))
    assert policy["default-src"] == "'none'"
    assert re.fullmatch(r"('none'|'sha256-[\w+/=]+'\s?)+", policy.get("script-src", "'none'"))
    assert policy.get("img-src", "data:") in ("data:", "'none'")
    assert set(policy) <= {"default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"}
