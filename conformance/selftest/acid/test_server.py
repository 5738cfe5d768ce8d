"""The greenhouse's server keeps its contract, and each of its faults breaks it in one place."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import httpx
import jsonschema_rs
import pytest
import yaml
from starlette.types import ASGIApp

from conformance.selftest.acid.samples import LISTINGS, UNREADABLE, VALUES
from conformance.selftest.acid.server import FAULTS, create_app

Json: TypeAlias = dict[str, Any]

SCHEMAS: Final[Json] = yaml.safe_load((Path(__file__).parent / "openapi.yaml").read_text())["components"]
LEAST: Final[Json] = {"crop": "Sweet basil"}
PLACED: Final[Json] = {**LEAST, "bed": "C07"}
KEY: Final = "greenhouse-key"
CORRECT: Final = create_app()


def valid(schema: str, value: object) -> bool:
    """Whether the contract's schema of this name lets a value through."""
    document = {"$ref": f"#/components/schemas/{schema}", "components": SCHEMAS}
    return jsonschema_rs.Draft202012Validator(document, validate_formats=True).is_valid(value)


def send(app: ASGIApp, method: str, path: str, **request: Any) -> httpx.Response:  # noqa: ANN401 - httpx decides what a request may have
    """Send one request; an error inside the server fails the test instead of becoming a 500."""

    async def exchange() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            return await client.request(method, "http://greenhouse.test/v1" + path, **request)

    return asyncio.run(exchange())


def sow(body: object, app: ASGIApp = CORRECT, key: str | None = None) -> httpx.Response:
    """Order a sowing with this body: bytes as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} | ({} if key is None else {"Authorization": f"Bearer {key}"})
    return send(app, "POST", "/sowings", content=content, headers=headers)


def plots(query: Mapping[str, str], app: ASGIApp = CORRECT) -> httpx.Response:
    return send(app, "GET", "/plots", params=query)


def accepted(answer: httpx.Response, schema: str = "Sowing") -> Json:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert valid(schema, answer.json())
    return answer.json()


def refused(answer: httpx.Response, status: int = 400) -> str | None:
    """Name the field that a refusal in the contract's envelope blames."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert valid("Refusal", answer.json())
    return cast("str | None", answer.json()["fault"]["field"])


@pytest.mark.parametrize("name", VALUES)
def test_a_field_is_judged_as_the_contract_says(name: str) -> None:
    for value in VALUES[name]:
        order = {**LEAST, name: value}
        if valid("SowingOrder", order):
            accepted(sow(order))
        else:
            assert refused(sow(order)) == name


def test_a_dry_climate_allows_less() -> None:
    for rows, soil in itertools.product((None, 1, 6, 7, 12), ("loam", "sand", "peat", None)):
        order = {**LEAST, "climate": "arid", "soil": soil} | ({} if rows is None else {"rows": rows})
        assert sow(order).is_success is valid("SowingOrder", order) is ((rows or 1) <= 6 and soil != "peat")


def test_a_full_order_is_taken_and_answered_the_same_each_time() -> None:
    order = {name: values[0] for name, values in VALUES.items()}
    answer = accepted(sow(order))
    assert answer == accepted(sow(order))
    assert len(answer["plots"]) == order["rows"]


def test_a_sowing_needs_a_crop() -> None:
    assert refused(sow({})) == "crop"


@pytest.mark.parametrize(("query", "good"), LISTINGS)
def test_a_query_is_judged_as_the_contract_says(query: dict[str, str], good: bool) -> None:  # noqa: FBT001 - a column of the table
    if good:
        assert len(accepted(plots(query), "PlotPage")["plots"]) == int(query.get("limit", "10"))
    else:
        assert refused(plots(query)) == ("state" if query.get("state") != "sown" else "limit")


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_that_can_not_be_read_is_refused(body: bytes) -> None:
    refused(sow(body))


def test_other_media_types_are_refused() -> None:
    for headers in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "multipart/form-data"}):
        refused(send(CORRECT, "POST", "/sowings", content=b'{"crop": "Basil"}', headers=headers), 415)


def test_unknown_routes_are_refused_in_the_envelope() -> None:
    refused(send(CORRECT, "POST", "/sowings/no-such-path"), 404)
    refused(send(CORRECT, "GET", "/plots/"), 404)
    refused(send(CORRECT, "PUT", "/sowings"), 405)
    refused(send(CORRECT, "POST", "/plots"), 405)


def test_a_key_is_asked_for_where_there_is_one() -> None:
    app = create_app(key=KEY)
    accepted(sow(LEAST, app, KEY))
    accepted(plots({"state": "sown"}, app), "PlotPage")
    for key in (None, "", "wrong", KEY + "x"):
        refused(sow(LEAST, app, key), 401)
    refused(send(app, "POST", "/sowings", json=LEAST, headers={"Authorization": KEY}), 401)


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="no such fault: idle"):
        create_app(frozenset({"idle", "limit-51"}))


SHOWN: Final[Mapping[str, Callable[[ASGIApp], bool]]] = {
    "climate-any-case": lambda app: sow({**PLACED, "climate": "TROPICAL"}, app).is_success,
    "soil-not-null": lambda app: sow({**PLACED, "soil": None}, app).is_client_error,
    "gardener-anonymous": lambda app: sow({**PLACED, "gardener": {"years": 3}}, app).is_success,
    "arid-crowded": lambda app: sow({**PLACED, "climate": "arid", "rows": 7}, app).is_success,
    "labels-repeated": lambda app: sow({**PLACED, "labels": ["a", "a"]}, app).is_success,
    "bed-demanded": lambda app: sow(LEAST, app).is_client_error,
    "limit-51": lambda app: plots({"state": "sown", "limit": "51"}, app).is_success,
    "any-key": lambda app: sow(PLACED, app, "wrong").is_success,
    "body-guessed": lambda app: sow(b"", app).is_success,
    "plot-undated": lambda app: "due" not in sow(PLACED, app).json()["plots"][0],
}


def test_each_fault_shows_where_it_says_and_nowhere_else() -> None:
    assert SHOWN.keys() == FAULTS.keys()
    for fault, (name, shows) in itertools.product([None, *FAULTS], SHOWN.items()):
        app = create_app(frozenset({fault} if fault else ()), KEY if name == "any-key" else None)
        assert shows(app) is (fault == name), (fault, name)


def differing(fault: str) -> set[str]:
    """Name the fields, conditions and queries at which a server with this fault differs from the correct one."""
    app, found = create_app(frozenset({fault})), set[str]()
    orders = [(name, {**PLACED, name: value}) for name, values in VALUES.items() for value in values]
    orders += [
        ("arid", {**PLACED, "climate": "arid", name: value}) for name in ("rows", "soil") for value in VALUES[name]
    ]
    orders += [("bed", LEAST), ("crop", {"bed": "C07"})]
    found |= {name for name, order in orders if sow(order).content != sow(order, app).content}
    found |= {"query" for query, _ in LISTINGS if plots(query).content != plots(query, app).content}
    return found | {"body" for body in UNREADABLE.values() if sow(body).content != sow(body, app).content}


@pytest.mark.parametrize(
    ("fault", "places"),
    [
        ("climate-any-case", {"climate"}),
        ("soil-not-null", {"soil", "arid"}),
        ("gardener-anonymous", {"gardener"}),
        ("arid-crowded", {"arid"}),
        ("labels-repeated", {"labels"}),
        ("bed-demanded", {"bed"}),
        ("limit-51", {"query"}),
        ("any-key", set[str]()),
        ("body-guessed", {"body"}),
    ],
)
def test_a_fault_is_about_one_place(fault: str, places: set[str]) -> None:
    assert differing(fault) == places


def test_each_fault_has_words_and_a_rule_of_an_operation() -> None:
    for lie, rules in FAULTS.values():
        assert lie.endswith(".")
        assert rules
        assert all(fnmatchcase(rule, "sowBed/*") or fnmatchcase(rule, "listPlots/*") for rule in rules)
