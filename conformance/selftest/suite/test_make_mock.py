"""``make mock``: the key goes through the environment, and what that says about other things is left alone."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conformance import CONTRACT

KEY = "IMAGES_REFERENCE_API_KEY"
ODD = "a$b\"c 'd"


@pytest.mark.parametrize(
    ("arguments", "environment", "key", "words"),
    [
        ([], {}, "", ["--port", "8080"]),
        (["HOST=0.0.0.0", "PORT=9", f"KEY={ODD}"], {}, ODD, ["--host", "0.0.0.0", "--port", "9"]),  # noqa: S104 - only a word here
        ([], {KEY: ODD, "HOST": "a", "KEY": "b"}, ODD, ["--port", "8080"]),
        (["KEY=c", "OPTS=--models a"], {KEY: "d"}, "c", ["--port", "8080", "--models", "a"]),
    ],
)
def test_make_hands_over_host_port_and_key(
    arguments: list[str], environment: dict[str, str], key: str, words: list[str], tmp_path: Path
) -> None:
    program = tmp_path / "bin" / "python"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "${KEY}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    own = ("HOST", "KEY", "PORT", "OPTS", KEY, "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS")
    kept = {name: value for name, value in os.environ.items() if name not in own}
    command = [shutil.which("make") or "make", "-f", str(CONTRACT.parent / "Makefile"), "-o", "setup", "mock"]
    made = subprocess.run(  # noqa: S603 - a fixed command
        [*command, f"BIN={program.parent}", *arguments],
        cwd=tmp_path,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    # The program alone prints: make shows no command, and so no key.
    assert made.stdout.splitlines() == [key, "-m", "conformance.mock", *words]
