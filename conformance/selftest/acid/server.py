"""A correct server of the greenhouse's contract, which can be told to have faults.

What a request's header fields decide is decided before its body is read; then the body is read into fields, the fields
are checked by hand (``checks``), and the answer is made of them alone, so that the same request gets the same answer.
Every refusal leaves in the contract's envelope. ``faults`` says which lies there are and how they are told.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Final, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conformance.selftest.acid.checks import (
    CLIMATES,
    DEFAULT_PLOTS,
    DEFAULT_ROWS,
    ROWS,
    Fields,
    Json,
    RefusedError,
    check_listing,
    check_sowing,
    digits,
    whole,
)
from conformance.selftest.acid.faults import ANY_KEY, BODY_GUESSED, FAULTS, PLOT_UNDATED, Fault, bend

__all__ = ["FAULTS", "Fault", "create_app"]

_BASE: Final = "/v1"
_FORGIVEN: Final = "Basil"
_DUE: Final = "2031-04-15"
_PLOTS_IN_ALL: Final = 60
_DOUBLE_DIGITS: Final = 308
"""No double has more digits before its point."""


def create_app(faults: frozenset[str] = frozenset(), key: str | None = None) -> Starlette:
    """Make a server with the named ``faults`` of ``FAULTS``, by default a correct one.

    It stands under ``/v1``. With a ``key`` it takes a sowing only from those who send it as a bearer token; without
    one everyone may sow. Raises ValueError for a fault that it doesn't know.
    """
    unknown = faults - FAULTS.keys()
    if unknown:
        raise ValueError(f"no such fault: {', '.join(sorted(unknown))}")
    app = Starlette(
        routes=[
            Route(f"{_BASE}/sowings", partial(_sow, faults, key), methods=["POST"]),
            Route(f"{_BASE}/plots", partial(_list, faults), methods=["GET"]),
        ],
        exception_handlers={HTTPException: _refuse_route, RefusedError: _refuse},
    )
    app.router.redirect_slashes = False
    return app


async def _sow(faults: frozenset[str], key: str | None, request: Request) -> Response:
    authorization = request.headers.get("authorization", "")
    if ANY_KEY not in faults or not authorization.startswith("Bearer "):
        _check_key(key, authorization)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise RefusedError(
            "The body must be application/json.", None, "wrong_media_type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        )
    try:
        value = _read(await request.body())
    except (ValueError, RecursionError):
        if BODY_GUESSED not in faults:
            raise RefusedError("The body is not JSON that can be read.", None, "wrong_body") from None
        value = {"crop": _FORGIVEN}
    if not isinstance(value, dict):
        raise RefusedError("The body must be a JSON object.", None, "wrong_body")
    fields = bend(value, faults)
    check_sowing(fields)
    return JSONResponse(_sowing(fields, dated=PLOT_UNDATED not in faults))


async def _list(faults: frozenset[str], request: Request) -> Response:
    query = bend(dict(request.query_params), faults)
    check_listing(query)
    limit = digits(query.get("limit")) or DEFAULT_PLOTS
    plots = [_plot(number, query["state"], _DUE) for number in range(limit)]
    return JSONResponse({"plots": plots, "more": limit < _PLOTS_IN_ALL})


def _check_key(key: str | None, authorization: str) -> None:
    """Compare in a time that doesn't depend on how much of a key is right."""
    scheme, _, token = authorization.partition(" ")
    given = token.strip().encode("latin-1", "replace")
    if key is not None and not (scheme.lower() == "bearer" and hmac.compare_digest(given, key.encode())):
        raise RefusedError("The key is missing or wrong.", None, "wrong_key", HTTPStatus.UNAUTHORIZED)


def _read(body: bytes) -> Json:
    """Read a JSON text; raises ValueError or RecursionError where it can't be held as text and finite numbers."""
    value = cast("Json", json.loads(body.decode(), parse_int=_number))
    # What Python's reader lets through but no one can write again: NaN, infinite numbers, halves of surrogate pairs.
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return value


def _number(text: str) -> int | float:
    """Read an integer; one beyond the range of a double becomes infinite."""
    return int(text) if len(text) <= _DOUBLE_DIGITS else float(text)


def _sowing(fields: Fields, *, dated: bool) -> Json:
    rows = whole(fields.get("rows")) or DEFAULT_ROWS
    due = fields.get("sow_on", _DUE) if dated else None
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
    return {
        "id": f"sow-{digest[:8]}",
        "crop": fields["crop"],
        "climate": fields.get("climate", CLIMATES[0]),
        "seeds": 25 * rows,
        "moisture": 0.5,
        "mulched": fields.get("mulched", False),
        "remark": None,
        "plots": [_plot(number, "planned", due) for number in range(rows)],
    }


def _plot(number: int, state: Json, due: Json) -> Json:
    plot: dict[str, Json] = {"row": number % ROWS + 1, "state": state, "sensor": f"s-{number:04}"}
    return plot if due is None else {**plot, "due": due}


async def _refuse(_: Request, exception: Exception) -> Response:
    refusal = cast("RefusedError", exception)
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == HTTPStatus.UNAUTHORIZED else {}
    return _refusal(refusal, headers)


async def _refuse_route(_: Request, exception: Exception) -> Response:
    """Refuse what no route takes: an unknown path with 404, an unknown method of a known one with 405."""
    status = HTTPStatus(cast("HTTPException", exception).status_code)
    headers = cast("HTTPException", exception).headers or {}
    return _refusal(RefusedError(f"{status.phrase}.", None, "wrong_route", status), headers)


def _refusal(refusal: RefusedError, headers: Mapping[str, str]) -> Response:
    content = {"fault": {"code": refusal.code, "text": refusal.text, "field": refusal.field}}
    return JSONResponse(content, refusal.status, headers)
