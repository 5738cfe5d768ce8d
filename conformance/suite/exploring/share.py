"""How many random requests each operation gets."""

from __future__ import annotations

from conformance.suite.contract.document import Contract
from conformance.suite.contract.operation import Operation

_INVALID_PER_VALID = 2


def share(contract: Contract, operation: Operation, examples: int, *, valid: bool) -> int:
    """Return how many images the valid random requests of an operation ask for, or how many invalid ones there are.

    ``examples`` is the number for an operation on average: more optional fields make more combinations.
    """
    optional = {
        one.id: len(one.request.properties.keys() - one.request.required) for one in contract.operations.values()
    }
    part = optional[operation.id] * len(optional) / max(1, sum(optional.values()))
    return max(1, round(part * examples * (1 if valid else _INVALID_PER_VALID)))
