"""The Python program of a request: run by Python itself, it makes the very same request."""

import json
import re
from collections.abc import Generator
from email.message import Message
from pathlib import Path

import pytest

from conformance.reference import create_app
from conformance.selftest.suite import forms
from conformance.selftest.suite.loopback import Reply, serving
from conformance.selftest.suite.loopback import Server as Loopback
from conformance.selftest.suite.runs import contract, operation, plan
from conformance.selftest.suite.test_curl import HARD, KEY, NAMES, REQUESTS, ROUTE, TEAM
from conformance.suite.exchange.encoding import encode
from conformance.suite.exchange.request import Raw, Request
from conformance.suite.images import IMAGES
from conformance.suite.report.curl import command
from conformance.suite.report.page.snippet import Server, snippet
from conformance.suite.settings import Target
from scripts.serving import served

HEADERS = {"!X-Route-To": "", "X-Team": TEAM}
ANSWER = Reply(200, b'{"created": 1, "data": []}', {"content-type": "application/json"})
CLIENT = "from openai_images_client.api.images import create_image"


def program(request: Request, url: str = "http://h/v1", headers: dict[str, str] | None = None) -> str:
    made = Server(url, HEADERS if headers is None else headers, key=True, insecure=False, seconds=20.0)
    return snippet(request, operation(request.operation), made, NAMES, IMAGES.client)


def run(text: str) -> None:
    exec(compile(text, "snippet", "exec"), {})  # noqa: S102 - the program is what is tested


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"OPENAI_API_KEY": KEY, "X_ROUTE_TO": ROUTE, "_2FA": ROUTE, "AUTHORIZATION": ROUTE}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def server() -> Generator[Loopback]:
    with serving(lambda _: ANSWER) as made:
        yield made


def store(request: Request) -> None:
    """Store the files of a request as a report does."""
    command(request, operation(request.operation), Target("http://h/v1"), NAMES, Path("uploads"))


def same(request: Request, received_type: str, body: bytes) -> None:
    """Assert that a body says what the suite would have sent."""
    made = encode(request, operation(request.operation), NAMES)
    raw = request.raw
    if raw.body is not None or raw.damage is not None or raw.content_type is not None:
        assert (received_type, body) == (made.content_type, made.body)
    elif operation(request.operation).is_form:
        assert parts(received_type, body) == parts(made.content_type or "", made.body)
    else:
        assert (received_type, json.loads(body)) == (made.content_type, json.loads(made.body))


def parts(content_type: str, body: bytes) -> list[tuple[str, str, str, bytes]]:
    """Return the parts of a form in whatever order; that a plain value is text may be said or not."""
    found = forms.parse(content_type, body)
    return sorted((p.name, p.filename or "", p.content_type or "text/plain", p.content) for p in found)


@pytest.mark.parametrize("name", REQUESTS)
def test_reproduces_the_request(name: str, server: Loopback, capsys: pytest.CaptureFixture[str]) -> None:
    request = REQUESTS[name]
    store(request)
    run(program(request, server.url))
    received = server.received[-1]
    assert capsys.readouterr().out.startswith("200 ")
    made = encode(request, operation(request.operation), NAMES)
    assert (received.method, received.path) == (made.method, f"/v1{made.path}")
    headers: Message = received.headers
    assert (headers["authorization"], headers["x-route-to"]) == (f"Bearer {KEY}", ROUTE)
    assert headers["x-team"] == TEAM
    same(request, headers["content-type"], received.body)


def test_every_planned_request_is_a_program_and_the_client_makes_those_that_it_can() -> None:
    for planned in plan().exchanges:
        text = program(planned.request)
        compile(text, "snippet", "exec")
        odd = any(value is None or isinstance(value, float) for value in planned.request.fields.values())
        assert odd or not (planned.valid and planned.request.raw.is_plain) or "openai_images_client" in text
        assert KEY not in text


@pytest.mark.parametrize(
    ("fields", "by_client"),
    [
        ({}, True),
        ({"n": 11, "size": None}, True),
        ({"n": "two"}, False),
        ({"n": 1.5}, False),
        ({"n": True}, False),
        ({"size": "1x1"}, False),
        ({"model": "anything"}, True),
        ({"prompt": ["text"]}, False),
        ({"user": None}, False),
        ({"unknown": 1}, False),
    ],
)
def test_what_the_types_of_the_client_forbid_is_sent_without_it(fields: dict[str, object], *, by_client: bool) -> None:
    text = program(Request("createImage", {"prompt": HARD, **fields}))
    assert (CLIENT in text, "httpx.request(" in text) == (by_client, not by_client)


def test_a_request_without_what_is_required_is_sent_without_the_client() -> None:
    assert "httpx.request(" in program(Request("createImage", {"n": 1}))


@pytest.mark.parametrize(("authorization", "expected"), [("", None), ("Bearer wrong", "Bearer wrong")])
def test_reproduces_credentials(authorization: str, expected: str | None, server: Loopback) -> None:
    run(program(Request("createImage", {"prompt": "otter"}, Raw(authorization=authorization)), server.url))
    assert server.received[-1].headers["authorization"] == expected


def test_reproduces_the_headers_of_the_user(server: Loopback) -> None:
    own = {"ACCEPT": "text/json", "!2FA": "", "User-Agent": "mine", "Authorization": "", "Content-Type": "text/x"}
    run(program(Request("createImage", {"prompt": "otter"}), server.url, own))
    headers = server.received[-1].headers
    assert headers.get_all("accept") == ["text/json"]
    assert (headers["2fa"], headers["authorization"], headers["user-agent"]) == (ROUTE, ROUTE, "mine")
    assert headers.get_all("content-type") == ["application/json"]


def test_a_server_without_a_certificate_that_is_checked_and_without_a_key() -> None:
    made = Server("https://h/v1", {}, key=False, insecure=True, seconds=180.0)
    for fields, unchecked in (({"prompt": "otter"}, "verify_ssl=False"), ({}, "verify=False")):
        text = snippet(Request("createImage", fields), contract().operations["createImage"], made, {}, IMAGES.client)
        assert f"    {unchecked},\n    timeout=180,\n" in text
        assert not re.search("environ|Authenticated", text)


def test_an_api_without_a_client_is_called_without_one() -> None:
    made = Server("https://h/v1", {}, key=False, insecure=False, seconds=180.0)
    text = snippet(Request("createImage", {"prompt": "otter"}), operation(), made, {}, None)
    assert text.startswith("import httpx\n\nanswer = httpx.request(\n    'POST',\n")


@pytest.mark.parametrize("name", ["JSON", "form"])
def test_the_reference_server_answers_it(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    request = Request(REQUESTS[name].operation, {**REQUESTS[name].fields, "model": "other", "n": 1})
    store(request)
    with served(create_app()) as url:
        text = program(request, url)
        run(text.replace("'other'", "'dall-e-2'"))
    assert "openai_images_client" in text
    assert capsys.readouterr().out.startswith("200 b'{")
