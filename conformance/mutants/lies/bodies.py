"""Lies about the body of a request as such: JSON and forms that are cut off, empty, of another kind, or too deep."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, cast

from conformance.mutants.lies.files import blank
from conformance.mutants.mutant import FORMS, OPERATIONS, Lie, behaving
from conformance.reference import Limits, Operation, Part, RefusedError, Submission, Values
from conformance.reference.bodies import parse_json
from conformance.reference.files import decode_file
from conformance.reference.forms import parse_form, read_form

_CREATE: Final = OPERATIONS[:1]
_BODY: Final = ("body/malformed",)
_ALIVE: Final = ("body/survived",)
_BOTH: Final = (*_BODY, *_ALIVE)
_DEEP: Final = b"[" * 1000


def lies() -> tuple[Lie, ...]:
    """Return the lies of this module."""
    return (*_json(), *_forms(), *_json_behind_a_model(), *_forms_behind_a_model())


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
        Lie("json-broken-500", "a malformed body makes the server fail", reading(crash), _BOTH, _CREATE),
        Lie("json-cut-500", "JSON that is cut off makes the server fail", crash_if(started), _BOTH, _CREATE),
        Lie("json-empty-500", "an empty body makes the server fail", crash_if(lambda body: not body), _BOTH, _CREATE),
        Lie("json-list-500", "a list makes the server fail", crash_if(lambda b: b[:1] == b"["), _BOTH, _CREATE),
        Lie("json-text-500", "a JSON text makes the server fail", crash_if(lambda b: b[:1] == b'"'), _BOTH, _CREATE),
        Lie("json-list-taken", "a list of prompts is taken", reading(listed), _BODY, _CREATE),
        Lie("json-text-taken", "a bare prompt is taken", reading(plain), _BODY, _CREATE),
        Lie("json-deep-500", "deep nesting makes the server fail", crash_if(lambda b: _DEEP in b), _ALIVE, _CREATE),
        Lie(
            "json-long-500",
            "a long number makes the server fail",
            crash_if(lambda b: b"9" * 1000 in b),
            _ALIVE,
            _CREATE,
        ),
        Lie("json-huge-500", "1e999 makes the server fail", crash_if(lambda b: b"1e999" in b), _ALIVE, _CREATE),
        Lie(
            "json-bytes-500",
            "bytes that are not UTF-8 make the server fail",
            crash_if(lambda b: b"\xff" in b),
            _ALIVE,
            _CREATE,
        ),
        Lie(
            "json-surrogate-500",
            "half of a surrogate pair makes the server fail",
            crash_if(lambda b: b'\\ud83e"' in b),
            _ALIVE,
            _CREATE,
        ),
        Lie(
            "media-type-500",
            "another media type makes the server fail",
            behaving(check_media_type=_crash_on_type),
            _ALIVE,
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


def _forms() -> tuple[Lie, ...]:
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
        if _too_long(parts):
            raise ValueError("too many digits")
        return read_form(operation, parts)

    return (
        Lie("form-broken-500", "a malformed form makes the server fail", behaving(parse_form=crash), _BOTH, FORMS),
        Lie(
            "form-boundary-500",
            "a form without a boundary makes the server fail",
            behaving(parse_form=crash_on_boundary),
            _ALIVE,
            FORMS,
        ),
        Lie("form-empty-500", "an empty form makes the server fail", behaving(parse_form=crash_on_empty), _BOTH, FORMS),
        Lie(
            "form-long-500",
            "a long number makes the server fail",
            behaving(read_form=crash_on_digits),
            _ALIVE,
            FORMS,
        ),
        Lie(
            "form-cut-taken",
            "a form that is cut off is completed",
            behaving(parse_form=_lenient, decode_file=_taken),
            _BODY,
            FORMS[1:],
            # The cut is in the file.
            consequences=("image/png",),
        ),
    )


def _json_behind_a_model() -> tuple[Lie, ...]:
    """Return servers whose fault shows only if the body names a model: without one it is refused before."""

    def crash_if(wrong: Callable[[bytes], bool]) -> Callable[[], Any]:
        def read(body: bytes, limits: Limits) -> Values:
            if b'"model"' in body and wrong(body):
                raise ValueError("unexpected body")
            return parse_json(body, limits)

        return behaving(parse_json=read)

    def mended(body: bytes, limits: Limits) -> Values:
        try:
            return parse_json(body, limits)
        except RefusedError:
            if b'"model"' not in body:
                raise
            return {"prompt": "an image", "model": "dall-e-2"}

    deep, cut = "deep nesting behind a model", "JSON that is cut off behind a model"
    return (
        Lie("model-first-cut-taken", f"{cut} is taken", behaving(parse_json=mended), _BODY, _CREATE),
        Lie("model-first-deep-500", f"{deep} makes the server fail", crash_if(lambda b: _DEEP in b), _ALIVE, _CREATE),
        Lie(
            "model-first-bytes-500",
            "bytes beside a model that are not UTF-8 make the server fail",
            crash_if(lambda b: b"\xff" in b),
            _ALIVE,
            _CREATE,
        ),
    )


def _forms_behind_a_model() -> tuple[Lie, ...]:
    """Return servers whose fault shows only if the form names a model: without one it is refused before."""

    def completed(content_type: str, body: bytes, limits: Limits) -> tuple[Part, ...]:
        if b'name="model"' not in body:
            return parse_form(content_type, body, limits)
        return _lenient(content_type, body, limits)

    def crash_on_boundary(content_type: str, body: bytes, limits: Limits) -> tuple[Part, ...]:
        if b'name="model"' in body and "boundary" not in content_type:
            raise KeyError("boundary")
        return parse_form(content_type, body, limits)

    def crash_on_digits(operation: Operation, parts: tuple[Part, ...]) -> Submission:
        if any(part.name == "model" for part in parts) and _too_long(parts):
            raise ValueError("too many digits")
        return read_form(operation, parts)

    return (
        Lie(
            "model-first-form-cut-taken",
            "a form with a model that is cut off is completed",
            behaving(parse_form=completed, decode_file=_taken),
            _BODY,
            FORMS,
            # The cut is in the file.
            consequences=("image/png", "mask/png"),
        ),
        Lie(
            "model-first-boundary-500",
            "a form with a model and without a boundary makes the server fail",
            behaving(parse_form=crash_on_boundary),
            _ALIVE,
            FORMS,
        ),
        Lie(
            "model-first-form-long-500",
            "a long number beside a model makes the server fail",
            behaving(read_form=crash_on_digits),
            _ALIVE,
            FORMS,
        ),
    )


def _lenient(content_type: str, body: bytes, limits: Limits) -> tuple[Part, ...]:
    """Take what there is of a form that ends too early."""
    try:
        return parse_form(content_type, body, limits)
    except RefusedError:
        boundary = content_type.rpartition("boundary=")[2].encode()
        return parse_form(content_type, body + b"\r\n--" + boundary + b"--\r\n", limits)


def _too_long(parts: tuple[Part, ...]) -> bool:
    """Whether a number has more digits than Python reads."""
    return any(not part.is_file and len(part.content) > 4300 and part.content.isdigit() for part in parts)  # noqa: PLR2004 - Python's own limit


def _taken(name: str, content: bytes, limits: Limits) -> Any:  # noqa: ANN401 - a picture, as blank gives it
    try:
        return decode_file(name, content, limits)
    except RefusedError:
        if content[:4] == b"\x89PNG" and len(content) < 100_000:  # noqa: PLR2004 - the suite's plain file, cut off
            return blank(content)
        raise
