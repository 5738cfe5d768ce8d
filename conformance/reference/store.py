"""Keeps contents in memory: until a time, and no more bytes of them than a budget.

One class serves two purposes. As the store behind the URLs of edits and variations it forgets an upload after its 60
minutes; as the cache of drawn images it never does. Both let go of the oldest first when the budget is spent.
"""

import threading
from collections import OrderedDict
from typing import Final, Protocol

import attrs

_ENTRY: Final = 512
"""Bytes that a content takes beside its own, at most: its name, its time, its place. So tiny ones are bounded too."""


class Store(Protocol):
    """Contents by name, each until a time in seconds of the caller's clock. Safe across threads."""

    def put(self, name: str, content: bytes, until: float) -> None:
        """Keep a content under a name until a time, at the cost of the oldest where the budget is spent."""
        ...

    def get(self, name: str, now: float) -> bytes | None:
        """Find a content whose time is not over at ``now``, or None."""
        ...


@attrs.define(eq=False)
class Shelf:
    """A store in this process's memory, which takes no more of it than ``budget`` bytes."""

    budget: int
    _contents: OrderedDict[str, tuple[float, bytes]] = attrs.field(factory=OrderedDict[str, tuple[float, bytes]])
    _used: int = 0
    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def put(self, name: str, content: bytes, until: float) -> None:
        """Keep a content under a name until a time, at the cost of the oldest where the budget is spent."""
        with self._lock:
            self._drop(name)
            self._contents[name] = (until, content)
            self._used += len(content) + _ENTRY
            while self._used > self.budget:
                self._drop(next(iter(self._contents)))

    def get(self, name: str, now: float) -> bytes | None:
        """Find a content whose time is not over at ``now``, or None."""
        with self._lock:
            until, content = self._contents.get(name, (now, b""))
            if now < until:
                return content
            self._drop(name)
            return None

    def _drop(self, name: str) -> None:
        if name in self._contents:
            self._used -= len(self._contents.pop(name)[1]) + _ENTRY
