"""The server as an aiohttp application: routes, the key, and what goes into answers.

Every refusal, whether of a rule or of the framework, passes through one middleware that writes the documented error
object. Reading files and drawing run in threads, so that one large upload doesn't hold up the other requests.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, TypeAlias

import attrs
from aiohttp import web

from conformance.mutants.second import fields
from conformance.mutants.second.bodies import MOST_BYTES, read_form, read_json
from conformance.mutants.second.drawing import draw
from conformance.mutants.second.errors import RequestError, malformed
from conformance.mutants.second.order import Order
from conformance.mutants.second.shelf import Shelf

_Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
_SECONDS = 60
"""How long a client may take to send a request."""


@attrs.frozen
class _State:
    """The key that requests must carry, if any, and the images that have a URL."""

    key: str | None
    shelf: Shelf = attrs.field(factory=Shelf)


def create_app(key: str | None = None) -> web.Application:
    """Make the server; with a key, requests must carry it."""
    state = _State(key)
    app = web.Application(middlewares=[_answering_errors], client_max_size=MOST_BYTES)
    app.router.add_post("/v1/images/generations", partial(_create, state, read_json, fields.generation))
    app.router.add_post("/v1/images/edits", partial(_create, state, read_form, fields.edit))
    app.router.add_post("/v1/images/variations", partial(_create, state, read_form, fields.variation))
    app.router.add_get("/pictures/{id}", partial(_picture, state))
    return app


async def _create(
    state: _State,
    read: Callable[[web.Request], Awaitable[Mapping[str, Any]]],
    understand: Callable[[Mapping[str, Any]], Order],
    request: web.Request,
) -> web.StreamResponse:
    """Serve one operation: read its body, understand it, draw, answer."""
    _check_key(state.key, request)
    try:
        async with asyncio.timeout(_SECONDS):
            body = await read(request)
    except TimeoutError:
        raise RequestError("The request took too long to come.", status=HTTPStatus.REQUEST_TIMEOUT) from None
    order = await asyncio.to_thread(understand, body)
    files = [await asyncio.to_thread(draw, order) for _ in range(order.count)]
    if order.as_url:
        origin = _origin(request)
        data = [{"url": f"{origin}/pictures/{state.shelf.put(file)}"} for file in files]
    else:
        data = [{"b64_json": base64.b64encode(file).decode("ascii")} for file in files]
    return _answer({"data": data, "created": int(time.time())})


async def _picture(state: _State, request: web.Request) -> web.StreamResponse:
    """Serve an image to whoever knows its URL."""
    content = state.shelf.get(request.match_info["id"])
    if content is None:
        raise RequestError("There is no such image, or no more.", status=HTTPStatus.NOT_FOUND)
    return web.Response(body=content, content_type="image/png", headers={"Cache-Control": "max-age=600"})


def _check_key(key: str | None, request: web.Request) -> None:
    """Check the bearer token (RFC 6750, section 2.1; the scheme's case doesn't matter: RFC 9110, section 11.1)."""
    if key is None:
        return
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    known = hmac.compare_digest(token.strip().encode("utf-8", "surrogateescape"), key.encode())
    if scheme.lower() != "bearer" or not known:
        raise RequestError("A valid key is required.", status=HTTPStatus.UNAUTHORIZED, code="invalid_api_key")


def _origin(request: web.Request) -> str:
    """Return scheme, host and port under which the client reached this server."""
    try:
        return str(request.url.origin())
    except ValueError:
        raise malformed("The Host of the request makes no sense.") from None


@web.middleware
async def _answering_errors(request: web.Request, handler: _Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except RequestError as error:
        headers = {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}
        return _error(error, headers)
    except web.HTTPException as error:
        # Those of the framework: no such path, another method, a body that is too large.
        headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        return _error(RequestError(error.reason, status=error.status), headers)


def _error(error: RequestError, headers: Mapping[str, str]) -> web.Response:
    described = {
        "code": error.code,
        "param": error.param,
        "type": "authentication_error" if error.status == HTTPStatus.UNAUTHORIZED else "invalid_request_error",
        "message": error.message,
    }
    return _answer({"error": described}, error.status, headers)


def _answer(value: object, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response(
        value,
        status=status,
        headers={"X-Request-Id": secrets.token_hex(8), **(headers or {})},
        dumps=partial(json.dumps, indent=2),
    )
