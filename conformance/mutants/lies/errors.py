"""Lies about refusals: the status that a refused request gets, and the body that comes with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from conformance.mutants.lies.requests import UNFIT
from conformance.mutants.mutant import Lie, behaving
from conformance.reference import RefusedError
from conformance.reference.errors import build_error, build_refusal

_NO_JSON = ("error/json",)
_UNLIKE = ("error/type",)
_NO_ERROR = ("error/error/required",)
_BARE = ("error/error/type",)
_PARAM = ("error/error/param/names",)
_BOUNDS = ("n/minimum", "n/maximum")


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

    failing, taken = (*_BOUNDS, "body/survived"), (*_BOUNDS, "path", "method")
    return (
        Lie("refusal-500", "bad input makes the server fail", at(500), failing, consequences=UNFIT),
        Lie("refusal-502", "bad input gets 502", at(502), failing, consequences=UNFIT),
        Lie("refusal-200", "a refusal has the status 200", at(200), taken, consequences=UNFIT),
        Lie("refusal-202", "a refusal has the status 202", at(202), taken, consequences=UNFIT),
        Lie(
            "refusal-empty-data",
            "a refusal is an empty list of images",
            _refusing(lambda _: JSONResponse({"created": 0, "data": []})),
            taken,
            consequences=UNFIT,
        ),
        Lie("refusal-422", "a refusal has the status 422", at(422), ("error/status",)),
        Lie("refusal-418", "a refusal has the status 418", at(418), ("error/status",)),
        Lie(
            "refusal-redirect",
            "a refusal redirects to a page",
            _refusing(lambda _: RedirectResponse("/help")),
            (*_BOUNDS, "body/malformed"),
            consequences=UNFIT,
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
        Lie("error-html", "an error is a page", _refusing(page), _NO_JSON),
        Lie("error-text", "an error is a text", _refusing(text), _NO_JSON),
        Lie("error-empty", "an error says nothing", _refusing(empty), _NO_JSON),
        Lie("error-detail", "an error is {detail: text}", _with(lambda e: {"detail": e["message"]}), _NO_ERROR),
        Lie(
            "error-details",
            "an error is {detail: [...]}",
            _with(lambda e: {"detail": [{"loc": ["body"], "msg": e["message"]}]}),
            _NO_ERROR,
        ),
        Lie("error-bare-text", "error is a text", _with(lambda e: {"error": e["message"]}), _BARE),
        Lie("error-unwrapped", "an error lacks its envelope", _with(lambda e: e), _NO_ERROR),
        Lie("error-null", "error is null", _with(lambda _: {"error": None}), _BARE),
        Lie("error-list", "an error is in a list", _with(lambda e: [{"error": e}]), _UNLIKE),
        Lie("error-json-text", "an error is a JSON text", _with(lambda e: e["message"]), _UNLIKE),
        Lie(
            "error-code-number",
            "code is the status as a number",
            _with(lambda e: {"error": {**e, "code": 400}}),
            ("error/error/code/type",),
        ),
        Lie(
            "error-no-param", "an error never names the field", _with(lambda e: {"error": {**e, "param": None}}), _PARAM
        ),
        Lie(
            "error-wrong-param",
            "an error always blames the prompt",
            _with(lambda e: {"error": {**e, "param": "prompt"}}),
            _PARAM,
        ),
        Lie(
            "error-message-only",
            "an error has a message alone",
            _with(lambda e: {"error": {"message": e["message"]}}),
            tuple(f"error/error/{name}/required" for name in ("type", "param", "code")),
        ),
    )


def _fields() -> tuple[Lie, ...]:
    count, form, size = ("type", "minimum", "maximum*"), ("enum",), ("enum*",)
    limits = {
        "createImage": {
            "prompt": ("required", "type", "maxLength*"),
            "model": ("type",),
            "n": count,
            "quality": ("type*", "enum"),
            "response_format": form,
            "size": size,
            "style": ("type*", "enum"),
            "user": ("type",),
        },
        "createImageEdit": {
            "image": ("required", "png", "file-size", "square", "transparency"),
            "prompt": ("required", "maxLength"),
            "mask": ("png", "file-size", "dimensions"),
            "model": ("not",),
            "n": count,
            "size": size,
            "response_format": form,
        },
        "createImageVariation": {
            "image": ("required", "png", "file-size", "square"),
            "model": ("not",),
            "n": count,
            "size": size,
            "response_format": form,
        },
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
            tuple(f"{name}/{keyword}" for keyword in keywords),
            (operation,),
            # A body that no server need read in one way may be refused for this field.
            consequences=(f"{name}/type", "model/default", "body/survived"),
        )
        for operation, fields in limits.items()
        for name, keywords in fields.items()
    )
