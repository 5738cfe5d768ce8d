"""All stated rules about requests, from the modules that hold one subject each."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.suite import files, protocol
from conformance.suite.contract import Contract, Operation
from conformance.suite.demand import Demand


def cases(contract: Contract, operation: Operation) -> Iterator[Demand]:
    """Yield every case of every stated rule about the operation's requests."""
    if operation.is_form:
        yield from files.cases(contract, operation)
    yield from protocol.cases(contract, operation)


def demands(contract: Contract, operation: Operation) -> Iterator[Demand]:
    """Yield the first case of each stated rule about requests, which names the rule."""
    seen: dict[str, Demand] = {}
    for case in cases(contract, operation):
        seen.setdefault(case.id, case)
    yield from seen.values()
