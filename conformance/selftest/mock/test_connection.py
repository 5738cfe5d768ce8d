"""Connections that are broken off, with each reader of requests and each event loop that uvicorn may have."""

import asyncio
import io
import json
import logging
import signal
import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import TextIO

import httpx
import pytest
import uvicorn

from conformance.mock.app import create_mock
from conformance.mock.running import ImagesMock, running
from conformance.selftest.reference.protocols import Loop, Reader, gathering
from conformance.selftest.reference.running import MOCK, SECONDS, program
from conformance.selftest.reference.server import GENERATIONS, SMALL, send

BODY = json.dumps({"prompt": "a", "size": SMALL}).encode()


@contextmanager
def served(http: Reader, loop: Loop, log: TextIO | None = None) -> Generator[int]:
    """Serve a mock by these parts of uvicorn, and yield its port."""
    pytest.importorskip(loop)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            create_mock(log=log), http=gathering(http), loop=loop, log_config=None, timeout_graceful_shutdown=SECONDS
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def received(port: int, fault: str) -> bytes:
    """Send a request that asks for a fault, and return what comes until the end; raises ConnectionResetError."""
    head = f"POST /v1/images/generations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nx-mock-fault: {fault}"
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        connection.sendall(f"{head}\r\nContent-Length: {len(BODY)}\r\n\r\n".encode() + BODY)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("http", "loop"), [("h11", "asyncio"), ("h11", "uvloop"), ("httptools", "asyncio"), ("httptools", "uvloop")]
)
def test_a_connection_ends_as_asked(http: Reader, loop: Loop, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), served(http, loop) as port:
        for _ in range(2):
            with pytest.raises(ConnectionResetError):
                received(port, "reset")
            head, _, body = received(port, "cut-off").partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK\r\n")
            (length,) = (line for line in head.split(b"\r\n") if line.startswith(b"content-length: "))
            assert 0 < len(body) == int(length[16:]) // 2
        assert received(port, "cut-off, 429").startswith(b"HTTP/1.1 429 ")
        assert httpx.get(f"http://127.0.0.1:{port}/healthz").is_success
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("http", ["h11", "httptools"])
@pytest.mark.parametrize("fault", ["cut-off", "reset"])
def test_a_request_behind_the_one_that_is_broken_off_keeps_nothing_waiting(
    http: Reader, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    log = io.StringIO()
    head = f"POST /v1/images/generations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nx-mock-fault: {fault}"
    request = f"{head}\r\nContent-Length: {len(BODY)}\r\n\r\n".encode() + BODY
    with served(http, "asyncio", log) as port, socket.create_connection(("127.0.0.1", port), SECONDS) as connection:
        connection.sendall(request * 2)
        with suppress(ConnectionResetError):
            while connection.recv(65536):
                pass
        end = time.monotonic() + SECONDS
        while not log.getvalue():
            assert time.monotonic() < end
            time.sleep(0.01)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_server_that_does_not_let_the_mock_do_so_is_told() -> None:
    with pytest.raises(ConnectionError, match="doesn't let the mock break off"):
        send(create_mock(), "POST", GENERATIONS, content=BODY, headers={"x-mock-fault": "reset"})


def test_a_call_in_process_can_be_cancelled() -> None:
    async def ask() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(create_mock()), base_url="http://a") as client:
            await client.get("/v1/models", headers={"x-mock-fault": "latency=60"})

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ask(), 0.05)

    asyncio.run(give_up())


def test_a_signal_ends_the_mock_during_a_slow_body() -> None:
    with program("--port", "0", "--quiet", module=MOCK) as running_:
        headers = {"x-mock-fault": "slow-body=600", "Content-Type": "application/json"}
        url = running_.url + GENERATIONS
        with httpx.stream("POST", url, content=BODY, headers=headers, timeout=SECONDS) as answer:
            pieces = answer.iter_raw()  # held, because the connection is closed with it
            assert next(pieces)
            running_.process.send_signal(signal.SIGINT)
            time.sleep(0.2)  # two at once may be taken for one
            running_.process.send_signal(signal.SIGINT)
            output, errors = running_.process.communicate(timeout=SECONDS)
            assert (running_.process.returncode, output) == (0, "")
            assert "Traceback" not in errors


def test_many_connections_at_once_are_answered() -> None:
    async def ask(mock: ImagesMock) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(mock.url.split(":")[2].removesuffix("/v1")))
        head = f"GET /v1/models HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {mock.key}\r\nConnection: close\r\n"
        writer.write(f"{head}x-mock-fault: latency=0.2\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        return answer.partition(b"\r\n")[0]

    async def ask_all(mock: ImagesMock) -> set[bytes]:
        return set(await asyncio.gather(*(ask(mock) for _ in range(200))))

    with running() as mock:
        assert asyncio.run(ask_all(mock)) == {b"HTTP/1.1 200 OK"}
        assert len(mock.requests) == 200
