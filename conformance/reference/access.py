"""Who may ask, and under which address this server was asked: the two things read from a request's header fields."""

import hmac
import re
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request

from conformance.reference.errors import RefusedError

_HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~-]+)(?::([0-9]{1,5}))?")
_PORTS: Final = 65535


def check_credentials(api_key: str | None, headers: Headers) -> None:
    """Refuse with 401 a request without ``Authorization: Bearer <api_key>`` (RFC 6750, section 2.1).

    Without an ``api_key`` everyone may ask. The comparison takes the same time however much of a key is right.
    """
    if api_key is None:
        return
    scheme, _, token = headers.get("authorization", "").partition(" ")
    given = token.strip(" ").encode("latin-1", "replace")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given, api_key.encode("utf-8")):
        message = "A valid API key is needed, sent as a bearer token in the Authorization header."
        raise RefusedError(
            message, status=HTTPStatus.UNAUTHORIZED, code="invalid_api_key", headers={"WWW-Authenticate": "Bearer"}
        )


def read_origin(request: Request) -> str:
    """Read the address that the client used, such as ``http://127.0.0.1:8080``, to build absolute URLs from.

    Refused with 400: a missing or repeated Host, or one that is no host and port (RFC 9112, section 3.2).
    """
    hosts = request.headers.getlist("host")
    match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    if match is None or int(match[1] or 0) > _PORTS:
        message = "The Host header is not a valid host with an optional port."
        raise RefusedError(message)
    scheme = "https" if request.scope["scheme"] == "https" else "http"
    return f"{scheme}://{hosts[0]}{request.scope.get('root_path', '')}"
