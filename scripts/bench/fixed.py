"""A server that has its answers ready, so that what is measured is who calls it: httptools on asyncio, nothing else.

Run as ``python -m scripts.bench.fixed PORT``. Below ``/large`` an answer holds 4 MB of base64, below any other path the
URL of an image. Whatever is sent is read to its end first.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, Final

import httptools
import uvloop

LARGE: Final = 4_000_000
"""Characters of base64 in a large answer."""


def _answer(item: dict[str, str]) -> bytes:
    body = json.dumps({"created": 1_700_000_000, "data": [item]}).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


_SMALL_ANSWER = _answer({"url": "http://127.0.0.1:1/otter.png"})
_LARGE_ANSWER = _answer({"b64_json": "iVBORw0K" * (LARGE // 8)})


class _Protocol(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - asyncio names it a BaseTransport, which can't write
        self._transport = transport
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._url = b""

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_message_complete(self) -> None:
        self._transport.write(_LARGE_ANSWER if self._url.startswith(b"/large") else _SMALL_ANSWER)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Protocol, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
