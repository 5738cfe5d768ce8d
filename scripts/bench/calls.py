"""Makes calls with one of the two clients and says what they cost: ``python -m scripts.bench.calls WHO WHAT URL N``.

WHO is ``ours`` or ``openai``; WHAT is ``rest`` for one call, ``sync``, ``upload``, and ``async`` or ``aiohttp`` for
calls at once on the transport of that name; N is how many. The answer is JSON: ``rate``, the calls a second after a few
that nobody counts, and ``rest`` and ``peak``, the megabytes that the process holds then and held at most.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any, Final, NamedTuple, cast

from scripts.bench import processes

CONNECTIONS: Final = 16
UPLOAD: Final = 1_000_000
"""Bytes of a file that is uploaded; what is in it concerns nobody here."""
_PROMPT = "A cute baby sea otter"
_KEY = "sk-bench"
_FIRST = 5


class Client(NamedTuple):
    """One client: calls that raise if they come to nothing; ``many`` gives one to be awaited, on aiohttp or not."""

    generate: Callable[[], object]
    edit: Callable[[bytes], object]
    many: Callable[[bool], Callable[[], Awaitable[object]]]


def without_aiohttp() -> None:
    """Let this process find no aiohttp, as where no extra was installed: ``openai`` imports it wherever it is."""
    sys.modules["aiohttp"] = cast("ModuleType", None)


def _ours(url: str) -> Client:
    from openai_images_client import AuthenticatedClient  # noqa: PLC0415 - the other's process is to hold nothing of it
    from openai_images_client.api.images import create_image, create_image_edit  # noqa: PLC0415
    from openai_images_client.models import (  # noqa: PLC0415
        CreateImageEditRequest,
        CreateImageRequest,
        ImagesResponse,
    )
    from openai_images_client.types import File  # noqa: PLC0415

    client = AuthenticatedClient(base_url=url, token=_KEY)

    def checked(answer: object) -> None:
        if not isinstance(answer, ImagesResponse) or not answer.data:
            raise TypeError(answer)

    def generate() -> None:
        checked(create_image.sync(client=client, body=CreateImageRequest(prompt=_PROMPT)))

    def edit(data: bytes) -> None:
        file = File(payload=io.BytesIO(data), file_name="otter.png", mime_type="image/png")
        checked(create_image_edit.sync(client=client, body=CreateImageEditRequest(image=file, prompt=_PROMPT)))

    def many(aiohttp: bool) -> Callable[[], Awaitable[object]]:  # noqa: FBT001 - as the record has it
        given: dict[str, Any] = {}
        if aiohttp:
            from httpx_aiohttp import AiohttpTransport  # noqa: PLC0415 - as an extra brings it

            given = {"transport": AiohttpTransport()}
        client = AuthenticatedClient(base_url=url, token=_KEY, httpx_args=given)

        async def one() -> None:
            checked(await create_image.asyncio(client=client, body=CreateImageRequest(prompt=_PROMPT)))

        return one

    return Client(generate, edit, many)


def _openai(url: str) -> Client:
    import openai  # noqa: PLC0415 - our client's process is to hold nothing of it

    client = openai.OpenAI(base_url=url, api_key=_KEY, max_retries=0)

    def checked(answer: openai.types.ImagesResponse) -> None:
        if not answer.data:
            raise TypeError(answer)

    def generate() -> None:
        checked(client.images.generate(prompt=_PROMPT))

    def edit(data: bytes) -> None:
        checked(client.images.edit(image=("otter.png", data, "image/png"), prompt=_PROMPT))

    def many(aiohttp: bool) -> Callable[[], Awaitable[object]]:  # noqa: FBT001 - as the record has it
        transport = openai.DefaultAioHttpClient() if aiohttp else None
        client = openai.AsyncOpenAI(base_url=url, api_key=_KEY, max_retries=0, http_client=transport)

        async def one() -> None:
            checked(await client.images.generate(prompt=_PROMPT))

        return one

    return Client(generate, edit, many)


def _in_turn(call: Callable[[], object], calls: int) -> float:
    for _ in range(min(calls, _FIRST)):
        call()
    started = time.perf_counter()
    for _ in range(calls):
        call()
    return calls / (time.perf_counter() - started)


async def _at_once(call: Callable[[], Awaitable[object]], calls: int) -> float:
    left = iter(range(calls))

    async def some() -> None:
        for _ in left:
            await call()

    await asyncio.gather(*(call() for _ in range(CONNECTIONS)))
    started = time.perf_counter()
    await asyncio.gather(*(some() for _ in range(CONNECTIONS)))
    return calls / (time.perf_counter() - started)


def _main(who: str, what: str, url: str, calls: int) -> None:
    if what != "aiohttp":
        without_aiohttp()
    client = {"ours": _ours, "openai": _openai}[who](url)
    if what in ("async", "aiohttp"):

        async def made() -> float:
            return await _at_once(client.many(what == "aiohttp"), calls)

        rate = asyncio.run(made())
    elif what == "upload":
        data = os.urandom(UPLOAD)
        rate = _in_turn(lambda: client.edit(data), calls)
    else:
        rate = _in_turn(client.generate, calls)
    print(json.dumps({"rate": rate, "rest": processes.memory(os.getpid()), "peak": processes.peak()}), flush=True)  # noqa: T201 - the program's output
    # The clients are left open, about which the other process need not hear.
    os._exit(0)


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
