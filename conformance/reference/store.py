"""Keeps images in memory: until a time, and no more bytes of them than a budget.

One class serves two purposes. As the store behind the URLs it forgets an image after its 60 minutes; as the cache of
drawn images it never does. Both let go of the oldest first when the budget is spent.
"""

import threading
from collections import OrderedDict

import attrs


@attrs.define(eq=False)
class Shelf:
    """Contents by name. ``budget`` is in bytes; times are in seconds of the caller's clock. Safe across threads."""

    budget: int
    _contents: OrderedDict[str, tuple[float, bytes]] = attrs.field(factory=OrderedDict[str, tuple[float, bytes]])
    _used: int = 0
    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def put(self, name: str, content: bytes, until: float) -> None:
        """Keep a content under a name until a time, at the cost of the oldest where the budget is spent."""
        with self._lock:
            self._drop(name)
            self._contents[name] = (until, content)
            self._used += len(content)
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
        _, content = self._contents.pop(name, (0, b""))
        self._used -= len(content)
