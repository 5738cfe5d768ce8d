"""What is wrong with a request, as an exception that knows its status; ``app`` writes it into the error object."""

from __future__ import annotations

from http import HTTPStatus

import attrs


@attrs.frozen
class RequestError(Exception):
    """A request that can't be served: why, the parameter at fault if it is one, the status and a short code."""

    message: str
    param: str | None = None
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    code: str | None = None


def malformed(message: str) -> RequestError:
    """Return the error of a body that can't be read at all."""
    return RequestError(message, status=HTTPStatus.BAD_REQUEST, code="malformed_body")
