"""The client object: it waits no longer than ten minutes, and it keeps its secrets and its settings to itself."""

from collections.abc import Callable

import httpx
import pytest
from openai_images_client import AuthenticatedClient, Client

from conformance.selftest.client.wire import GENERATION, TOKEN, Server, Way, asynchronous, blocking

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


@pytest.mark.parametrize(
    "damage", ["{}\n", "\n{}", "{}\r\n", "{} ", "\t{}", "{}\0", "{}\r\nX-Key: a", "{}\N{SNOWMAN}", "{}\xe9"]
)
def test_token_that_no_header_can_hold_is_refused_unseen(damage: str) -> None:
    with pytest.raises(ValueError, match=r"^the token has white space at an end, or") as raised:
        AuthenticatedClient(base_url=URL, token=damage.format(TOKEN))
    assert TOKEN not in repr(raised.value)


@pytest.mark.parametrize("token", ["", "a", "two words", "".join(map(chr, range(33, 127)))])
def test_any_other_token_is_taken(token: str) -> None:
    assert AuthenticatedClient(base_url=URL, token=token).token == token


@pytest.mark.parametrize("way", [blocking, asynchronous])
@pytest.mark.parametrize("used", [False, True])
def test_client_made_of_another_one_leaves_it_alone(way: Way, *, used: bool) -> None:
    server = Server()
    base = server.client(headers={"X-Route": "a"})
    if used:
        base.get_httpx_client()
        base.get_async_httpx_client()
    slow = httpx.Timeout(3)
    derived = base.with_headers({"X-Route": "b"}).with_cookies({"c": "d"}).with_timeout(slow)
    for client in (derived, base):
        way(GENERATION, client)
    new, old = server.requests
    assert (new.headers["x-route"], new.headers["cookie"], new.extensions["timeout"]) == ("b", "c=d", slow.as_dict())
    assert new.headers["authorization"] == old.headers["authorization"] == f"Bearer {TOKEN}"
    assert (old.headers["x-route"], old.headers.get("cookie")) == ("a", None)
    assert old.extensions["timeout"] == TIMEOUT.as_dict()
