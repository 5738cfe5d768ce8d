"""The harness itself: what it demands of a machine, and that it sees what a page does wrong."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from conformance.selftest.browser.harness import LOOKS, NO_SCRIPT, Look, Watch, lacking, refuse, violations

SOUND = '<html lang="en"><title>A page</title><main><h1>A page</h1><p>Some text.</p></main>'


def written(folder: Path, markup: str) -> str:
    """Write a page and return its URL."""
    file = folder / "page.html"
    file.write_text(f"<!DOCTYPE html>{markup}", encoding="utf-8")
    return file.as_uri()


@contextmanager
def watched(browser: Browser) -> Generator[tuple[Page, Watch]]:
    """Open a page whose faults the test itself looks into."""
    with browser.new_context() as context:
        watch = Watch()
        watch.over(context)
        yield context.new_page(), watch


def test_a_machine_is_told_what_to_install(tmp_path: Path) -> None:
    axe = tmp_path / "axe.min.js"
    assert lacking(None, axe) == (
        "Tests in a browser need Chromium (Debian: apt-get install chromium) and axe-core (install npm, which"
        " `make test` then has fetch it)."
    )
    axe.touch()
    assert lacking(None, axe) == "Tests in a browser need Chromium (Debian: apt-get install chromium)."
    assert lacking("/usr/bin/chromium", axe) is None


@pytest.mark.parametrize("ci", [{}, {"CI": ""}, {"CI": "false"}])
def test_without_a_browser_tests_are_skipped(ci: dict[str, str]) -> None:
    with pytest.raises(pytest.skip.Exception, match=r"^Install it\.$"):
        refuse("Install it.", ci)


@pytest.mark.parametrize("ci", ["true", "1"])
def test_without_a_browser_tests_fail_where_it_has_to_be_there(ci: str) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"^Install it\.$"):
        refuse("Install it.", {"CI": ci})


@pytest.mark.parametrize(
    ("markup", "finding"),
    [
        ("<script>console.error('ouch')</script>", "console error: ouch"),
        ("<script>console.warn('hm')</script>", "console warning: hm"),
        ("<script>throw Error('ouch')</script>", "script error: ouch"),
        ("<script>Promise.reject(Error('later'))</script>", "script error: later"),
        ("<img src='http://example.invalid/x.png' alt=''>", "request: GET http://example.invalid/x.png"),
        ("<img src='http://127.0.0.1:1/x.png' alt=''>", "request: GET http://127.0.0.1:1/x.png"),
        (
            "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\"><script>1</script>",
            "console error: Executing inline script violates",
        ),
    ],
)
def test_what_a_page_does_wrong_is_seen(browser: Browser, tmp_path: Path, markup: str, finding: str) -> None:
    with watched(browser) as (page, watch):
        page.goto(written(tmp_path, markup))
        page.evaluate("1")
    assert [each for each in watch.findings if each.startswith(finding)]


@LOOKS
def test_a_sound_page_is_looked_at_as_asked(page: Page, look: Look, tmp_path: Path) -> None:
    page.goto(written(tmp_path, SOUND))
    assert page.evaluate("[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]") == [
        look.width,
        look.scheme == "dark",
    ]
    assert violations(page) == []


@NO_SCRIPT
def test_scripts_may_be_off(page: Page, tmp_path: Path) -> None:
    page.goto(written(tmp_path, f"{SOUND}<script>document.body.remove()</script>"))
    assert page.get_by_text("Some text.").is_visible()


def test_what_is_not_accessible_is_found(page: Page, tmp_path: Path) -> None:
    page.goto(written(tmp_path, SOUND.replace("<p>", '<p style="color: #ccc"><img src="data:,">')))
    assert [line.partition(":")[0] for line in violations(page)] == ["color-contrast (serious)", "image-alt (critical)"]
