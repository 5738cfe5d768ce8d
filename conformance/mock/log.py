"""One line for each request: ``POST /v1/images/generations 200 34 ms model=dall-e-2 n=1 size=256x256``.

What a client sends must not forge a line nor move a terminal's cursor, so characters that can't be seen are written as
in a Python text. Neither header fields nor the values of a query are told, because they may hold a key.
"""

import json
import time
from collections.abc import Callable, Sequence
from typing import Final, TextIO, cast

import attrs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.mock.faults.layer import APPLIED
from conformance.mock.privacy import hider
from conformance.reference import Submission
from conformance.reference.app import ASKED

_NOTHING: Final = Submission({})
_TOLD: Final = ("model", "n", "size")
_LONGEST: Final = 120


@attrs.frozen
class Log:
    """Writes a line when a request is answered; a status of ``-`` means that it got no answer."""

    app: ASGIApp
    stream: TextIO
    key: str | None = attrs.field(default=None, repr=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        started = time.perf_counter()
        status = "-"

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(int(message["status"]))
            await send(message)

        try:
            await self.app(scope, receive, seen)
        finally:
            took = (time.perf_counter() - started) * 1000
            words = [scope["method"], _path(scope), status, f"{took:.0f}", "ms", *_details(scope)]
            self._write(_readable(words, hider(scope["headers"], self.key)) + "\n")

    def _write(self, line: str) -> None:
        try:
            self.stream.write(line)
        except (OSError, ValueError):
            return  # a log that nobody reads any more must not stop the server


def _readable(words: Sequence[str], hide: Callable[[str], str]) -> str:
    """Write words that can be seen, each cut off where it is long, without what ``hide`` cuts out."""
    line = hide(" ".join(words))
    # Most lines can be left as they are, which shows sooner in the whole than in each word.
    if len(line) <= _LONGEST and line.count(" ") == len(words) - 1 and line.isprintable() and "\\" not in line:
        return line
    return " ".join("".join(map(_seen, _cut(hide(word)))) for word in words)


def _cut(text: str) -> str:
    return text[:_LONGEST] + ("..." if len(text) > _LONGEST else "")


def _seen(character: str) -> str:
    if character == " ":
        return "\\x20"
    return character if character.isprintable() and character != "\\" else character.encode("unicode_escape").decode()


def _path(scope: Scope) -> str:
    return scope["path"] + ("?..." if scope["query_string"] else "")


def _details(scope: Scope) -> list[str]:
    values = cast("Submission", scope.get(ASKED, _NOTHING)).values
    told = [(name, values[name]) for name in _TOLD if name in values]
    words = [f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in told]
    return [*words, *f"fault={scope[APPLIED]}".split()] if APPLIED in scope else words
