"""What a test in headless Chromium needs: the browser, someone who watches it, and axe-core's opinion of a page.

Chromium is the one of this machine, axe-core the one that npm put beside this file; nothing is fetched by a test. A
machine that lacks either skips these tests and says what to install, but where ``CI`` is set that is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, NoReturn
from urllib.parse import urlsplit

import attrs
import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError

AXE = Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Were a page to ask for something elsewhere, then nothing would leave this machine all the same.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
PATIENCE = 15_000
"""How many milliseconds something may take that is to come about in a page."""


class Look(NamedTuple):
    """How a page is looked at: the colours that are preferred, the width in CSS pixels, with scripts or without."""

    scheme: Literal["light", "dark"] = "light"
    width: int = 1280
    script: bool = True


def _looked_at(*looks: Look) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("look", looks, indirect=True, ids=["-".join(map(str, each)) for each in looks])


LOOKS = _looked_at(Look("light", 1280), Look("light", 390), Look("dark", 1280), Look("dark", 390))
"""Marks a test that looks at its ``page`` in light and dark colours, on a screen and on a telephone."""
EXTREMES = _looked_at(Look("light", 1280), Look("dark", 390))
"""The two ways that differ most, for pages that are alike to one that is looked at in all four."""
WIDTHS = _looked_at(Look(), Look(width=390))
NARROW = _looked_at(Look(width=390))
NO_SCRIPT = _looked_at(Look(script=False))
"""Marks one whose page runs no script. (Chromium goes on to hide what stands in <noscript> then.)"""


def chromium() -> str | None:
    """Return the path of this machine's Chromium, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def lacking(browser: str | None, axe: Path) -> str | None:
    """Return a sentence that says what to install before these tests can run, or None."""
    needs: list[str] = []
    if browser is None:
        needs.append("Chromium (Debian: apt-get install chromium)")
    if not axe.exists():
        needs.append("axe-core (install npm, which `make test` then has fetch it)")
    return f"Tests in a browser need {' and '.join(needs)}." if needs else None


def refuse(sentence: str, environment: Mapping[str, str] = os.environ) -> NoReturn:
    """Skip the test, or fail it where ``CI`` says that everything has to be there."""
    if environment.get("CI", "").lower() in ("", "0", "false"):
        pytest.skip(sentence)
    pytest.fail(sentence, pytrace=False)


@attrs.define(slots=False)  # Playwright keeps notes of its own on it
class Watch:
    """Notes whatever no page of ours may do: complain on the console, raise, or ask for something elsewhere."""

    findings: list[str] = attrs.field(factory=list[str])

    def over(self, context: BrowserContext) -> None:
        """Watch each page of a context, and each window that one opens."""
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self.findings.append(f"console {message.type}: {message.text}")

    def _error(self, error: WebError) -> None:
        self.findings.append(f"script error: {error.error}")

    def _request(self, request: Request) -> None:
        url = urlsplit(request.url)
        here = urlsplit(request.frame.url)
        own = url[:2] == here[:2] or request.is_navigation_request()
        if url.scheme not in ("file", "data", "blob") and not (own and url.hostname == "127.0.0.1"):
            self.findings.append(f"request: {request.method} {request.url}")


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong with a page as it is shown now, a line for each rule and element."""
    # Evaluated from outside, so that a page whose policy allows no foreign script can be examined as it is.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run({resultTypes: ['violations']})).violations")
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: {node['target']}: {node['failureSummary']}: {node['html']}"
        for each in found
        for node in each["nodes"]
    ]
