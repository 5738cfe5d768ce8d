"""The parts of uvicorn that there may be: two readers of requests and two event loops."""

import importlib.util
import pkgutil
from typing import Any, Literal, TypeAlias

import pytest

Reader: TypeAlias = Literal["h11", "httptools"]
Loop: TypeAlias = Literal["asyncio", "uvloop"]


def gathering(reader: Reader) -> Any:  # noqa: ANN401 - a class that is made while the tests run
    """Return what serves with this reader of requests, as where uvicorn would take it; skips the test without it."""
    pytest.importorskip(reader)
    found = importlib.util.find_spec("conformance.reference.gathering")
    assert found is not None
    assert found.loader is not None
    taken = {
        "h11": "uvicorn.protocols.http.h11_impl.H11Protocol",
        "httptools": "uvicorn.protocols.http.httptools_impl.HttpToolsProtocol",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("uvicorn.protocols.http.auto.AutoHTTPProtocol", pkgutil.resolve_name(taken[reader]))
        module = importlib.util.module_from_spec(found)
        found.loader.exec_module(module)
    return module.GatheringProtocol
