"""Which request has which fault: the one that it asks for, or the one that was ordered for those that come.

A count belongs to a text in a header field: its first requests have the fault, the one after them goes well, and the
count begins again. So each call of a client that repeats what failed meets the same, whenever it is made. Calls that
run side by side tell themselves apart by a label.
"""

import threading
from collections import OrderedDict, deque
from typing import Final

import attrs

from conformance.mock.faults.grammar import Fault, FaultError

_TEXTS: Final = 1000
"""How many texts are counted at once; the count that rested longest is forgotten."""


@attrs.define(eq=False)
class Armed:
    """What is to happen: ``standing`` for all operations, and before it what is ordered for the next ones.

    With ``alone`` false there are other workers beside this one, so that nothing can be counted. Safe across threads.
    """

    standing: Fault | None = None
    alone: bool = True
    _ordered: deque[Fault] = attrs.field(factory=deque[Fault])
    _counts: OrderedDict[str, int] = attrs.field(factory=OrderedDict[str, int])
    _left: int | None = None
    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def __attrs_post_init__(self) -> None:
        """Begin to count; raises FaultError if nothing can be counted."""
        if self.standing:
            self._check(self.standing)
            self._left = self.standing.times

    def order(self, fault: Fault) -> None:
        """Let the next operations have a fault, one if it says no number."""
        with self._lock:
            self._ordered.extend([fault] * (fault.times or 1))

    def clear(self) -> None:
        """Forget what is ordered and counted, but for what stands from the start."""
        with self._lock:
            self._ordered.clear()
            self._counts.clear()

    def asked(self, fault: Fault) -> Fault | None:
        """Take a fault that a request asks for, or None if its turn is over; raises FaultError."""
        if fault.times is None:
            return fault
        self._check(fault)
        with self._lock:
            count = self._counts.pop(fault.text, 0)
            if count == fault.times:
                return None
            self._counts[fault.text] = count + 1
            if len(self._counts) > _TEXTS:
                self._counts.popitem(last=False)
            return fault

    def next(self) -> Fault | None:
        """Take the fault of an operation that asks for none."""
        if self.standing is None and not self._ordered:
            return None
        with self._lock:
            if self._ordered:
                return self._ordered.popleft()
            if self._left is None:
                return self.standing
            self._left = max(self._left - 1, -1)
            return self.standing if self._left >= 0 else None

    def _check(self, fault: Fault) -> None:
        if fault.times is not None and not self.alone:
            raise FaultError("several workers can't count together; leave out the number of times, or the workers.")
