"""Runs the server on a loopback port, in a thread with an event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import contextmanager

from aiohttp import web

_SECONDS = 10


@contextmanager
def serve(app: web.Application, port: int = 0) -> Generator[str]:
    """Serve until the block ends, on any free port unless one is given; gives the base URL."""
    started: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(_run(app, port, started)))
    thread.start()
    url, loop, ended = started.result(_SECONDS)
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(_SECONDS)


async def _run(
    app: web.Application, port: int, started: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]]
) -> None:
    # aiohttp drops the connection without an answer where it fails to decompress a body, so it isn't left to it.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, auto_decompress=False)
    try:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        ended = asyncio.Event()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        started.set_result((url, asyncio.get_running_loop(), ended))
        await ended.wait()
    except Exception as error:  # noqa: BLE001 - whoever waits for the start must hear of it
        if not started.done():
            started.set_exception(error)
    finally:
        await runner.cleanup()
