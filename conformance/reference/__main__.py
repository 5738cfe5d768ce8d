"""Runs the reference server: ``python -m conformance.reference [--host 127.0.0.1] [--port 8080]``.

When it accepts connections it prints one line, ``listening on http://HOST:PORT/v1``, which a script can wait for; port
0 takes a free port. To a browser it shows the API reference at ``http://HOST:PORT/``. If the environment holds
``IMAGES_REFERENCE_API_KEY``, requests must carry that key. It ends with 0 when it is told to by SIGINT or SIGTERM, and
with 2 and one sentence on stderr when it can't start.
"""

import argparse
import os
import signal
import socket
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Final, NoReturn

import uvicorn

from conformance.reference import Behaviour, create_app

KEY_VARIABLE: Final = "IMAGES_REFERENCE_API_KEY"

_PORTS: Final = 65535
_CANNOT_START: Final = 2
_SECONDS_TO_FINISH: Final = 3


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until a signal comes; ``arguments`` are those of the command line unless given."""
    options = _parser().parse_args(arguments)
    try:
        listener = _listen(options.host, options.port)
    except OSError as error:
        # Python repeats the address in parentheses, which would say it twice.
        reason = str(error.strerror or error).partition(" (")[0]
        _give_up(f"cannot listen on {options.host} port {options.port}: {reason}")
    for number in (signal.SIGINT, signal.SIGTERM):
        # uvicorn finishes the running requests and then raises the signal again for the handler it found.
        signal.signal(number, _quit)
    with listener:
        app = create_app(Behaviour(api_key=os.environ.get(KEY_VARIABLE) or None), shows_pages=True)
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=_SECONDS_TO_FINISH,
        )
        _AnnouncingServer(config).run(sockets=[listener])


class _AnnouncingServer(uvicorn.Server):
    """Says where it listens as soon as it does; uvicorn says so only in its log."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            host, port = listener.getsockname()[:2]
            print(f"listening on http://{f'[{host}]' if ':' in host else host}:{port}/v1", flush=True)  # noqa: T201 - the program's output


class _Parser(argparse.ArgumentParser):
    """Tells a bad argument in one sentence, without the usage in front of it."""

    def error(self, message: str) -> NoReturn:
        _give_up(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m conformance.reference",
        description="A correct server of the OpenAI Images endpoints, for tests without a network.",
        epilog=f"The environment variable {KEY_VARIABLE} holds the key that requests must carry, if any.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", default=8080, type=_port, help="port, 0 for a free one (default: %(default)s)")
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_PORTS)) and int(text) <= _PORTS):
        message = f"{text!r} is not a port between 0 and {_PORTS}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _listen(host: str, port: int) -> socket.socket:
    """Listen on the first address that a host name stands for; raises OSError."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    listener = socket.create_server(address[:2], family=family)
    # asyncio sets this only on sockets that name their protocol; without it each answer waits 40 ms for a delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _quit(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    sys.exit(0)


def _give_up(sentence: str) -> NoReturn:
    print(f"conformance.reference: {sentence}", file=sys.stderr)  # noqa: T201 - the program's output
    sys.exit(_CANNOT_START)


if __name__ == "__main__":
    main()
