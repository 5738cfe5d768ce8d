"""Random requests of an operation, made by Schemathesis from the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, cast

import schemathesis
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode

from conformance.suite.contract.document import Contract
from conformance.suite.contract.operation import Operation
from conformance.suite.exchange.upload import Upload

_CONFIG = {
    "seed": 1,
    "generation": {"deterministic": True, "database": "none", "with-security-parameters": False, "allow-x00": False},
}


@lru_cache(maxsize=64)
def requests(
    contract: Contract, operation: Operation, uploads: tuple[Upload, ...], mode: GenerationMode
) -> st.SearchStrategy[dict[str, Any]]:
    """Return the strategy that gives the fields of random requests; a file is the bytes of one of the uploads."""
    schemathesis.openapi.format("binary", st.sampled_from([upload.encode() for upload in uploads]))
    strategy: Callable[..., st.SearchStrategy[Any]] = _operations(contract)[
        operation.method, operation.path
    ].as_strategy
    return (
        strategy(generation_mode=mode)
        .filter(lambda case: operation.media_type is None or case.media_type == operation.media_type)
        .filter(lambda case: all(isinstance(part, Mapping) for part in _parts(case, operation)))
        .map(lambda case: {name: value for part in _parts(case, operation) for name, value in part.items()})
    )


def _parts(case: Any, operation: Operation) -> list[Any]:  # noqa: ANN401 - a case of Schemathesis
    """Return what a case puts into the path, the query and the body; each has to be an object to be a request here."""
    parts: list[Any] = [case.path_parameters or {}, case.query or {}]
    return [*parts, case.body] if operation.media_type is not None else parts


@lru_cache(maxsize=8)
def _operations(contract: Contract) -> Mapping[tuple[str, str], Any]:
    config: Any = cast("Any", SchemathesisConfig).from_dict(_CONFIG)
    schema: Any = cast("Any", schemathesis.openapi).from_dict(dict(contract.document), config=config)
    found = [result.ok() for result in schema.get_all_operations()]
    return {(operation.method.upper(), operation.path): operation for operation in found}
