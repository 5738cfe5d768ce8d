"""Correct servers that differ from the reference where the documents leave them free, all in this process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

import attrs
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.mutants.benign.serving import in_process
from conformance.mutants.lies.prompts import limit_of
from conformance.mutants.mutant import KEY, Benign
from conformance.reference import (
    Behaviour,
    JsonValue,
    Operation,
    Order,
    Part,
    RefusedError,
    Submission,
    Values,
    create_app,
)
from conformance.reference.access import check_credentials
from conformance.reference.answers import build_item
from conformance.reference.errors import build_error
from conformance.reference.forms import read_form
from conformance.reference.validation import validate

_JSON = "application/json"


def servers() -> Iterator[Benign]:
    """Yield the servers of this module."""
    yield _behaving("reference", "the reference itself")
    yield attrs.evolve(_behaving("reference-other-model", "the reference, asked for a model of its own"), model="sdxl")
    yield attrs.evolve(_behaving("reference-key", "the reference with a key", api_key=KEY), key=KEY)
    yield attrs.evolve(_behaving("reference-key-unused", "no key is asked for, and one is sent all the same"), key=KEY)
    yield from _echoing()
    yield from _bodies()
    yield from _refusals()
    yield from _choices()


def _echoing() -> Iterator[Benign]:
    """Yield servers whose answers hold, by their nature, what they were called with."""
    routed = _behaving("routing-headers", "a header names the address under which the answers' URLs stand")
    address = "http://reference.test/v1"
    headers = (("x-upstream", address), ("x-team", "images"), ("x-shard", "1024"))
    yield attrs.evolve(routed, headers=headers)
    marked = "the same, and the user calls these headers secret"
    secret = tuple((f"!{name}", value) for name, value in headers)
    yield attrs.evolve(routed, id="routing-headers-marked", words=marked, headers=secret)
    common = _behaving("key-common-word", "the key is a word in the path of every URL", api_key="files")
    yield attrs.evolve(common, key="files")


def benign(name: str, words: str, app: Callable[[], ASGIApp]) -> Benign:
    """Return a correct server that runs in this process."""
    return Benign(name, words, lambda: in_process(app()))


def _behaving(name: str, words: str, **steps: Any) -> Benign:  # noqa: ANN401 - the fields of a behaviour
    return benign(name, words, lambda: create_app(Behaviour(**steps)))


def _responding(name: str, words: str, respond: Callable[[JsonValue], Response]) -> Benign:
    return _behaving(name, words, respond=respond)


def _bodies() -> Iterator[Benign]:
    def written(**options: Any) -> Callable[[JsonValue], Response]:  # noqa: ANN401 - those of json.dumps
        return lambda answer: Response(json.dumps(answer, **options), media_type=_JSON)

    def escaped(answer: JsonValue) -> Response:
        text = json.dumps(answer, ensure_ascii=True).replace("/", "\\/")
        return Response(text.replace("created", "\\u0063reated"), media_type=_JSON)

    def backwards(answer: Any) -> Response:  # noqa: ANN401 - an answer
        items = [dict(reversed(item.items())) for item in answer["data"]]
        return JSONResponse({"data": items, "created": answer["created"]})

    def more(answer: Any) -> Response:  # noqa: ANN401 - an answer
        items = [{**item, "id": 7, "seed": 42, "meta": {"steps": 20}, "finish_reason": None} for item in answer["data"]]
        usage = {"usage": {"total_tokens": 1}, "error": None, "model": None, "background": "opaque"}
        return JSONResponse({**answer, "data": items, **usage})

    def streamed(answer: JsonValue) -> Response:
        text = json.dumps(answer).encode()
        return StreamingResponse((text[i : i + 4096] for i in range(0, len(text), 4096)), media_type=_JSON)

    yield _responding("pretty", "answers are indented", written(indent=4))
    yield _responding("unescaped", "answers are in UTF-8 without escapes", written(ensure_ascii=False))
    yield _responding("escaped", "answers escape what they need not", escaped)
    yield _responding(
        "blanks", "answers have blanks around them", lambda a: Response(f"\r\n {json.dumps(a)}\n\n", media_type=_JSON)
    )
    yield _responding("backwards", "fields are in another order", backwards)
    yield _responding("more-fields", "answers have fields that no document names", more)
    yield _responding(
        "charset",
        "the media type has a charset",
        lambda a: Response(json.dumps(a), media_type="application/json; charset=utf-8"),
    )
    yield _responding(
        "capitals",
        "the media type is in capitals",
        lambda a: Response(json.dumps(a), media_type="Application/JSON;charset=UTF-8"),
    )
    yield _responding("streamed", "answers come in pieces without a length", streamed)
    yield _responding(
        "headers",
        "answers have many header fields",
        lambda a: Response(
            json.dumps(a),
            media_type=_JSON,
            headers={"x-request-id": "1", "set-cookie": "a=b", "openai-version": "2020-10-01", "vary": "*"},
        ),
    )
    yield benign("gzipped", "answers are compressed", lambda: GZipMiddleware(create_app(), minimum_size=1))
    yield _behaving("clock-ahead", "the clock is an hour ahead", clock=_hour_ahead)
    yield _behaving("never-revised", "no prompt is revised", build_item=_plain_item)
    yield _behaving("always-revised", "every prompt is revised", build_item=_revised_item)
    yield _behaving("absent-null", "what an item doesn't have is null", build_item=_with_nulls)


def _hour_ahead() -> float:
    return Behaviour().clock() + 3600


def _plain_item(order: Order, url: Callable[[], str], b64_json: Callable[[], str]) -> JsonValue:
    return build_item(attrs.evolve(order, model=""), url, b64_json)


def _with_nulls(order: Order, url: Callable[[], str], b64_json: Callable[[], str]) -> JsonValue:
    item = cast("dict[str, JsonValue]", build_item(order, url, b64_json))
    return {"url": None, "b64_json": None, "revised_prompt": None, **item}


def _revised_item(order: Order, url: Callable[[], str], b64_json: Callable[[], str]) -> JsonValue:
    return build_item(attrs.evolve(order, model="dall-e-3"), url, b64_json)


def _refusals() -> Iterator[Benign]:
    def refusing(name: str, words: str, refuse: Callable[[RefusedError], Response]) -> Benign:
        return _behaving(name, words, refuse=refuse)

    def at(status: int, refusal: RefusedError) -> Response:
        return JSONResponse(build_error(refusal), status if refusal.param else refusal.status)

    def elsewhere(refusal: RefusedError) -> Response:
        swapped = {404: 405, 405: 404}.get(refusal.status, refusal.status)
        return JSONResponse(build_error(refusal), swapped)

    for status in (403, 404, 406, 409, 413, 415, 422):
        yield refusing(f"refusal-{status}", f"fields are refused with {status}", partial(at, status))
    yield refusing("refusal-405-for-404", "an unknown path gets 405 and a wrong method 404", elsewhere)
    yield refusing("error-detail", "errors are {detail: text}", lambda r: JSONResponse({"detail": r.message}, r.status))
    yield refusing("error-page", "errors are pages", lambda r: HTMLResponse(f"<h1>{r.message}</h1>", r.status))
    yield refusing("error-text", "errors are texts", lambda r: PlainTextResponse(r.message, r.status))
    yield refusing("error-empty", "errors say nothing", lambda r: Response(b"", r.status))
    yield refusing("error-bare", "error is a text", lambda r: JSONResponse({"error": r.message}, r.status))
    yield refusing("error-list", "an error is in a list", lambda r: JSONResponse([build_error(r)], r.status))


def _choices() -> Iterator[Benign]:
    def no_more_fields(operation: Operation, values: Values) -> Values:
        unknown = next((name for name in values if name not in operation.properties), None)
        if unknown is not None:
            raise RefusedError(f"'{unknown}' is not known.", unknown)
        return validate(operation, values)

    def no_empty_text(operation: Operation, values: Values) -> Values:
        if not str(values.get("prompt", "x")).strip() or values.get("user") == "":
            raise RefusedError("An empty text is refused.", "prompt")
        return validate(operation, values)

    def null_model(operation: Operation, values: Values) -> Values:
        return validate(operation, {k: v for k, v in values.items() if k != "model" or v is not None})

    def in_units(operation: Operation, values: Values) -> Values:
        if len(str(values.get("prompt", "")).encode("utf-16-le")) // 2 > limit_of(values):
            raise RefusedError("The prompt is too long.", "prompt")
        return validate(operation, values)

    def limit(number: int) -> Behaviour:
        behaviour = Behaviour()
        return attrs.evolve(behaviour, limits=attrs.evolve(behaviour.limits, file_bytes=number))

    yield _behaving("unknown-fields-refused", "a field that no document names is refused", validate=no_more_fields)
    yield _behaving("image-list-refused", "a part must be called image, not image[]", read_form=_no_alias)
    yield _behaving("empty-text-refused", "an empty text is refused", validate=no_empty_text)
    yield _behaving("prompt-in-utf16", "the prompt is counted in UTF-16 units", validate=in_units)
    yield _behaving("null-model-accepted", "null for model counts as absent", validate=null_model)
    yield benign("4-million-refused", "a file of 4,000,000 bytes is too large", lambda: create_app(limit(4_000_000)))
    yield benign(
        "4.19-million-accepted", "a file under 4 MiB is not too large", lambda: create_app(limit(4 * 1024 * 1024))
    )
    yield _behaving("any-path-401", "without a known path there is 401", refuse=_hidden)
    yield attrs.evolve(
        _behaving("key-403", "a wrong key gets 403", api_key=KEY, check_credentials=_forbidding), key=KEY
    )
    yield benign("busy", "every first request is put off", lambda: _Busy(create_app()))


def _no_alias(operation: Operation, parts: tuple[Part, ...]) -> Submission:
    if any(part.name.endswith("[]") for part in parts):
        raise RefusedError("There is no list of images.", "image")
    return read_form(operation, parts)


def _hidden(refusal: RefusedError) -> Response:
    status = 401 if refusal.code in ("unknown_url", "method_not_allowed") else refusal.status
    return JSONResponse(build_error(refusal), status)


def _forbidding(key: str | None, headers: Any) -> None:  # noqa: ANN401 - Starlette's headers
    try:
        check_credentials(key, headers)
    except RefusedError as refusal:
        raise attrs.evolve(refusal, status=403) from None


class _Busy:
    """Puts off each request the first time that it comes, with 429 and the wish to see it again at once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._seen: set[tuple[str, bytes]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        key = (scope["path"], hashlib.sha256(body).digest())
        if scope["method"] == "POST" and key not in self._seen:
            self._seen.add(key)
            error = {"message": "Busy.", "type": "requests", "param": None, "code": "rate_limit_exceeded"}
            await JSONResponse({"error": error}, 429, headers={"Retry-After": "0"})(scope, receive, send)
        else:
            await self._app(scope, _once(body), send)


def _once(body: bytes) -> Receive:
    """Give an application a body that was read already."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive
