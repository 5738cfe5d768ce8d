"""The API reference in the repository is what the contract gives, and it is told if it isn't."""

import shutil
from pathlib import Path

import pytest

from conformance import CONTRACT
from scripts.docs.__main__ import MARKDOWN, PAGES, main

ROOT = CONTRACT.parent


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy the contract and the reference."""
    for folder in (MARKDOWN, PAGES):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(CONTRACT, tmp_path)
    return tmp_path


def test_the_reference_in_the_repository_is_up_to_date() -> None:
    assert main(["--check"]) == 0


def test_what_differs_is_named_and_changed_by_nothing_but_a_run_without_check(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, stale, lost = copy / MARKDOWN / "Image.md", copy / PAGES / "Old.html", copy / PAGES / "index.html"
    page.write_text("edited")
    stale.touch()
    lost.unlink()
    assert main(["--check", "--root", str(copy)]) == 1
    assert capsys.readouterr().err == (
        "docs: the API reference is out of date, run `make docs`: conformance/mock/site/Old.html (not made from"
        " the contract), conformance/mock/site/index.html (missing), docs/api/Image.md (differs)\n"
    )
    assert page.read_text() == "edited"
    assert main(["--root", str(copy)]) == 0
    assert capsys.readouterr().out == "the API reference was made anew\n"
    assert main(["--check", "--root", str(copy)]) == 0
    assert not stale.exists()
    assert (copy / PAGES / "docs.js").exists()


def test_a_contract_that_cannot_be_read_is_told_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--root", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("docs: the contract ")
