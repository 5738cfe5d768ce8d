"""Lets a user end a run: the first SIGINT or SIGTERM ends the sending, the second one the program, at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from conformance.suite.sending.ending import Ending

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_CURSOR = "\x1b[?25h"
"""Shows the cursor, which a progress bar hides."""


@contextmanager
def watched(ending: Ending, started: Sequence[subprocess.Popen[str]] = ()) -> Generator[None]:
    """End the run on a signal; outside of the sending a signal raises KeyboardInterrupt.

    ``started`` are the processes that the program started by then; they end with it. Only the main thread is told of
    signals, so in any other one this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(*_: object) -> None:
        if ending.interrupted:
            _leave(started)
        if not ending.running:
            raise KeyboardInterrupt
        ending.interrupt()

    before = {number: signal.signal(number, handle) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(started: Sequence[subprocess.Popen[str]]) -> NoReturn:
    """Leave at once: neither a thread nor a server is waited for. Each line of the recording is on disk already."""
    for process in started:
        process.terminate()
    said = "images-conformance: left at once; what was exchanged so far is in the recording.\n"
    os.write(2, ((_CURSOR if sys.stderr.isatty() else "") + said).encode())
    os._exit(2)
