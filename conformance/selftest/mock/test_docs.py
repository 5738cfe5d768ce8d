"""docs/mock.md: its table is that of the code; its examples and those of docs/package.md run as they are printed."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import CONTRACT
from conformance.mock.__main__ import main
from conformance.mock.faults.kinds import KINDS
from conformance.selftest.reference.running import SECONDS

ROOT = CONTRACT.parent
PAGE = (ROOT / "docs" / "mock.md").read_text(encoding="utf-8")
SHELL = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
PACKAGE = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "package.md").read_text(encoding="utf-8"), re.DOTALL)
IMPORTS_NOTHING = """
import sys

def test_nothing_was_imported_for_the_fixture():
    assert not {"starlette", "uvicorn", "attrs", "PIL", "yaml"} & set(sys.modules)
"""


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""}
    return subprocess.run(  # noqa: S603 - programs of this machine, and the text of the page
        arguments, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )


def test_the_table_of_faults_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| `(.*?)` \| (.*) \|$", PAGE.partition("| fault |")[2].partition("\n\n")[0], re.MULTILINE)
    assert rows == [(kind.example, kind.words) for kind in KINDS.values()]


def test_every_option_is_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    options = set(re.findall(r"--[a-z]+", capsys.readouterr().out.partition("options:")[2])) - {"--help"}
    assert options <= set(re.findall(r"^\| `(--[a-z]+)", PAGE, re.MULTILINE))


def test_the_fixture_works_as_shown(tmp_path: Path) -> None:
    (tmp_path / "test_0.py").write_text(IMPORTS_NOTHING, encoding="utf-8")
    for number, text in enumerate((PYTHON[0], *PACKAGE), start=1):
        (tmp_path / f"test_{number}.py").write_text(text, encoding="utf-8")
    plugin = ("--disable-plugin-autoload", "-p", "conformance.mock.fixture", "-p", "no:cacheprovider")
    done = run(sys.executable, "-W", "error", "-m", "pytest", "-q", "-W", "error", *plugin, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout


def test_it_runs_in_a_program_as_shown(capsys: pytest.CaptureFixture[str]) -> None:
    exec(PYTHON[1], {})  # noqa: S102 - the example
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1\n", capsys.readouterr().out)


def test_the_lines_of_a_shell_work_as_shown(tmp_path: Path) -> None:
    (line,) = (text for text in SHELL if "--retry-connrefused" in text)
    asked = [text for text in SHELL if text.startswith("curl")]
    assert len(asked) == 2
    program = tmp_path / "images-mock"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m conformance.mock "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    script = f'trap "kill %1" EXIT\nPATH="{tmp_path}:$PATH"\n' + "".join((line, *asked)).replace("8080", port)
    done = run("bash", "-m", "-c", script, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert '{"status":"ok"}' in done.stdout
    assert "HTTP/1.1 429 Too Many Requests\n" in done.stdout
    assert '"fields":{"prompt":"an otter"}' in done.stdout
    assert "POST /v1/images/generations 429" in done.stderr
