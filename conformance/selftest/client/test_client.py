"""The client object: it waits no longer than ten minutes, and it keeps its secrets to itself."""

from collections.abc import Callable

import httpx
import pytest
from openai_images_client import AuthenticatedClient, Client

from conformance.selftest.client.wire import GENERATION, TOKEN, Server, asynchronous, blocking

URL = "http://server.test/v1"
TIMEOUT = httpx.Timeout(600, connect=10)


def _open() -> Client:
    return Client(base_url=URL)


def _authenticated() -> AuthenticatedClient:
    return AuthenticatedClient(base_url=URL, token=TOKEN)


@pytest.mark.parametrize("make", [_open, _authenticated])
def test_time_out_is_finite_unless_none_is_asked_for(make: Callable[[], Client | AuthenticatedClient]) -> None:
    client = make()
    assert client.get_httpx_client().timeout == client.get_async_httpx_client().timeout == TIMEOUT
    assert make().with_timeout(httpx.Timeout(3)).get_httpx_client().timeout == httpx.Timeout(3)
    assert Client(base_url=URL, timeout=None).get_httpx_client().timeout == httpx.Timeout(None)


def test_time_out_reaches_the_transport() -> None:
    server = Server()
    blocking(GENERATION, server.client())
    assert server.request.extensions["timeout"] == {"connect": 10, "read": 600, "write": 600, "pool": 600}


def test_repr_shows_no_secret() -> None:
    client = AuthenticatedClient(
        base_url=URL,
        token=TOKEN,
        headers={"X-Key": TOKEN},
        cookies={"session": TOKEN},
        httpx_args={"auth": ("me", TOKEN)},
    )
    client.get_httpx_client()
    client.get_async_httpx_client()
    with_more = client.with_headers({"X-Other": TOKEN}).with_cookies({"c": TOKEN})
    assert TOKEN not in f"{client!r} {client!s} {with_more!r}"
    assert URL in repr(client)
    assert TOKEN not in repr(Client(base_url=URL, headers={"Authorization": TOKEN}))


def test_token_stays_out_of_the_headers_of_the_caller() -> None:
    headers = {"X-Route": "a"}
    server = Server()
    blocking(GENERATION, server.client(headers=headers))
    asynchronous(GENERATION, server.client(headers=headers))
    assert headers == {"X-Route": "a"}
    assert [request.headers["x-route"] for request in server.requests] == ["a", "a"]
