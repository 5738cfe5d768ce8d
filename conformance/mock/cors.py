"""Lets a page of any origin call the mock (Fetch, section 3.3: the CORS protocol).

The key travels in a header field that a page sets by itself, never as what the Fetch standard calls credentials, so the
origin is always ``*`` and ``Access-Control-Allow-Credentials`` is never sent. A preflight succeeds on every path, so
that the page can read the refusal of the request itself.
"""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

import attrs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ANY: Final = (b"access-control-allow-origin", b"*")
_SHOWN: Final = (
    b"access-control-expose-headers",
    b"x-request-id, openai-processing-ms, retry-after, retry-after-ms, allow, www-authenticate",
)
_SECONDS: Final = (b"access-control-max-age", b"600")
_TOKEN: Final = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_NAMES: Final = re.compile(rb"%b(?:[ \t]*,[ \t]*%b)*" % (_TOKEN, _TOKEN))
_METHOD: Final = b"access-control-request-method"
_ECHOED: Final = (
    (_METHOD, b"access-control-allow-methods", _NAMES),
    # A star doesn't cover Authorization, so what is asked for is named.
    (b"access-control-request-headers", b"access-control-allow-headers", _NAMES),
    (b"access-control-request-private-network", b"access-control-allow-private-network", re.compile(b"true")),
)


@attrs.frozen
class Cors:
    """Answers preflights, and adds to every other answer that any page may read it."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["method"] == "OPTIONS" and any(name == _METHOD for name, _ in scope["headers"]):
            headers = [_ANY, _SECONDS, *_allowed(scope["headers"])]
            await send({"type": "http.response.start", "status": HTTPStatus.NO_CONTENT, "headers": headers})
            await send({"type": "http.response.body"})
            return

        async def opened(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], _ANY, _SHOWN]}
            await send(message)

        await self.app(scope, receive, opened)


def _allowed(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Allow what a preflight asks for, where it is well-formed."""
    asked = dict(headers)
    return [(allows, asked[asks]) for asks, allows, form in _ECHOED if asks in asked and form.fullmatch(asked[asks])]
