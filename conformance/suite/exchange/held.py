"""Holds large bodies in a file without a name, so that the memory of a run doesn't grow with what servers send.

The file is one for all runs of a process, and the system removes it when the process ends, however it does.
"""

from __future__ import annotations

import atexit
import os
import tempfile
import threading
from functools import cache
from typing import IO

from attrs import frozen

from conformance.suite.exchange import bounds

_USING = threading.Lock()


@frozen
class Held:
    """A body in the file: where it begins there, and its length in bytes."""

    _at: int
    _length: int

    def read(self) -> bytes:
        """Return the body."""
        with _USING:
            _file().seek(self._at)
            return _file().read(self._length)


Body = bytes | Held


def hold(body: Body) -> Body:
    """Return a body the way it is held: in the file if it is large and there is room for it, else as it is."""
    if isinstance(body, Held) or len(body) <= bounds.HELD:
        return body
    with _USING:
        at = _file().seek(0, os.SEEK_END)
        try:
            left = memoryview(body)
            while left:
                left = left[_file().write(left) :]
        except OSError:
            return body
    return Held(at, len(body))


def taken(body: Body) -> bytes:
    """Return the bytes of a body, however it is held."""
    return body.read() if isinstance(body, Held) else body


@cache
def _file() -> IO[bytes]:
    file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - it is open as long as the process runs
    atexit.register(file.close)
    return file
