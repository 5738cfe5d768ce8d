"""Runs the text of an example as it is printed, but for the address; the files that it names are made beside it."""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import attrs
import pytest

from conformance.selftest import browser
from conformance.selftest.browser.harness import refuse
from conformance.selftest.reference.running import SECONDS, program
from conformance.selftest.reference.server import png

DOCUMENTED = "https://api.openai.com/v1"
"""The address that the documents, and so the contract, name."""
KEY = "sk-example-5d1c"
PACKAGES = Path(browser.__file__).with_name("node_modules")
UNCLOSED = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore:deprecated:DeprecationWarning")
"""An example leaves to its end what a program would close, and newer packages call variations deprecated."""


@attrs.frozen
class Desk:
    """A place to run examples at: a folder, and a server that asks for a key."""

    folder: Path
    url: str

    def prepared(self, text: str) -> str:
        """Make the PNG files that an example names, each transparent and square, and put the server's address in."""
        for name in re.findall(r"[\w-]+\.png", text):
            (self.folder / name).write_bytes(png())
        return text.replace(DOCUMENTED, self.url)

    def curl(self, text: str) -> dict[str, Any]:
        """Run a curl command in a shell and return the JSON that it prints."""
        if shutil.which("curl") is None:
            refuse("Examples of curl need curl (Debian: apt-get install curl).")
        return json.loads(self._run("sh", "-c", self.prepared(text)))

    def python(self, text: str) -> dict[str, Any]:
        """Run a program and return its variables."""
        variables: dict[str, Any] = {}
        exec(compile(self.prepared(text), "example", "exec"), variables)  # noqa: S102 - our own words
        return variables

    def node(self, text: str) -> str:
        """Run a module of JavaScript and return what it prints."""
        if shutil.which("node") is None or not (PACKAGES / "openai").exists():
            refuse(
                "Examples of Node need it and npm (Debian: apt-get install npm), which `make test` has fetch openai."
            )
        (self.folder / "node_modules").symlink_to(PACKAGES)
        (self.folder / "example.mjs").write_text(self.prepared(text), encoding="utf-8")
        return self._run("node", "example.mjs")

    def _run(self, *command: str) -> str:
        done = subprocess.run(  # noqa: S603 - our own words
            command, cwd=self.folder, capture_output=True, text=True, timeout=4 * SECONDS, check=False, env=os.environ
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def url() -> Generator[str]:
    """Start one server for all examples."""
    with program(key=KEY) as running:
        yield running.url


@pytest.fixture
def desk(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Desk]:
    """Set the variables that the packages read, and let go of what an example held when it is over."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    # What was there before is left alone, so that looking for what the example held takes no time.
    gc.freeze()
    yield Desk(tmp_path, url)
    gc.collect()
    gc.unfreeze()
