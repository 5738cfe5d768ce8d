"""How a request is refused.

Every step of the server that finds a request wrong raises ``RefusedError``, which says whose fault it is: a status of
the 4xx class, a sentence for a person, and the name of the field where one field is at fault. ``build_refusal`` is the
only place that turns one into an answer, so the shape of every error of this server is decided here.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import attrs
from starlette.responses import Response

from conformance.reference.values import JsonValue

_ENCODER: Final = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))
NO_HEADERS: Final[Mapping[str, str]] = {}


@attrs.frozen
class RefusedError(Exception):
    """A request that the server refuses.

    ``status`` is an HTTP status of the 4xx class (RFC 9110, section 15.5), ``param`` the field at fault or None,
    ``code`` a short word for programs or None, ``headers`` what the answer carries beside its content type.
    """

    message: str
    param: str | None = None
    status: int = HTTPStatus.BAD_REQUEST
    code: str | None = None
    headers: Mapping[str, str] = NO_HEADERS


def encode_json(value: JsonValue) -> bytes:
    """Write a JSON text in pure ASCII, so that no character of a request that is echoed can break the answer."""
    return _ENCODER.encode(value).encode("ascii")


def build_error(refusal: RefusedError) -> JsonValue:
    """Build the content of an error answer: the contract's ``#/components/schemas/ErrorResponse``."""
    return {
        "error": {
            "message": refusal.message,
            "type": "invalid_request_error",
            "param": refusal.param,
            "code": refusal.code,
        }
    }


def build_refusal(refusal: RefusedError) -> Response:
    """Answer with the refusal's status and the error envelope, as ``application/json``."""
    return Response(
        encode_json(build_error(refusal)), refusal.status, headers=dict(refusal.headers), media_type="application/json"
    )
