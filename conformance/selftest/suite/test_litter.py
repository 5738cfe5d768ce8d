"""A run leaves its report behind and nothing else, wherever it is started."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis.configuration import storage_directory

from conformance import CONTRACT
from conformance.selftest.reference.running import program
from conformance.suite.contract import examples, scratch

RANDOM = ("--only", "createImage/property/invalid", "--examples", "1")


def beside(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_run_leaves_its_report_alone(tmp_path: Path) -> None:
    folder, caches, installed = tmp_path / "here", tmp_path / "caches", tmp_path / "site-packages"
    folder.mkdir()
    installed.mkdir()  # Hypothesis reads the modules of a checkout, which takes two seconds, but none that is installed
    for name in ("conformance", "openapi.yaml"):
        (installed / name).symlink_to(CONTRACT.parent / name)
    with program() as server:
        made = subprocess.run(  # noqa: S603 - this very interpreter
            [sys.executable, "-m", "conformance", server.url, *RANDOM],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(installed), "XDG_CACHE_HOME": str(caches)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert (made.returncode, beside(folder)) == (0, {"report"}), made.stderr
    names = {"report.json", "report.html", "junit.xml", "badge.svg", "recording.ndjson"}
    assert (beside(folder / "report"), beside(caches)) == (names, {"openai-images-conformance"})


def test_tests_of_the_user_keep_their_own_place() -> None:
    before = storage_directory(intent_to_write=False).path
    examples.like.cache_clear()
    assert examples.like("^x$") == ["x"]
    assert storage_directory(intent_to_write=False).path == before


@pytest.mark.parametrize("given", ["relative", "~nobody-of-that-name/caches"])
def test_a_cache_is_nowhere_but_at_an_absolute_path(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", given)
    assert scratch.folder().is_absolute()
