"""Reads the body of a request under limits, and a JSON body into its fields.

A JSON body is a UTF-8 text without a byte order mark (RFC 8259, section 8.1) that holds one object. Numbers beyond
the range of a double become infinite, which no rule of a contract admits, instead of costing time or breaking Python's
limit on the digits of an integer. Of two equal names the last one counts, as most readers do.
"""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final, NoReturn, cast

from starlette.requests import Request

from conformance.reference.errors import RefusedError
from conformance.reference.values import JsonValue, Limits

_INTEGER_DIGITS: Final = 308
"""No double has more digits before its point."""


async def read_body(request: Request, limits: Limits) -> bytes:
    """Read the whole body, refused with 413 as soon as it is known to be longer than ``limits.body_bytes``.

    The declared length is believed where it is too long; where it is missing, as in a chunked body, the bytes are
    counted as they come.
    """
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and _integer(declared) > limits.body_bytes:
        raise _too_large(limits)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limits.body_bytes:
            raise _too_large(limits)
    return bytes(body)


def check_media_type(expected: str, content_type: str, content_encoding: str) -> None:
    """Refuse with 415 a body that is not of the ``expected`` media type, not in UTF-8, or compressed."""
    media_type, _, parameters = content_type.partition(";")
    if media_type.strip().lower() != expected:
        message = f"The Content-Type must be {expected}."
        raise RefusedError(message, status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in {"utf-8", "utf8"}:
            message = "The charset of the request body must be UTF-8."
            raise RefusedError(message, status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if content_encoding.strip().lower() not in {"", "identity"}:
        message = "A compressed request body is not supported."
        raise RefusedError(message, status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def parse_json(body: bytes, limits: Limits) -> dict[str, JsonValue]:
    """Read a JSON object (RFC 8259), refused with 400 where it is malformed, too deep, or not an object."""
    try:
        text = body.decode("utf-8")
        value = parse_json_text(text)
        deep = text.count("[") + text.count("{") > limits.depth and is_deeper_than(value, limits.depth)
    except RecursionError:
        deep, value, text = True, None, ""
    except ValueError:
        message = "The request body is not valid JSON in UTF-8."
        raise RefusedError(message) from None
    if deep:
        message = f"The request body has more than {limits.depth} arrays and objects inside each other."
        raise RefusedError(message)
    if not isinstance(value, dict):
        message = "The request body must be a JSON object."
        raise RefusedError(message)
    # Only an escape can stand for half of a pair, because UTF-8 has none (RFC 3629, section 3).
    for name, held in value.items() if "\\u" in text else ():
        if isinstance(held, str) and not _is_text(held):
            message = f"'{name}' holds half of a surrogate pair, which is not a character."
            raise RefusedError(message, name)
    return value


def parse_json_text(text: str) -> JsonValue:
    """Read any JSON text; raises ValueError, and RecursionError on a text that is too deep for Python."""
    # The module's own function refuses this mark too, with the same error.
    if text.startswith("\ufeff"):
        raise ValueError(text[:1])
    return cast("JsonValue", _DECODER.decode(text))


def _integer(digits: str) -> int | float:
    """Read an integer; one beyond the range of a double becomes infinite with its sign."""
    return int(digits) if len(digits) <= _INTEGER_DIGITS else float(digits)


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python's reader knows and JSON doesn't."""
    raise ValueError(name)


_DECODER: Final = json.JSONDecoder(parse_int=_integer, parse_constant=_refuse_constant)


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def is_deeper_than(value: JsonValue, limit: int) -> bool:
    """Whether more arrays and objects lie inside each other; level by level, so that no depth exhausts the stack."""
    level = _containers([value])
    for _ in range(limit):
        level = [inner for node in level for inner in _containers(node if isinstance(node, list) else node.values())]
        if not level:
            return False
    return True


def _containers(nodes: Iterable[JsonValue]) -> list[list[JsonValue] | dict[str, JsonValue]]:
    return [node for node in nodes if isinstance(node, list | dict)]


def _too_large(limits: Limits) -> RefusedError:
    message = f"The request body is larger than {limits.body_bytes} bytes."
    return RefusedError(message, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
