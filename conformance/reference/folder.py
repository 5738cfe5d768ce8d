"""Keeps contents in a folder, so that all processes of one machine that serve together find them.

Each content is one file, whose time of change says until when it is kept. Of N processes each tidies up after having
added 1/2N of the budget, and leaves half of the budget: so together they never keep more than that.
"""

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

import attrs

_BLOCK: Final = 4096
"""Bytes that a file takes beside its content, at most."""
_UNFINISHED: Final = "."


@attrs.define(eq=False)
class Folder:
    """A store in a folder at ``path`` that ``sharers`` processes use, each with an object of its own."""

    budget: int
    path: Path
    sharers: int
    _added: int = 0
    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def put(self, name: str, content: bytes, until: float) -> None:
        """Keep a content under a name until a time, at the cost of the oldest where the budget is spent."""
        path = self.path / name
        with self._lock:
            # The name stands for the content, so what is there already need not be written again.
            with suppress(FileNotFoundError):
                os.utime(path, (until, until))
                return
            self._added += len(content) + _BLOCK
            if self._added * 2 * self.sharers > self.budget:
                self._tidy()
                self._added = len(content) + _BLOCK
            # Nobody reads half a file: it gets its name when it is whole.
            unfinished = self.path / f"{_UNFINISHED}{os.getpid()}"
            unfinished.write_bytes(content)
            os.utime(unfinished, (until, until))
            unfinished.replace(path)

    def get(self, name: str, now: float) -> bytes | None:
        """Find a content whose time is not over at ``now``, or None."""
        path = self.path / name
        try:
            return path.read_bytes() if now < path.stat().st_mtime else None
        except FileNotFoundError:
            return None

    def _tidy(self) -> None:
        """Remove the files whose time is over first until the rest takes no more than half of the budget."""
        files: list[tuple[float, int, str]] = []
        with os.scandir(self.path) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    if not entry.name.startswith(_UNFINISHED):
                        files.append((entry.stat().st_mtime, entry.stat().st_size + _BLOCK, entry.path))
        room = self.budget // 2
        for _, size, path in sorted(files, reverse=True):
            room -= size
            if room < 0:
                Path(path).unlink(missing_ok=True)
