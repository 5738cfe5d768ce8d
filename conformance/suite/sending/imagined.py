"""Makes the exchanges of a run with a server that is only imagined, and correct, so that a plan can be told."""

from __future__ import annotations

import asyncio

from attrs import define

from conformance.suite.exchange.recording import Answer, Exchange
from conformance.suite.exchange.request import Request
from conformance.suite.sending.sender import Sender

_ACCEPTED, _REFUSED = 200, 400
_TURNS = 20
"""Turns of the loop that an exchange takes: enough for all to stand in line that can be sent by then."""


@define
class Imagined(Sender):
    """Sends nothing: every valid request is accepted, and every other one refused."""

    async def _exchange(self, id_: str, request: Request, *, valid: bool, random: bool, again: bool) -> Exchange:
        del again
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        return Exchange(id_, request, valid, Answer(_ACCEPTED if valid else _REFUSED, (), b""), random=random)
