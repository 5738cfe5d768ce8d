"""Reads what fault is asked for, in the same words in a header field, on the command line and in a test.

The grammar is ``NAME[=VALUE], ... [xTIMES] [#LABEL]``.
``429=2 x3`` is a 429 that says to come back after two seconds, three times; ``latency=0.5, 500`` an error that is late.
What follows ``#`` only tells one such text from another.
"""

import math
import re
from typing import Final

import attrs

from conformance.mock.faults.answer import Answer
from conformance.mock.faults.kinds import KINDS, Kind

_TIMES: Final = re.compile(r"(?P<faults>[^#]*?)(?:\s+x(?P<times>[0-9]{1,6}))?\s*(?:#.*)?", re.DOTALL)
_NUMBER: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6})?")
_QUOTED: Final = 40
_LONGEST: Final = 500
"""Characters of a fault, which is kept, counted and told as it was asked for."""


class FaultError(ValueError):
    """A fault that can't be read; its text is a sentence for whoever asked for it."""


@attrs.frozen
class Fault:
    """Faults to apply together, so many ``times``, or always where that is None; ``text`` is how it was asked for."""

    text: str
    steps: tuple[tuple[Kind, float], ...]
    times: int | None

    def apply(self, answer: Answer) -> Answer:
        """Change an answer as asked."""
        for kind, value in self.steps:
            answer = kind.apply(answer, value)
        return answer


def parse(text: str) -> Fault:
    """Read a fault; raises FaultError."""
    text = text.strip()
    if len(text) > _LONGEST:
        raise FaultError(f"a fault has {_LONGEST} characters at most, with its label.")
    match = _TIMES.fullmatch(text)
    if match is None or not match["faults"]:
        raise FaultError(f"no fault is named; there are {', '.join(KINDS)}.")
    times = None if match["times"] is None else int(match["times"])
    if times == 0:
        raise FaultError("a fault can't happen x0 times; leave it out.")
    steps = tuple(_step(part.strip()) for part in match["faults"].split(","))
    return Fault(text, steps, times)


def _step(text: str) -> tuple[Kind, float]:
    name, given, value = text.partition("=")
    kind = KINDS.get(name)
    if kind is None:
        raise FaultError(f"there is no fault {_quoted(name)}; there are {', '.join(KINDS)}.")
    if not given:
        return kind, kind.value or 0.0
    if kind.value is None:
        raise FaultError(f"the fault {name} takes no value.")
    number = float(value) if _NUMBER.fullmatch(value) else math.inf
    whole = kind.unit == "seconds" or number % 1 == 0
    if number > kind.most or not whole:
        raise FaultError(f"the fault {name} takes {kind.unit} from 0 to {kind.most:g}, not {_quoted(value)}.")
    return kind, number


def _quoted(text: str) -> str:
    return repr(text[:_QUOTED] + ("..." if len(text) > _QUOTED else ""))
