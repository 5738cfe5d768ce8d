"""A contract that lacks a field, a default or an operation makes a server that works without it."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from conformance.reference import Behaviour, create_app, load_contract
from conformance.selftest.reference.server import edit, generate_raw, images, refusal, vary

REQUESTS: Mapping[str, Callable[[ASGIApp], httpx.Response]] = {
    "CreateImageRequest": lambda app: generate_raw({"prompt": "a", "size": "256x256"}, app),
    "CreateImageEditRequest": edit,
    "CreateImageVariationRequest": vary,
}
SCHEMAS = load_contract()["components"]["schemas"]
FIELDS = [(request, field) for request in REQUESTS for field in SCHEMAS[request]["properties"]]
DEFAULTS = [name for name, schema in SCHEMAS.items() if "default" in schema]
OPERATIONS = ["/images/generations", "/images/edits", "/images/variations"]


def server(contract: Any) -> ASGIApp:  # noqa: ANN401 - a contract
    return create_app(Behaviour(contract=contract))


@pytest.mark.parametrize(("request_", "field"), FIELDS)
def test_a_contract_without_a_field(request_: str, field: str) -> None:
    contract: Any = copy.deepcopy(load_contract())
    schema = contract["components"]["schemas"][request_]
    del schema["properties"][field]
    schema["required"] = [name for name in schema["required"] if name != field]
    assert len(images(REQUESTS[request_](server(contract)))) == 1


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_contract_without_any_rule(request_: str) -> None:
    contract: Any = copy.deepcopy(load_contract())
    contract["components"]["schemas"][request_] = {"type": "object"}
    assert len(images(REQUESTS[request_](server(contract)))) == 1


@pytest.mark.parametrize("name", [*DEFAULTS, None])
def test_a_contract_without_a_default(name: str | None) -> None:
    contract: Any = copy.deepcopy(load_contract())
    for without in [name] if name else DEFAULTS:
        del contract["components"]["schemas"][without]["default"]
    app = server(contract)
    for ask in REQUESTS.values():
        assert len(images(ask(app))) == 1


@pytest.mark.parametrize("path", OPERATIONS)
def test_a_contract_with_a_single_operation(path: str) -> None:
    contract = load_contract()
    app = server({**contract, "paths": {path: contract["paths"][path]}})
    for other, ask in zip(OPERATIONS, REQUESTS.values(), strict=True):
        if other == path:
            assert images(ask(app))
        else:
            refusal(ask(app), 404)


def test_a_contract_without_any_operation() -> None:
    app = server({**load_contract(), "paths": {}})
    for ask in REQUESTS.values():
        refusal(ask(app), 404)
