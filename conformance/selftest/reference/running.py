"""Runs the reference server as a user does, as a program of its own on a free port of the loopback interface."""

import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager

import attrs

from conformance.reference.program import KEY_VARIABLE

SECONDS = 30
REFERENCE = "conformance.reference"
MOCK = "conformance.mock"


@attrs.frozen
class Program:
    """A running server: its base URL, and the process."""

    url: str
    process: subprocess.Popen[str]


@contextmanager
def program(*arguments: str, key: str | None = None, module: str = REFERENCE) -> Generator[Program]:
    """Start a server, wait for the line that it is ready, and end it."""
    with subprocess.Popen(  # noqa: S603 - this very interpreter, and arguments of the tests
        command(*arguments or ("--port", "0"), module=module),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(key),
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("listening on http://"), line
            yield Program(line.removeprefix("listening on ").rstrip("\n"), process)
        finally:
            process.kill()


def command(*arguments: str, module: str = REFERENCE) -> list[str]:
    """Write the command line of a server."""
    return [sys.executable, "-W", "error", "-m", module, *arguments]


def environment(key: str | None = None) -> Mapping[str, str]:
    """Take this process's environment, with the key that requests must carry or without any."""
    kept = {name: value for name, value in os.environ.items() if name != KEY_VARIABLE}
    return kept if key is None else kept | {KEY_VARIABLE: key}
