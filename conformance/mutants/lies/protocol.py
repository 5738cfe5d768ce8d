"""Lies about the way a request is put: its body as such, its method and path, its key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final, cast

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.mutants.lies.files import blank
from conformance.mutants.mutant import FORMS, KEY, OPERATIONS, Lie, Mutant, behaving
from conformance.reference import (
    Behaviour,
    JsonValue,
    Limits,
    Operation,
    Part,
    RefusedError,
    Submission,
    Values,
    create_app,
)
from conformance.reference.access import check_credentials
from conformance.reference.bodies import parse_json
from conformance.reference.errors import build_refusal
from conformance.reference.files import decode_file
from conformance.reference.forms import parse_form, read_form

_CREATE: Final = OPERATIONS[:1]
_EMPTY: Final[dict[str, JsonValue]] = {"created": 1700000000, "data": []}
_BODY: Final = ("body/*",)
_KEY: Final = ("security",)


def lies() -> tuple[Lie, ...]:
    """Return the lies of this module."""
    return (*_routes(), *_json(), *_forms(), *_keys(), *_answers_all())


def _routes() -> tuple[Lie, ...]:
    def welcoming(*codes: str) -> Callable[[], Any]:
        def refuse(refusal: RefusedError) -> Response:
            return JSONResponse(_EMPTY) if refusal.code in codes else build_refusal(refusal)

        return behaving(refuse=refuse)

    return (
        Lie("any-path", "an unknown path gets 200", welcoming("unknown_url"), ("path",)),
        Lie("any-method", "a wrong method gets 200", welcoming("method_not_allowed"), ("method",)),
    )


def _json() -> tuple[Lie, ...]:  # noqa: C901 - small functions beside the lies that they tell
    def reading(read: Callable[[bytes, Limits], Values]) -> Callable[[], Any]:
        return behaving(parse_json=read)

    def fallback(body: bytes, limits: Limits) -> Values:
        try:
            return parse_json(body, limits)
        except RefusedError:
            return {"prompt": "an image"}

    def crash_if(wrong: Callable[[bytes], bool]) -> Callable[[], Any]:
        def read(body: bytes, limits: Limits) -> Values:
            if wrong(body):
                raise ValueError("unexpected body")
            return parse_json(body, limits)

        return reading(read)

    def crash(body: bytes, limits: Limits) -> Values:
        try:
            return parse_json(body, limits)
        except RefusedError as refusal:
            raise ValueError("unexpected body") from refusal

    def listed(body: bytes, limits: Limits) -> Values:
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            value = None
        return {"prompt": str(cast("list[object]", value)[0])} if isinstance(value, list) else parse_json(body, limits)

    def plain(body: bytes, limits: Limits) -> Values:
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            value = None
        return {"prompt": value} if isinstance(value, str) else parse_json(body, limits)

    def started(body: bytes) -> bool:
        return body[:1] == b"{" and body[-1:] != b"}"

    return (
        Lie("json-broken-taken", "a malformed body counts as an empty one", reading(fallback), _BODY, _CREATE),
        Lie("json-broken-500", "a malformed body makes the server fail", reading(crash), _BODY, _CREATE),
        Lie("json-cut-500", "JSON that is cut off makes the server fail", crash_if(started), _BODY, _CREATE),
        Lie("json-empty-500", "an empty body makes the server fail", crash_if(lambda body: not body), _BODY, _CREATE),
        Lie("json-list-500", "a list makes the server fail", crash_if(lambda b: b[:1] == b"["), _BODY, _CREATE),
        Lie("json-text-500", "a JSON text makes the server fail", crash_if(lambda b: b[:1] == b'"'), _BODY, _CREATE),
        Lie("json-list-taken", "a list of prompts is taken", reading(listed), _BODY, _CREATE),
        Lie("json-text-taken", "a bare prompt is taken", reading(plain), _BODY, _CREATE),
        Lie(
            "json-deep-500", "deep nesting makes the server fail", crash_if(lambda b: b"[" * 1000 in b), _BODY, _CREATE
        ),
        Lie(
            "json-long-500", "a long number makes the server fail", crash_if(lambda b: b"9" * 1000 in b), _BODY, _CREATE
        ),
        Lie("json-huge-500", "1e999 makes the server fail", crash_if(lambda b: b"1e999" in b), _BODY, _CREATE),
        Lie(
            "json-bytes-500",
            "bytes that are not UTF-8 make the server fail",
            crash_if(lambda b: b"\xff" in b),
            _BODY,
            _CREATE,
        ),
        Lie(
            "json-surrogate-500",
            "half of a surrogate pair makes the server fail",
            crash_if(lambda b: b'\\ud83e"' in b),
            _BODY,
            _CREATE,
        ),
        Lie(
            "media-type-500",
            "another media type makes the server fail",
            behaving(check_media_type=_crash_on_type),
            _BODY,
        ),
        Lie(
            "media-type-ignored",
            "the media type is not looked at",
            behaving(check_media_type=_unchecked),
            _BODY,
            _CREATE,
        ),
    )


def _unchecked(*_: object) -> None:
    """Check nothing."""


def _crash_on_type(expected: str, content_type: str, _: str) -> None:
    if content_type.partition(";")[0].strip().lower() != expected:
        raise ValueError(content_type)


def _forms() -> tuple[Lie, ...]:  # noqa: C901 - small functions beside the lies that they tell
    def lenient(content_type: str, body: bytes, limits: Limits) -> tuple[Part, ...]:
        """Take what there is of a form that ends too early."""
        try:
            return parse_form(content_type, body, limits)
        except RefusedError:
            boundary = content_type.rpartition("boundary=")[2].encode()
            return parse_form(content_type, body + b"\r\n--" + boundary + b"--\r\n", limits)

    def crash(content_type: str, body: bytes, limits: Limits) -> tuple[Part, ...]:
        try:
            return parse_form(content_type, body, limits)
        except RefusedError as refusal:
            raise ValueError("unexpected form") from refusal

    def crash_on_boundary(content_type: str, body: bytes, limits: Limits) -> tuple[Part, ...]:
        if "boundary" not in content_type:
            raise KeyError("boundary")
        return parse_form(content_type, body, limits)

    def crash_on_empty(content_type: str, body: bytes, limits: Limits) -> tuple[Part, ...]:
        if not body:
            raise ValueError("no body")
        return parse_form(content_type, body, limits)

    def crash_on_digits(operation: Operation, parts: tuple[Part, ...]) -> Submission:
        if any(not part.is_file and len(part.content) > 4300 and part.content.isdigit() for part in parts):  # noqa: PLR2004 - Python's own limit
            raise ValueError("too many digits")
        return read_form(operation, parts)

    return (
        Lie("form-broken-500", "a malformed form makes the server fail", behaving(parse_form=crash), _BODY, FORMS),
        Lie(
            "form-boundary-500",
            "a form without a boundary makes the server fail",
            behaving(parse_form=crash_on_boundary),
            _BODY,
            FORMS,
        ),
        Lie("form-empty-500", "an empty form makes the server fail", behaving(parse_form=crash_on_empty), _BODY, FORMS),
        Lie(
            "form-long-500",
            "a long number makes the server fail",
            behaving(read_form=crash_on_digits),
            ("body/*",),
            FORMS,
        ),
        Lie(
            "form-cut-taken",
            "a form that is cut off is completed",
            behaving(parse_form=lenient, decode_file=_taken),
            ("body/*", "image/png"),
            FORMS[1:],
        ),
    )


def _taken(name: str, content: bytes, limits: Limits) -> Any:  # noqa: ANN401 - a picture, as blank gives it
    try:
        return decode_file(name, content, limits)
    except RefusedError:
        if content[:4] == b"\x89PNG" and len(content) < 100_000:  # noqa: PLR2004 - the suite's plain file, cut off
            return blank(content)
        raise


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
        yield Mutant(f"{operation}/key-not-asked-here", lie, make, (f"{operation}/security",), ("*/security",), key=KEY)


def _answers_all() -> tuple[Lie, ...]:
    def always(make: Callable[[Request], Response]) -> Callable[[], ASGIApp]:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await make(Request(scope, receive))(scope, receive, send)

        return lambda: app

    image = {"created": 1700000000, "data": [{"url": "http://reference.test/image.png"}]}
    everything = ("*",)
    return (
        Lie("always-image", "everything gets 200 and one image", always(lambda _: JSONResponse(image)), everything),
        Lie(
            "always-empty-list", "everything gets 200 and no image", always(lambda _: JSONResponse(_EMPTY)), everything
        ),
        Lie("always-ok", "everything gets 200 and ok", always(lambda _: JSONResponse({"status": "ok"})), everything),
        Lie("always-500", "everything gets 500", always(lambda _: JSONResponse({}, 500)), everything),
        Lie("always-400", "everything gets 400", always(lambda _: JSONResponse({}, 400)), everything),
    )
