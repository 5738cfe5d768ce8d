"""What is installed: versions are told, and where the extra of the servers is lacking, a sentence says so."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

from conformance import CONTRACT, distribution, images_mock
from conformance.__main__ import main

PROJECT = tomllib.loads((CONTRACT.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run in an empty folder, without a URL."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "IMAGES_HEADERS", "IMAGES_MAKE_VARIABLES"):
        monkeypatch.delenv(name, raising=False)


def test_the_extra_brings_what_the_servers_need() -> None:
    assert PROJECT["name"] == distribution.NAME
    always = [line for line in PROJECT["optional-dependencies"]["mock"] if ";" not in line]
    assert {re.split(r"[<>=~]", line)[0].replace("-", "_") for line in always} == set(distribution.NEEDED)


@pytest.mark.parametrize("page", [PROJECT["readme"], "client/README.md"])
def test_the_page_in_a_registry_leads_to_nothing_that_only_a_checkout_has(page: str) -> None:
    text = (CONTRACT.parent / page).read_text(encoding="utf-8")
    assert re.findall(r"""\]\((?!https://)|(?:href|src)="(?!https://)""", text) == []
    assert not re.search(r"\bmake [a-z]+", text)


def test_without_the_extra_the_embedded_server_is_told_to_need_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ("starlette", "uvicorn"):
        monkeypatch.setitem(sys.modules, name, None)
    assert main([]) == 2
    assert capsys.readouterr().err == (
        "images-conformance: without a URL the embedded server is checked, which needs starlette, uvicorn; run pip"
        " install 'openai-images-conformance[mock]', or give a URL.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_the_mock_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(SystemExit) as ended:
        images_mock.main()
    said = "images-mock: the mock needs uvicorn; run pip install 'openai-images-conformance[mock]'.\n"
    assert (ended.value.code, capsys.readouterr().err) == (2, said)


@pytest.mark.parametrize("name", ["images-conformance", "images-mock"])
def test_a_program_tells_its_version(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [name, "--version"])
    with pytest.raises(SystemExit) as ended:
        main() if name == "images-conformance" else images_mock.main()
    assert (ended.value.code, capsys.readouterr().out) == (0, f"{name} {PROJECT['version']}\n")
