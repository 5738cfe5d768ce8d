"""What is written in one turn of the event loop goes out at once, and nothing is lost or kept for long."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Any, cast

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.reference.gathering import Gathering
from conformance.reference.program import listen
from conformance.selftest.reference.protocols import Loop, Reader, gathering

REQUEST = b"GET / HTTP/1.1\r\nhost: a.test\r\n\r\n"
LONG = 1024 * 1024
Written = list[bytes | str]


class Transport:
    """Remembers what it is told to do."""

    def __init__(self) -> None:
        """Be open."""
        self.done: Written = []
        self.closing = False

    def writelines(self, data: Iterable[bytes]) -> None:
        self.done.append(b"".join(data))

    def close(self) -> None:
        self.done.append("closed")
        self.closing = True

    def abort(self) -> None:
        self.done.append("aborted")
        self.closing = True

    def lose(self) -> None:
        self.done.append("lost")
        self.closing = True

    def is_closing(self) -> bool:
        return self.closing


def written(act: Callable[[Gathering], Any]) -> tuple[Written, Written]:
    """Return what was done at the transport when it had been told to, and when the loop had gone on."""

    async def run() -> tuple[Written, Written]:
        transport = Transport()
        act(Gathering(cast("asyncio.Transport", transport), asyncio.get_running_loop()))
        at_once = list(transport.done)
        await asyncio.sleep(0)
        return at_once, transport.done

    return asyncio.run(run())


def write(*pieces: bytes, end: str = "is_closing") -> Callable[[Gathering], Any]:
    def act(gathering: Gathering) -> None:
        for piece in pieces:
            gathering.write(piece)
        getattr(gathering, end)()

    return act


@pytest.mark.parametrize(
    ("act", "at_once", "then"),
    [
        (write(b"head", b"body"), [], [b"headbody"]),
        (write(), [], []),
        (write(b"head", b"body", end="close"), [b"headbody", "closed"], []),
        (write(b"head", end="abort"), ["aborted"], []),
        (write(b"head", b"b" * LONG, b"tail"), [b"head" + b"b" * LONG], [b"tail"]),
        (write(b"head", end="lose"), ["lost"], []),
    ],
)
def test_what_is_written_goes_out_together(act: Callable[[Gathering], Any], at_once: Written, then: Written) -> None:
    assert written(act) == (at_once, at_once + then)


@contextmanager
def serving(app: ASGIApp, http: Reader = "h11", loop: Loop = "asyncio") -> Generator[socket.socket]:
    """Serve an application, and connect to it."""
    with listen("127.0.0.1", 0) as listener:
        config = uvicorn.Config(app, http=gathering(http), loop=loop, log_config=None, lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            with socket.create_connection(listener.getsockname(), 10) as connection:
                yield connection
        finally:
            server.should_exit = True
            thread.join()


async def short(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": b"body"})


@pytest.mark.parametrize("http", ["h11", "httptools"])
def test_an_answer_is_one_packet(http: Reader) -> None:
    with serving(short, http) as connection:
        for _ in range(20):
            connection.sendall(REQUEST)
            assert connection.recv(65536).endswith(b"\r\n\r\nbody")


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("http", ["h11", "httptools"])
def test_a_client_that_sends_no_more_still_gets_its_answer(http: Reader, loop: Loop) -> None:
    pytest.importorskip(loop)
    with serving(short, http, loop) as connection:
        connection.sendall(REQUEST)
        connection.shutdown(socket.SHUT_WR)
        assert b"".join(iter(lambda: connection.recv(65536), b"")).endswith(b"\r\n\r\nbody")


async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
    body = b""
    while (message := await receive())["more_body"]:
        body += message["body"]
    body += message["body"]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("http", ["h11", "httptools"])
def test_a_wish_for_another_protocol_is_ignored(http: Reader, loop: Loop, caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip(loop)
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    with serving(echo, http, loop) as connection:
        for body in (b"a" * 100000, b"b" * 100000):
            connection.sendall(head)
            connection.sendall(body)
            received = b""
            while not received.endswith(body):
                received += connection.recv(200000)
            assert received.startswith(b"HTTP/1.1 200 OK\r\n")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert caplog.records == []


def test_a_reader_who_is_slow_is_waited_for() -> None:
    sent = 0

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        nonlocal sent
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % (64 * LONG))]}
        )
        for _ in range(64):
            await send({"type": "http.response.body", "body": bytes(LONG), "more_body": True})
            sent += 1
        await send({"type": "http.response.body"})

    with serving(app) as connection:
        connection.sendall(REQUEST)
        received = len(connection.recv(1))
        time.sleep(0.2)  # in which a server that doesn't wait would send it all
        held = sent
        while received < 64 * LONG:
            received += len(connection.recv(65536))
    assert held < 64
    assert sent == 64
