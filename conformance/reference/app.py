"""The server: routes to handlers, and every refusal into one envelope.

``create_app`` only reads its ``Behaviour``; all state that a server has, the uploads behind its URLs, is made with the
app. What takes long, to read a large body or a form and to draw, runs in a thread, so that it doesn't hold up other
requests; what takes less than going to a thread and back is done at once. What was asked for is left in the ASGI scope
under ``ASKED``, for whoever wraps this server and tells of its requests.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import Final, TypeVar, cast

import attrs
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.reference.answers import FILES
from conformance.reference.behaviour import Behaviour
from conformance.reference.bodies import read_body
from conformance.reference.contract import Operation, find_operations
from conformance.reference.errors import RefusedError, encode_json
from conformance.reference.names import read_name
from conformance.reference.pipeline import answer, read_request, redraw
from conformance.reference.store import Store
from conformance.reference.values import Order

BASE: Final = "/v1"
"""The path below which the operations are."""
ASKED: Final = "conformance.asked"
"""Where the ASGI scope of a request holds its ``Submission``, once its body could be read."""
_SHORT_BODY: Final = 64 * 1024
"""Bytes of a JSON body that is read at once."""
_FEW_PIXELS: Final = 256 * 256
"""Pixels that are drawn at once: they take a fraction of a millisecond."""
_THREADS: Final = ThreadPoolExecutor(4, "images")
"""What takes long. More at a time would be no faster, and each may hold an image of the largest size in memory."""

_Result = TypeVar("_Result")


def create_app(behaviour: Behaviour | None = None, *, routes: Sequence[BaseRoute] = ()) -> ASGIApp:
    """Make a server that behaves as told, correctly unless told otherwise; the operations are those of its contract.

    It serves ``routes`` beside them, and refuses what these refuse in its own envelope.
    """
    behaviour = behaviour or Behaviour()
    store = behaviour.make_store(behaviour.limits.store_bytes)
    operations = {
        BASE + operation.path: partial(_create, behaviour, store, operation)
        for operation in find_operations(behaviour.contract)
    }
    files = Route(FILES + "/{name}.png", partial(_serve, behaviour, store))
    app = Starlette(
        routes=[*(Route(path, create, methods=["POST"]) for path, create in operations.items()), files, *routes],
        exception_handlers={
            HTTPException: partial(_refuse_route, behaviour),
            RefusedError: partial(_refuse, behaviour),
            Exception: _fail,
        },
    )
    app.router.redirect_slashes = False
    return _Server(behaviour, operations, app)


@attrs.frozen
class _Server:
    """Hands what asks for an operation straight to it: the library's layers take as long as a small answer does."""

    behaviour: Behaviour
    operations: Mapping[str, Callable[[Request], Awaitable[Response]]]
    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or whatever else the library knows; the errors of an operation are answered as it does."""
        create = self.operations.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if create is None:
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive, send)
        try:
            response = await create(request)
        except RefusedError as refusal:
            response = self.behaviour.refuse(refusal)
        except Exception as fault:
            await (await _fail(request, fault))(scope, receive, send)
            raise
        await response(scope, receive, send)


async def _create(behaviour: Behaviour, store: Store, operation: Operation, request: Request) -> Response:
    """Answer a POST: what the header fields decide is decided before the body is read."""
    origin = behaviour.read_origin(request)
    if operation.needs_key:
        behaviour.check_credentials(behaviour.api_key, request.headers)
    content_type = request.headers.get("content-type", "")
    behaviour.check_media_type(operation.media_type, content_type, request.headers.get("content-encoding", ""))
    try:
        body = await read_body(request, operation.widen(behaviour.limits))
    except ClientDisconnect:
        message = "The request body is cut off."
        raise RefusedError(message) from None
    tell = partial(request.scope.__setitem__, ASKED)
    read = partial(read_request, behaviour, operation, content_type, body, tell)
    give = partial(answer, behaviour, store, origin)
    is_long = len(body) > _SHORT_BODY or operation.takes_form
    if is_long:
        return await _in_thread(lambda: give(read()))
    asked = read()
    return await _in_thread(partial(give, asked)) if _draws_much(asked.order) else give(asked)


async def _in_thread(work: Callable[[], _Result]) -> _Result:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)


def _draws_much(order: Order) -> bool:
    width, height = order.size
    return order.response_format == "b64_json" and width * height * order.count > _FEW_PIXELS


async def _serve(behaviour: Behaviour, store: Store, request: Request) -> Response:
    """Answer a GET or HEAD of an image: it is drawn now."""
    name = read_name(str(request.path_params["name"]), behaviour.clock(), behaviour.limits)
    content = await _in_thread(partial(redraw, behaviour, store, name)) if name else None
    if content is None:
        message = "There is no such image, or its URL is no longer valid."
        raise RefusedError(message, status=HTTPStatus.NOT_FOUND)
    return behaviour.serve_image(request, content)


async def _refuse(behaviour: Behaviour, _: Request, exception: Exception) -> Response:
    return behaviour.refuse(cast("RefusedError", exception))


async def _refuse_route(behaviour: Behaviour, request: Request, exception: Exception) -> Response:
    """Refuse what no route takes: an unknown path with 404, an unknown method of a known one with 405."""
    status = cast("HTTPException", exception).status_code
    code, message = {
        HTTPStatus.NOT_FOUND: ("unknown_url", f"There is nothing at {request.method} {request.scope['path']}."),
        HTTPStatus.METHOD_NOT_ALLOWED: ("method_not_allowed", f"{request.method} is not possible here."),
    }.get(HTTPStatus(status), (None, HTTPStatus(status).phrase))
    headers = cast("HTTPException", exception).headers or {}
    return behaviour.refuse(RefusedError(message, status=status, code=code, headers=headers))


async def _fail(_: Request, __: Exception) -> Response:
    """Answer with 500 when this server is at fault; the error itself is logged, not shown."""
    content = encode_json(
        {"error": {"message": "This server failed.", "type": "server_error", "param": None, "code": None}}
    )
    return Response(content, HTTPStatus.INTERNAL_SERVER_ERROR, media_type="application/json")
