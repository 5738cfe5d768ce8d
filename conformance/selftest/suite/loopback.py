"""A small HTTP server on the loopback interface, made of one function, that remembers what it received."""

import ssl
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from attrs import field, frozen


@frozen
class Received:
    """One request as it came in."""

    method: str
    path: str
    headers: Message
    body: bytes


@frozen
class Reply:
    """What is answered."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(factory=lambda: {"content-type": "application/json"})


@frozen
class Server:
    """A running server: its base URL, and all that it received."""

    url: str
    received: list[Received]


@contextmanager
def serving(
    answer: Callable[[Received], Reply] = lambda _: Reply(), certificate: Path | None = None
) -> Generator[Server]:
    """Serve on a free port until the block ends; with a certificate by TLS, with the key that lies beside it."""
    received: list[Received] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            request = Received(self.command, self.path, self.headers, self.rfile.read(length))
            received.append(request)
            reply = answer(request)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.send_header("connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                with suppress(ConnectionError):  # whoever asked may have left
                    self.wfile.write(reply.body)
            self.close_connection = True

        do_GET = do_POST = do_PUT = do_HEAD = handle_one  # noqa: N815 - the names that the base class looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, certificate.with_name("key.pem"))
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            scheme = "http" if certificate is None else "https"
            yield Server(f"{scheme}://127.0.0.1:{server.server_port}/v1", received)
        finally:
            server.shutdown()
            thread.join()
