"""Sends the requests of a recording again by plain httpx, and judges nothing: what a run of the suite can't do without.

``write`` makes of a recording what it needs, so that this process imports nothing of the suite. As many requests are on
their way at once as in that run, and the files to which an answer points are fetched once each, as there.

Run as ``python -m scripts.bench.replay FOLDER URL CONCURRENCY``, with the key in ``OPENAI_API_KEY``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

_INDEX, _BODIES = "index.json", "bodies"
_SECONDS = 180.0


def write(recording: Path, folder: Path) -> int:
    """Write what ``main`` sends, and return how many requests were made at once in the run that was recorded."""
    # Here, because the process that sends again has no use for them.
    from conformance import CONTRACT  # noqa: PLC0415
    from conformance.suite.contract import document  # noqa: PLC0415
    from conformance.suite.exchange import recording as recordings  # noqa: PLC0415
    from conformance.suite.exchange.encoding import encode  # noqa: PLC0415
    from conformance.suite.images import IMAGES  # noqa: PLC0415

    operations = document.load(CONTRACT).operations
    index: list[dict[str, Any]] = []
    with (folder / _BODIES).open("wb") as bodies:
        for sent in recordings.sent(recording, IMAGES.contents):
            encoded = encode(sent.request, operations[sent.request.operation], {})
            index.append(
                {
                    "method": encoded.method,
                    "path": encoded.path,
                    "type": encoded.content_type,
                    "authorization": sent.request.raw.authorization,
                    "body": bodies.write(encoded.body),
                    "fetches": bool(sent.fetches),
                    "status": sent.status,
                }
            )
    (folder / _INDEX).write_text(json.dumps(index))
    shape = recordings.read(recording, IMAGES.contents).header.shape
    return shape.concurrency if shape else 1


def _requests(folder: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    with (folder / _BODIES).open("rb") as bodies:
        for request in json.loads((folder / _INDEX).read_text()):
            yield request, bodies.read(request["body"])


async def _send(folder: Path, url: str, concurrency: int) -> None:
    key, fetched = f"Bearer {os.environ['OPENAI_API_KEY']}", set[str]()
    left = _requests(folder)
    async with httpx.AsyncClient(timeout=_SECONDS) as client:

        async def one(request: dict[str, Any], body: bytes) -> None:
            given = request["authorization"]
            headers = {"content-type": request["type"], "authorization": key if given is None else given}
            headers = {name: value for name, value in headers.items() if value}
            answer = await client.request(request["method"], url + request["path"], content=body, headers=headers)
            if answer.status_code != request["status"]:
                sys.exit(f"{request['method']} {request['path']} got {answer.status_code}, not {request['status']}")
            if request["fetches"]:
                for item in answer.json()["data"]:
                    if item["url"] not in fetched:
                        fetched.add(item["url"])
                        await client.get(item["url"])

        async def some() -> None:
            for request, body in left:
                await one(request, body)

        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(some())


if __name__ == "__main__":
    asyncio.run(_send(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
