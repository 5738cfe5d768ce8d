"""Reports to open in a browser, each of a whole run that the command makes."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from attrs import frozen
from playwright.sync_api import Page
from rich.console import Console

from conformance.reference import Behaviour, create_app
from conformance.selftest.browser.servers import harmful, same
from conformance.selftest.suite.runs import KEY
from conformance.suite import command
from conformance.suite.options import parse
from conformance.suite.sending.ending import Ending
from scripts.serving import served


@frozen
class Kind:
    """One report: the server that it is about, which yields its base URL, and the options of the run."""

    name: str
    serve: Callable[[], AbstractContextManager[str]]
    options: tuple[str, ...] = ()

    def make(self, out: Path) -> None:
        """Make the run and write its report into a folder."""
        with self.serve() as url:
            options = parse([url, "--out", str(out), *self.options], {"OPENAI_API_KEY": KEY})
            command.check(options, Console(file=io.StringIO()), command.Interruption(Ending(told=lambda: None)))


_CORRECT = partial(served, create_app(Behaviour(api_key=KEY)))
GREEN = Kind("green", _CORRECT)
RED = Kind("red", partial(served, same))
INCOMPLETE = Kind("incomplete", _CORRECT, ("--images", "3", "--examples", "0"))
HARMFUL = Kind("harmful", harmful, ("--examples", "0"))
KINDS = (GREEN, RED, INCOMPLETE, HARMFUL)


@frozen
class Reports:
    """Makes each report when it is first asked for, in a folder that all workers share."""

    folder: Path

    def __getitem__(self, kind: Kind) -> Path:
        """Return the page of a report; where another worker makes it, wait for that."""
        made, making = self.folder / kind.name, self.folder / f"{kind.name}.making"
        while not made.exists():
            try:
                making.mkdir()
            except FileExistsError:
                time.sleep(0.1)
                continue
            try:
                with ThreadPoolExecutor(1) as aside:  # in this thread Playwright's loop is running
                    aside.submit(kind.make, making).result()
                making.rename(made)
            finally:
                shutil.rmtree(making, ignore_errors=True)
        return made / "report.html"


def unfold(page: Page) -> None:
    """Open all that is folded, as a reader could do one by one."""
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
