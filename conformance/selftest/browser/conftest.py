"""One Chromium for the tests of this folder, and a page that is watched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from conformance.selftest.browser.harness import ARGUMENTS, AXE, PATIENCE, Look, Watch, chromium, lacking, refuse
from conformance.selftest.browser.reports import Reports

expect.set_options(timeout=PATIENCE)


# Not for the whole session: as long as Playwright runs, asyncio takes the thread for busy with its loop, and tests in
# other folders run loops of their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start Chromium once for each worker."""
    path = chromium()
    if sentence := lacking(path, AXE):
        refuse(sentence)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS, timeout=4 * PATIENCE)
        yield started
        started.close()


@pytest.fixture
def look(request: pytest.FixtureRequest) -> Look:
    """Return how the page is looked at: as LOOKS and its like say, else in light colours on a screen."""
    return getattr(request, "param", Look())


@pytest.fixture
def page(browser: Browser, look: Look) -> Iterator[Page]:
    """Open a fresh page; the test fails if anything is amiss in it."""
    context = browser.new_context(
        color_scheme=look.scheme, viewport={"width": look.width, "height": 844}, java_script_enabled=look.script
    )
    context.set_default_timeout(PATIENCE)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    watch = Watch()
    watch.over(context)
    yield context.new_page()
    context.close()
    assert not watch.findings


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Reports:
    """Return the reports that the tests open."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "reports"
    folder.mkdir(exist_ok=True)
    return Reports(folder)
