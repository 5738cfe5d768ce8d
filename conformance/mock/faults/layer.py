"""Puts faults between the server and whoever asks.

The server answers first and a fault changes what it said, so that a request is read and told about as any other. Any
request below the base path may ask for a fault by a header field; what was ordered otherwise concerns the operations.
"""

from typing import Final
from urllib.parse import parse_qs

import attrs
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.mock.faults.answer import collect, deliver
from conformance.mock.faults.armed import Armed
from conformance.mock.faults.grammar import Fault, FaultError, parse
from conformance.mock.faults.kinds import MARK
from conformance.mock.messages import DECIDED
from conformance.reference import RefusedError
from conformance.reference.app import BASE
from conformance.reference.errors import build_refusal

HEADER: Final = "x-mock-fault"
"""The header field by which a request asks for a fault."""
APPLIED: Final = "mock.fault"
"""Where the ASGI scope of a request holds the fault that it had, as it was asked for."""

_NAME: Final = HEADER.encode()
_MARK: Final = f"{MARK}=".encode()


@attrs.frozen
class Faults:
    """Applies what is armed or asked for."""

    app: ASGIApp
    armed: Armed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            fault = self._choose(scope)
        except FaultError as error:
            refusal = build_refusal(RefusedError(f"{HEADER}: {error}", HEADER))
            await refusal(scope, receive, send)
            return
        if fault is None:
            await self.app(scope, receive, send)
            return
        scope[APPLIED] = fault.text
        answer = fault.apply(await collect(self.app, scope, receive))
        await send({"type": DECIDED, "status": None if answer.reset else answer.status})
        await deliver(answer, receive, send)

    def _choose(self, scope: Scope) -> Fault | None:
        if not scope["path"].startswith(f"{BASE}/"):
            return None
        asked = [value for name, value in scope["headers"] if name == _NAME]
        if asked:
            return self.armed.asked(parse(b", ".join(asked).decode("latin-1")))
        if scope["method"] == "POST":
            return self.armed.next()
        marks = _MARK in scope["query_string"] and parse_qs(scope["query_string"].decode("latin-1")).get(MARK)
        return self.armed.asked(parse(marks[0])) if marks else None
