"""Lies about the way a request is put: its method and path, its key; and servers that never look at one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.mutants.lies.requests import UNFIT
from conformance.mutants.mutant import KEY, Lie, Mutant, behaving
from conformance.reference import (
    Behaviour,
    JsonValue,
    RefusedError,
    create_app,
)
from conformance.reference.access import check_credentials
from conformance.reference.errors import build_refusal

_EMPTY: Final[dict[str, JsonValue]] = {"created": 1700000000, "data": []}
_KEY: Final = ("security",)


def lies() -> tuple[Lie, ...]:
    """Return the lies of this module."""
    return (*_routes(), *_keys(), *_answers_all())


def _routes() -> tuple[Lie, ...]:
    def welcoming(*codes: str) -> Callable[[], Any]:
        def refuse(refusal: RefusedError) -> Response:
            return JSONResponse(_EMPTY) if refusal.code in codes else build_refusal(refusal)

        return behaving(refuse=refuse)

    return (
        Lie("any-path", "an unknown path gets 200", welcoming("unknown_url"), ("path",)),
        Lie("any-method", "a wrong method gets 200", welcoming("method_not_allowed"), ("method",)),
    )


def _unchecked(*_: object) -> None:
    """Check nothing."""


def _like_a_key(key: str | None, headers: Headers) -> None:
    if not headers.get("authorization", "").startswith("Bearer sk-"):
        check_credentials(key, headers)


def _keys() -> tuple[Lie, ...]:
    def keyed(check: Callable[[str | None, Headers], None]) -> Callable[[], Any]:
        return behaving(api_key=KEY, check_credentials=check)

    def present(key: str | None, headers: Headers) -> None:
        if not headers.get("authorization"):
            check_credentials(key, headers)

    def shaped(key: str | None, headers: Headers) -> None:
        if not headers.get("authorization", "").startswith(("Bearer ", "sk-")):
            check_credentials(key, headers)

    def if_present(key: str | None, headers: Headers) -> None:
        if headers.get("authorization"):
            check_credentials(key, headers)

    def crash(key: str | None, headers: Headers) -> None:
        _, token = headers.get("authorization", "Bearer -").split(" ")
        check_credentials(key, Headers({"authorization": f"Bearer {token}"}))

    def crash_without(key: str | None, headers: Headers) -> None:
        headers["authorization"]
        check_credentials(key, headers)

    return (
        Lie("key-not-asked", "no key is asked for", keyed(_unchecked), _KEY, key=KEY),
        Lie("key-any", "any Authorization will do", keyed(present), _KEY, key=KEY),
        Lie("key-any-bearer", "any bearer token will do", keyed(shaped), _KEY, key=KEY),
        Lie("key-any-sk", "any bearer token that begins with sk- will do", keyed(_like_a_key), _KEY, key=KEY),
        Lie("key-optional", "a key is checked only if there is one", keyed(if_present), _KEY, key=KEY),
        Lie("key-malformed-500", "a malformed Authorization makes the server fail", keyed(crash), _KEY, key=KEY),
        Lie("key-missing-500", "a missing Authorization makes the server fail", keyed(crash_without), _KEY, key=KEY),
    )


def key_not_asked_in_one() -> Iterator[Mutant]:
    """Yield a server for each operation that asks for a key everywhere else."""
    paths = {"createImage": "/generations", "createImageEdit": "/edits", "createImageVariation": "/variations"}
    for operation, path in paths.items():

        def make(path: str = path) -> ASGIApp:
            app = create_app(Behaviour(api_key=KEY))

            async def forgetful(scope: Scope, receive: Receive, send: Send) -> None:
                if scope["type"] == "http" and scope["path"].endswith(path):
                    others = [pair for pair in scope["headers"] if pair[0] != b"authorization"]
                    scope = {**scope, "headers": [*others, (b"authorization", f"Bearer {KEY}".encode())]}
                await app(scope, receive, send)

            return forgetful

        lie = "no key is asked for, as it is in the other operations"
        yield Mutant(
            f"{operation}/key-not-asked-here", lie, make, (f"{operation}/security",), only=("*/security",), key=KEY
        )


def _answers_all() -> tuple[Lie, ...]:
    def always(make: Callable[[Request], Response]) -> Callable[[], ASGIApp]:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await make(Request(scope, receive))(scope, receive, send)

        return lambda: app

    image = {"created": 1700000000, "data": [{"url": "http://reference.test/image.png"}]}
    accepted, more = ("accepted",), (*UNFIT, "response/*", "*/default", "response_format/*")
    count, recent = ("response/data/count", "n/default"), ("response/created/recent",)
    empty = ("response/created/required", "response/data/required")
    welcome = ("path", "method")
    return (
        Lie(
            "always-image",
            "everything gets 200 and one image",
            always(lambda _: JSONResponse(image)),
            (*welcome, *recent, *count),
            consequences=more,
        ),
        Lie(
            "always-empty-list",
            "everything gets 200 and no image",
            always(lambda _: JSONResponse(_EMPTY)),
            (*welcome, *recent, *count),
            consequences=more,
        ),
        Lie(
            "always-ok",
            "everything gets 200 and ok",
            always(lambda _: JSONResponse({"status": "ok"})),
            (*welcome, *empty),
            consequences=more,
        ),
        Lie(
            "always-500",
            "everything gets 500",
            always(lambda _: JSONResponse({}, 500)),
            accepted,
            consequences=("model/optional",),
        ),
        Lie("always-400", "everything gets 400", always(lambda _: JSONResponse({}, 400)), accepted),
    )
