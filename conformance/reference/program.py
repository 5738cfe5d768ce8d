"""What a server is as a program: its arguments, the socket it listens on, how it starts and how it ends.

When it accepts connections it prints one line, ``listening on http://HOST:PORT/v1``, which a script can wait for; port
0 takes a free port. If the environment holds ``IMAGES_REFERENCE_API_KEY``, requests must carry that key. It ends with 0
when it is told to by SIGINT or SIGTERM, and with 2 and one sentence on stderr when it can't start. With ``--workers N``
it serves with N processes (``workers``), each of which serves the images of all; when one of them ends by itself, it
ends with 2 and one sentence.
"""

import argparse
import os
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Final, NoReturn

import attrs
import uvicorn
from starlette.types import ASGIApp

from conformance import distribution
from conformance.reference.gathering import GatheringProtocol
from conformance.reference.workers import MOST, can_fork, work_together

KEY_VARIABLE: Final = "IMAGES_REFERENCE_API_KEY"

_PORTS: Final = 65535
_CANNOT_START: Final = 2
_SECONDS_TO_FINISH: Final = 3


@attrs.frozen
class Program:
    """A server that is run from the command line; ``name`` is what it calls itself in its messages."""

    name: str
    description: str

    def parser(self) -> argparse.ArgumentParser:
        """Make a parser with the arguments that every server has, which tells a bad one in one sentence."""
        parser = _Parser(
            prog=self.name,
            description=self.description,
            epilog=f"The environment variable {KEY_VARIABLE} holds the key that requests must carry, if any.",
        )
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", default=8080, type=_port, help="port, 0 for a free one (default: %(default)s)")
        parser.add_argument("--version", action="version", version=f"%(prog)s {distribution.version()}")
        parser.add_argument(
            "--workers", default=1, type=_workers, help=f"processes that serve, up to {MOST} (default: %(default)s)"
        )
        return parser

    def serve(self, app: ASGIApp, host: str, port: int, workers: int = 1) -> None:
        """Serve an application until a signal comes; exits with 2 if it can't listen there or can't go on.

        With several ``workers`` each of them has the application, which must keep its uploads in ``store_for`` them.
        """
        if workers > 1 and not can_fork():
            give_up(self.name, "--workers needs an operating system that can fork, which this one can't: leave it out")
        try:
            listener = listen(host, port)
        except OSError as error:
            # Python repeats the address in parentheses, which would say it twice.
            reason = str(error.strerror or error).partition(" (")[0]
            give_up(self.name, f"cannot listen on {host} port {port}: {reason}")
        for number in (signal.SIGINT, signal.SIGTERM):
            # uvicorn finishes the running requests and then raises the signal again for the handler it found.
            signal.signal(number, _quit)
        with listener:
            config = uvicorn.Config(
                app,
                http=GatheringProtocol,
                log_level="warning",
                access_log=False,
                server_header=False,
                use_colors=False,  # else uvicorn asks stdout whether it is a terminal, which a daemon may have closed
                ws="none",
                timeout_graceful_shutdown=_SECONDS_TO_FINISH,
            )
            announce = partial(_announce, listener)
            if workers == 1:
                _Server(config, announce).run(sockets=[listener])
                return
            fault = work_together(
                workers, lambda started: _Server(config, started).run(sockets=[listener]), started=announce
            )
        if fault is not None:
            give_up(self.name, fault)


def key() -> str | None:
    """Read the key that requests must carry from the environment; an empty one is none."""
    return os.environ.get(KEY_VARIABLE) or None


class _Server(uvicorn.Server):
    """Does something as soon as it accepts connections; uvicorn only writes into its log."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._started()


def _announce(listener: socket.socket) -> None:
    """Say where the server listens."""
    host, port = listener.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"
    try:
        print(f"listening on {url}", flush=True)  # noqa: T201 - the program's output
    except OSError:
        # Nobody reads it, for which a server is none the worse; nor may it fail at its end, with what it still holds.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Parser(argparse.ArgumentParser):
    """Tells a bad argument in one sentence, without the usage in front of it."""

    def error(self, message: str) -> NoReturn:
        give_up(self.prog, message)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_PORTS)) and int(text) <= _PORTS):
        message = f"{text!r} is not a port between 0 and {_PORTS}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _workers(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) and 0 < int(text) <= MOST):
        message = f"{text!r} is not a number between 1 and {MOST}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def listen(host: str, port: int) -> socket.socket:
    """Listen on the first address that a host name stands for; raises OSError."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    listener = socket.create_server(address[:2], family=family)
    # asyncio sets this only on sockets that name their protocol; without it each answer waits 40 ms for a delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _quit(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    sys.exit(0)


def give_up(name: str, sentence: str) -> NoReturn:
    """Say on stderr why a program can't go on, and exit with 2."""
    print(f"{name}: {sentence}", file=sys.stderr)  # noqa: T201 - the program's output
    sys.exit(_CANNOT_START)
