"""Lies about refusals: the status that a refused request gets, and the body that comes with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from conformance.mutants.mutant import OPERATIONS, Lie, behaving
from conformance.reference import RefusedError
from conformance.reference.errors import build_error, build_refusal

_ERROR = ("error/*",)
_REFUSALS = (
    "*/required",
    "*/type*",
    "*/enum*",
    "*/m*",
    "*/not",
    "image/*",
    "mask/*",
    "body/*",
    "path",
    "method",
    "model/default",
)


def lies() -> tuple[Lie, ...]:
    """Return the lies of this module."""
    return (*_statuses(), *_bodies(), *_fields())


def _refusing(refuse: Callable[[RefusedError], Response]) -> Callable[[], Any]:
    return behaving(refuse=refuse)


def _with(change: Callable[[dict[str, Any]], Any]) -> Callable[[], Any]:
    """Return a server whose error objects are changed."""

    def refuse(refusal: RefusedError) -> Response:
        error: Any = build_error(refusal)
        return JSONResponse(change(error["error"]), refusal.status)

    return _refusing(refuse)


def _statuses() -> tuple[Lie, ...]:
    def at(status: int) -> Callable[[], Any]:
        return _refusing(lambda refusal: JSONResponse(build_error(refusal), status))

    return (
        Lie("refusal-500", "bad input makes the server fail", at(500), _REFUSALS),
        Lie("refusal-502", "bad input gets 502", at(502), _REFUSALS),
        Lie("refusal-200", "a refusal has the status 200", at(200), ("*",)),
        Lie("refusal-202", "a refusal has the status 202", at(202), ("*",)),
        Lie(
            "refusal-empty-data",
            "a refusal is an empty list of images",
            _refusing(lambda _: JSONResponse({"created": 0, "data": []})),
            ("*",),
        ),
        Lie("refusal-422", "a refusal has the status 422", at(422), ("error/status",)),
        Lie("refusal-418", "a refusal has the status 418", at(418), ("error/status",)),
        Lie(
            "refusal-redirect",
            "a refusal redirects to a page",
            _refusing(lambda _: RedirectResponse("/help")),
            (*_REFUSALS, "error/*"),
        ),
    )


def _bodies() -> tuple[Lie, ...]:
    def page(refusal: RefusedError) -> Response:
        return HTMLResponse(f"<html><h1>{refusal.status}</h1>{refusal.message}</html>", refusal.status)

    def text(refusal: RefusedError) -> Response:
        return PlainTextResponse(refusal.message, refusal.status)

    def empty(refusal: RefusedError) -> Response:
        return Response(b"", refusal.status)

    return (
        Lie("error-html", "an error is a page", _refusing(page), _ERROR),
        Lie("error-text", "an error is a text", _refusing(text), _ERROR),
        Lie("error-empty", "an error says nothing", _refusing(empty), _ERROR),
        Lie("error-detail", "an error is {detail: text}", _with(lambda e: {"detail": e["message"]}), _ERROR),
        Lie(
            "error-details",
            "an error is {detail: [...]}",
            _with(lambda e: {"detail": [{"loc": ["body"], "msg": e["message"]}]}),
            _ERROR,
        ),
        Lie("error-bare-text", "error is a text", _with(lambda e: {"error": e["message"]}), _ERROR),
        Lie("error-unwrapped", "an error lacks its envelope", _with(lambda e: e), _ERROR),
        Lie("error-null", "error is null", _with(lambda _: {"error": None}), _ERROR),
        Lie("error-list", "an error is in a list", _with(lambda e: [{"error": e}]), _ERROR),
        Lie("error-json-text", "an error is a JSON text", _with(lambda e: e["message"]), _ERROR),
        Lie(
            "error-code-number",
            "code is the status as a number",
            _with(lambda e: {"error": {**e, "code": 400}}),
            _ERROR,
        ),
        Lie(
            "error-no-param", "an error never names the field", _with(lambda e: {"error": {**e, "param": None}}), _ERROR
        ),
        Lie(
            "error-wrong-param",
            "an error always blames the prompt",
            _with(lambda e: {"error": {**e, "param": "prompt"}}),
            _ERROR,
        ),
        Lie(
            "error-message-only",
            "an error has a message alone",
            _with(lambda e: {"error": {"message": e["message"]}}),
            _ERROR,
        ),
    )


def _fields() -> tuple[Lie, ...]:
    names = {
        "createImage": ("prompt", "model", "n", "quality", "response_format", "size", "style", "user"),
        "createImageEdit": ("image", "prompt", "mask", "model", "n", "size", "response_format"),
        "createImageVariation": ("image", "model", "n", "size", "response_format"),
    }

    def refuse_for(field: str, status: int) -> Callable[[], Any]:
        def refuse(refusal: RefusedError) -> Response:
            if refusal.param != field:
                return build_refusal(refusal)
            return JSONResponse(build_error(refusal), status)

        return _refusing(refuse)

    return tuple(
        Lie(
            f"{name}-500",
            f"a wrong {name} makes the server fail",
            refuse_for(name, 500),
            (f"{name}/*", "model/default", "body/*"),
            (operation,),
        )
        for operation in OPERATIONS
        for name in names[operation]
    )
