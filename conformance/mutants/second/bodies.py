"""Reads request bodies: a JSON object, or a form with aiohttp's multipart reader.

Whatever can't be read is the sender's fault, so every way in which the readers give up ends as a ``RequestError``. A
form is a mapping from names to bytes: which of them are files, and what the others mean, is for the rules to say, and
file names and content types of parts say nothing that the bytes don't say better.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import NoReturn, cast

from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError

from conformance.mutants.second.errors import RequestError, malformed

MOST_BYTES = 16 * 1024 * 1024
"""Bytes of the largest body that is read: two files that are just too large, so that they are refused for that."""
_MOST_PARTS = 50
_UNREADABLE = (
    HttpProcessingError,
    web.RequestPayloadError,
    ValueError,
    LookupError,
    RuntimeError,
    AssertionError,
    Warning,
)
"""What aiohttp's readers raise on hostile bytes; its warnings are raised where warnings are errors."""


async def read_json(request: web.Request) -> Mapping[str, object]:
    """Read a JSON object (RFC 8259)."""
    _expect(request, "application/json")
    try:
        text = (await request.read()).decode("utf-8")
        # Python refuses integers of thousands of digits with ValueError, and what is nested too deeply.
        value: object = json.loads(text, parse_constant=_no_constant)
    except (*_UNREADABLE, RecursionError):
        raise malformed("The body is not a JSON text.") from None
    if not isinstance(value, dict):
        raise malformed("The body is not a JSON object.")
    return cast("Mapping[str, object]", value)


async def read_form(request: web.Request) -> Mapping[str, bytes]:
    """Read a form (RFC 7578); each name may be there once."""
    _expect(request, "multipart/form-data")
    try:
        return await _parts(request)
    except _UNREADABLE:
        raise malformed("The body is not a whole multipart form.") from None


async def _parts(request: web.Request) -> Mapping[str, bytes]:
    form: dict[str, bytes] = {}
    total = 0
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader) or not part.name:
            raise malformed("A part of the form has no name.")
        if part.name in form:
            raise RequestError("This parameter is there more than once.", part.name)
        if len(form) == _MOST_PARTS:
            raise malformed("The form has too many parts.")
        form[part.name] = bytes(await part.read(decode=True))
        total += len(form[part.name])
        if total > MOST_BYTES:
            raise web.HTTPRequestEntityTooLarge(MOST_BYTES)
    if not form:
        raise malformed("The form has no parts.")
    return form


def _expect(request: web.Request, media_type: str) -> None:
    if request.content_type != media_type:
        raise RequestError(f"The body must be {media_type}.", status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    # The status is that of RFC 9110, section 15.5.16; nothing is unpacked, so that nothing can swell.
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise RequestError("The body must not be compressed.", status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
