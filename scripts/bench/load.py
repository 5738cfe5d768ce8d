"""Asks a server for images as fast as it can: httptools on asyncio, each connection kept and used again at once.

Run as ``python -m scripts.bench.load PORT PATH FORMAT PROMPTS SECONDS``, where FORMAT is ``url`` or ``b64_json`` and
PROMPTS ``equal`` or ``new``. The answer is JSON: ``rate``, the answers a second after a start that nobody counts, and
``wrong``, the first status of another kind than 200, or 0.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs
import httptools
import uvloop

CONNECTIONS: Final = 16
_BEFORE = 1.0
"""Seconds that are not counted, in which Node compiles what is called often."""
_OK = 200


@attrs.define(eq=False)
class _Connection(asyncio.Protocol):
    """One connection: sends the next request as soon as the answer to the one before is whole."""

    requests: Iterator[bytes]
    answered: Callable[[int], None]
    _transport: Any = None
    _parser: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Read a part of an answer."""
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Count the answer and go on."""
        self.answered(self._parser.get_status_code())
        asyncio.get_running_loop().call_soon(self._send)

    def _send(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(next(self.requests))


def request(path: str, response_format: str, prompt: str) -> bytes:
    """Return the bytes of one request."""
    fields = {"model": "dall-e-2", "prompt": prompt, "size": "256x256", "response_format": response_format}
    body = json.dumps(fields).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer sk-bench\r\n"
    head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _load(port: int, requests: Iterator[bytes], seconds: float) -> dict[str, float]:
    answers, wrong = 0, 0

    def answered(status: int) -> None:
        nonlocal answers, wrong
        answers += 1
        wrong = wrong or (status if status != _OK else 0)

    loop = asyncio.get_running_loop()
    for _ in range(CONNECTIONS):
        await loop.create_connection(lambda: _Connection(requests, answered), "127.0.0.1", port)
    await asyncio.sleep(_BEFORE)
    before, started = answers, time.perf_counter()
    await asyncio.sleep(seconds)
    return {"rate": (answers - before) / (time.perf_counter() - started), "wrong": wrong}


def _main(port: int, path: str, response_format: str, prompts: str, seconds: float) -> None:
    numbers = itertools.count() if prompts == "new" else itertools.repeat(0)
    requests = (request(path, response_format, f"Sea otter {prompts} {number}") for number in numbers)
    print(json.dumps(uvloop.run(_load(port, requests, seconds))))  # noqa: T201 - the program's output


if __name__ == "__main__":
    _main(int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], float(sys.argv[5]))
