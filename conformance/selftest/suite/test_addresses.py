"""Where the URL of an image may lead: by a resolver and a network that are made up, and a server on loopback."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, cast

import httpcore
import httpx
import pytest
from attrs import define, evolve, field

from conformance.mutants.benign.serving import listening
from conformance.reference import Behaviour, create_app
from conformance.selftest.suite.loopback import Received, Reply, Server, serving
from conformance.selftest.suite.runs import by_rule, contract, prepared, settings
from conformance.suite import run
from conformance.suite.exchange.recording import Exchange, Fetch
from conformance.suite.exchange.request import Request
from conformance.suite.images import IMAGES
from conformance.suite.sending import transfer
from conformance.suite.sending.addresses import Guard, Kind, kind_of, resolved
from conformance.suite.sending.sender import Sender
from conformance.suite.settings import Limits, Settings, Target

PUBLIC, OTHER, PRIVATE, LOOPBACK, METADATA = "93.184.216.34", "8.8.8.8", "10.1.2.3", "127.0.0.1", "169.254.169.254"
ONLY = "where the suite goes only for a server that is at one itself"


@define
class Names:
    """A resolver: what a name leads to, the first look-up first, the last one for ever."""

    known: dict[str, list[list[str]]]

    async def __call__(self, host: str, port: int) -> list[str]:
        """Look a host up; a literal address is what the system reads in it."""
        if host not in self.known:
            return await resolved(host, port)
        answers = self.known[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@define
class Network(httpcore.AsyncNetworkBackend):
    """A network in which every address is that of one server, but for those that are ``down``."""

    server: Server
    down: tuple[str, ...] = ()
    called: list[str] = field(factory=list[str])

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        del port, socket_options
        self.called.append(host)
        if host in self.down:
            raise httpcore.ConnectError(f"{host} is down")
        real = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())
        return await real.connect_tcp("127.0.0.1", httpx.URL(self.server.url).port or 0, timeout, local_address)


def lead_to(*urls: str, redirect: str = "") -> Callable[[Received], Reply]:
    """Answer calls with URLs of images, and where an image is due with a redirect to the URL, or with an image."""
    links = [{"url": redirect or url} for url in urls]

    def answer(received: Received) -> Reply:
        if received.method == "POST":
            return Reply(body=httpx.Response(200, json={"data": links}).content)
        if redirect and received.path == "/redirect":
            return Reply(302, headers={"location": urls[0]})
        return Reply(body=b"image")

    return answer


def fetched(
    monkeypatch: pytest.MonkeyPatch,
    names: dict[str, list[list[str]]],
    *urls: str,
    redirect: str = "",
    down: tuple[str, ...] = (),
) -> tuple[tuple[Fetch, ...], Network]:
    """Send one request to http://api.test/v1, whose answer has these URLs of images; returns what came of them."""
    with serving(lead_to(*urls, redirect=redirect)) as server:
        wire = Network(server, down)

        def guard(target: str) -> Guard:
            return Guard(target, Names(names), wire)

        monkeypatch.setattr(transfer, "Guard", guard)
        return _exchange("http://api.test/v1").fetches, wire


def _exchange(target: str) -> Exchange:
    chosen = Settings(Target(target), limits=Limits(seconds=20))

    async def make() -> Exchange:
        async with transfer.client(chosen) as client:
            sender = Sender(contract(), IMAGES, chosen, client)
            return await sender.exchange("a", Request("createImage", {"prompt": "otter"}), valid=True, images=1)

    return asyncio.run(make())


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        *((address, Kind.LINK) for address in ("169.254.0.1", METADATA, "fe80::1", "fe80::1%lo", "fd00:ec2::254")),
        *((f"{form}169.254.169.254", Kind.LINK) for form in ("::ffff:", "::", "64:ff9b::")),
        *((address, Kind.LINK) for address in ("2002:a9fe:a9fe::1", "100.100.100.200", "168.63.129.16")),
        *(
            (address, Kind.LOOPBACK)
            for address in ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "::", "0.0.0.1")
        ),
        *((address, Kind.PRIVATE) for address in ("10.0.0.1", "172.31.0.1", "192.168.1.1", "100.64.0.1", "fd12::1")),
        *((address, Kind.PRIVATE) for address in ("224.0.0.1", "ff0e::1", "240.0.0.1", "255.255.255.255", "fec0::1")),
        *((address, Kind.PRIVATE) for address in ("::ffff:10.0.0.1", "198.18.0.1", "192.0.2.1", "2001:db8::1")),
        *((address, Kind.PUBLIC) for address in (PUBLIC, OTHER, "2606:4700::1111", "::ffff:8.8.8.8")),
    ],
)
def test_what_an_address_is(address: str, kind: Kind) -> None:
    assert kind_of(address) is kind


FORMS = ("2852039166", "0xa9fea9fe", "0251.0376.0124776", "169.254.43518", METADATA, "[::ffff:a9fe:a9fe]")


@pytest.mark.parametrize("own", [PUBLIC, PRIVATE, LOOPBACK])
def test_no_form_of_a_metadata_address_is_called(monkeypatch: pytest.MonkeyPatch, own: str) -> None:
    urls = [f"http://{host}/latest/meta-data/" for host in FORMS]
    fetches, wire = fetched(monkeypatch, {"api.test": [[own]]}, *urls)
    assert wire.called == [own]
    for fetch in fetches:
        assert fetch.out_of_reach
        assert "is a link-local or metadata address, where the suite never goes" in (fetch.failure or "")


NEAR = (PRIVATE, "192.168.0.9", "fd12::1")


@pytest.mark.parametrize(
    ("own", "leads_to"),
    [
        (PUBLIC, (PUBLIC, OTHER)),
        (PRIVATE, (PUBLIC, OTHER, *NEAR)),
        (LOOPBACK, (PUBLIC, OTHER, *NEAR, LOOPBACK, "::1")),
        (METADATA, (PUBLIC, OTHER, METADATA)),
    ],
)
def test_an_image_is_fetched_where_the_target_is(
    monkeypatch: pytest.MonkeyPatch, own: str, leads_to: tuple[str, ...]
) -> None:
    every = (PUBLIC, OTHER, *NEAR, LOOPBACK, "::1", METADATA, "169.254.7.7")
    names = {f"i{index}.test": [[address]] for index, address in enumerate(every)}
    fetches, wire = fetched(monkeypatch, {"api.test": [[own]], **names}, *(f"http://{name}/1" for name in names))
    assert wire.called == [own, *leads_to]
    assert [received.headers["host"] for received in wire.server.received[1:]] == [
        name for name, ((address,),) in names.items() if address in leads_to
    ]
    for name, address, fetch in zip(names, every, fetches, strict=True):
        assert (fetch.status == 200) is (address in leads_to)
        assert fetch.out_of_reach is (address not in leads_to)
        assert (fetch.failure or "").endswith("" if address in leads_to else f"; it is that of {name}")


def test_what_is_told_of_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"api.test": [[PUBLIC]], "images.test": [[OTHER, PRIVATE]]}
    (fetch,), wire = fetched(monkeypatch, names, "http://images.test/1")
    private = f"{PRIVATE} is a private or reserved address, {ONLY}; it is that of images.test"
    assert fetch.failure == f"could not be fetched from here: {private}"
    assert wire.called == [PUBLIC]
    (fetch,), wire = fetched(monkeypatch, {"api.test": [[PUBLIC]]}, "http://127.0.0.1:9/1")
    assert fetch.failure == f"could not be fetched from here: 127.0.0.1 is a loopback address, {ONLY}"
    assert wire.called == [PUBLIC]


def test_the_address_that_is_checked_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"api.test": [[PUBLIC]], "images.test": [[OTHER], [METADATA]]}
    (fetch,), wire = fetched(monkeypatch, names, "http://images.test/1")
    assert (fetch.status, wire.called) == (200, [PUBLIC, OTHER])


@pytest.mark.parametrize("port", [80, 9])
def test_the_targets_own_name_may_not_lead_elsewhere_later(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    names = {"api.test": [[PUBLIC], [PUBLIC], [METADATA]]}
    (fetch,), wire = fetched(monkeypatch, names, f"http://api.test:{port}/latest/meta-data/")
    assert (fetch.out_of_reach, wire.called) == (True, [PUBLIC])


@pytest.mark.parametrize("own", [PUBLIC, PRIVATE, LOOPBACK, METADATA])
def test_the_targets_own_addresses_are_always_allowed(monkeypatch: pytest.MonkeyPatch, own: str) -> None:
    (fetch,), wire = fetched(monkeypatch, {"api.test": [[own]]}, "http://api.test:9/1")
    assert (fetch.status, wire.called) == (200, [own, own])


@pytest.mark.parametrize("to", ["http://169.254.169.254/1", "http://inside.test/1", "//127.0.0.1:9/1"])
def test_each_redirect_is_checked(monkeypatch: pytest.MonkeyPatch, to: str) -> None:
    names = {"api.test": [[PUBLIC]], "images.test": [[OTHER]], "inside.test": [[PRIVATE]]}
    (fetch,), wire = fetched(monkeypatch, names, to, redirect="http://images.test/redirect")
    assert (fetch.out_of_reach, wire.called) == (True, [PUBLIC, OTHER])


@pytest.mark.parametrize(
    "to", ["ws://images.test/1", "wss://images.test/1", "ftp://images.test/1", "file:///etc/passwd"]
)
def test_a_redirect_leads_to_the_web_or_nowhere(monkeypatch: pytest.MonkeyPatch, to: str) -> None:
    names = {"api.test": [[PUBLIC]], "images.test": [[OTHER]]}
    (fetch,), wire = fetched(monkeypatch, names, to, redirect="http://images.test/redirect")
    assert "the URL can't be called" in (fetch.failure or "")
    assert wire.called == [PUBLIC, OTHER]


def test_an_address_that_is_down_leaves_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"api.test": [["2606:4700::1111", PUBLIC]]}
    (fetch,), wire = fetched(monkeypatch, names, "http://api.test/1", down=("2606:4700::1111",))
    assert (fetch.status, wire.called) == (200, ["2606:4700::1111", PUBLIC] * 2)


def test_tls_is_spoken_with_the_name() -> None:
    class Stream(httpcore.AsyncNetworkStream):
        async def start_tls(self, *_: Any, server_hostname: str | None = None, **__: Any) -> Any:  # noqa: ANN401 - the library's own
            raise httpcore.ConnectError(f"as {server_hostname}")

    class Wire(httpcore.AsyncNetworkBackend):
        async def connect_tcp(self, host: str, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:  # noqa: ANN401 - as above
            assert host == PUBLIC
            return Stream()

    async def call() -> None:
        guard = Guard("https://api.test/v1", Names({"api.test": [[PUBLIC]]}), Wire())
        async with httpcore.AsyncConnectionPool(network_backend=guard) as pool:
            await pool.request("GET", "https://api.test/v1")

    with pytest.raises(httpcore.ConnectError, match=r"^as api\.test$"):
        asyncio.run(call())


def test_a_proxy_is_used_as_the_environment_says_but_not_to_get_to_such_an_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = "http://unknown.invalid/1"

    def answer(received: Received) -> Reply:
        return lead_to(url)(received)

    with serving(answer) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
        monkeypatch.setenv("NO_PROXY", "")
        assert _exchange("http://api.invalid/v1").fetches[0].status == 200
        assert [received.path for received in proxy.received] == ["http://api.invalid/v1/images/generations", url]
        url = "http://169.254.169.254/1"
        assert _exchange("http://api.invalid/v1").fetches[0].out_of_reach
        assert url not in [received.path for received in proxy.received]


def test_a_server_whose_images_are_not_fetched_is_told_so_and_not_accused() -> None:
    only = "createImage/response/data/items/url/*"
    app = create_app(Behaviour(build_url=lambda _, name, __: f"http://169.254.169.254/{name}"))
    with listening(app) as (url, _):
        chosen = evolve(settings(only), target=Target(url))
        judged = by_rule(asyncio.run(run.run(chosen, prepared(chosen.only, None))))
    outcomes = {rule.rpartition("/")[2]: (verdict.outcome, verdict.message) for rule, verdict in judged.items()}
    said = "169.254.169.254 is a link-local or metadata address, where the suite never goes"
    assert outcomes["fetchable"] == outcomes["image"] == ("blocked", f"could not be fetched from here: {said}")
    assert outcomes["absolute"][0] == "pass"
