"""The command that reproduces a request: run by curl itself, it makes the very same request."""

import json
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from conformance.selftest.suite import forms
from conformance.selftest.suite.loopback import Received, Reply, serving
from conformance.selftest.suite.runs import operation
from conformance.suite.exchange.encoding import encode
from conformance.suite.exchange.request import Damage, Raw, Request
from conformance.suite.exchange.upload import Text, Upload
from conformance.suite.images.files import CLEAR
from conformance.suite.images.pictures import Picture, png
from conformance.suite.report.curl import command
from conformance.suite.sending.sender import headers_of
from conformance.suite.settings import Target

KEY = "sk-selftest-secret"
ROUTE = "route-secret"
TEAM = "the 'a' $team"
NAMES = {"model": {"dall-e-2": "own 'model'"}}
NEEDS_CURL = pytest.mark.skipif(shutil.which("curl") is None, reason="runs curl")
HARD = 'It\'s "quoted" $HOME `id` \\ \N{OTTER}\n@file;type=x, --data'


def json_request(*, raw: Raw | None = None, **fields: object) -> Request:
    return Request("createImage", {"prompt": "otter", **fields}, raw or Raw())


def form_request(*, raw: Raw | None = None, **fields: object) -> Request:
    return Request("createImageEdit", {"image": CLEAR, "prompt": "otter", **fields}, raw or Raw())


REQUESTS = {
    "JSON": json_request(n=2, size=None, model="dall-e-2"),
    "hard text": json_request(prompt=HARD),
    "text that begins with @": json_request(prompt="@/etc/hostname"),
    "4000 otters": json_request(prompt="\N{OTTER}" * 4000),
    "form": form_request(n=2, model="dall-e-2"),
    "hard text in a form": form_request(prompt=HARD),
    "text in a form that begins with @": form_request(prompt="@/etc/hostname", user="<b"),
    "two files": form_request(mask=png(Picture(128, 128, hole=True))),
    "file with another label": form_request(
        image=Upload(Picture(), "/home/otter/My pictures/otter (1).png", "application/octet-stream")
    ),
    "text file": form_request(image=Upload(Text(), "image.png", "image/png")),
    "broken body": json_request(raw=Raw(body=b'{"prompt', content_type="application/json")),
    "long body": json_request(raw=Raw(body=b"[" * 50_000, content_type="application/json")),
    "body that begins with @": json_request(raw=Raw(body=b"@/etc/hostname", content_type="text/plain")),
    "binary body": json_request(raw=Raw(body=b"\xff\x00\n", content_type="application/json")),
    "empty body": json_request(raw=Raw(body=b"", content_type="application/json")),
    "cut body": json_request(n=2, raw=Raw(damage=Damage(keep=0.6))),
    "cut form": form_request(model="dall-e-2", raw=Raw(damage=Damage(keep=0.9))),
    "deep body": json_request(model="dall-e-2", raw=Raw(damage=Damage(b'"other": ' + b"[" * 50_000))),
    "no UTF-8": json_request(raw=Raw(damage=Damage(b'"user": "\xff"'))),
    "form without a boundary": form_request(raw=Raw(content_type="multipart/form-data")),
    "other method": json_request(raw=Raw(method="PUT")),
    "other path": json_request(raw=Raw(path="/images/generations/no-such-path")),
}


def run(request: Request, tmp_path: Path, headers: dict[str, str] | None = None) -> tuple[Received, str]:
    """Run the command of a request in a shell, in the report's folder; returns what arrived and what was printed."""
    out = tmp_path / "a report"
    out.mkdir()
    headers = {"!X-Route-To": ROUTE, "X-Team": TEAM} if headers is None else headers
    with serving(lambda _: Reply(418, b"{}")) as server:
        target = Target(server.url, KEY, headers)
        text = command(request, operation(request.operation), target, NAMES, out / "up loads")
        variables = {"OPENAI_API_KEY": KEY, "X_ROUTE_TO": ROUTE, "_2FA": ROUTE, "AUTHORIZATION": ROUTE}
        environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", **variables}
        ran = subprocess.run(  # noqa: S603 - the command is what is tested
            ["sh", "-c", text],  # noqa: S607
            env=environment,
            check=True,
            capture_output=True,
            timeout=20,
            cwd=out,
        )
    (received,) = server.received
    return received, ran.stdout.decode()


@NEEDS_CURL
@pytest.mark.parametrize("name", REQUESTS)
def test_reproduces_the_request(name: str, tmp_path: Path) -> None:
    request = REQUESTS[name]
    received, printed = run(request, tmp_path)
    assert printed == "{}\n418\n"
    assert received.headers.get_all("accept") == [headers_of(Target(""))["accept"]]
    made = encode(request, operation(request.operation), NAMES)
    assert (received.method, received.path) == (made.method, f"/v1{made.path}")
    assert (received.headers["authorization"], received.headers["x-route-to"]) == (f"Bearer {KEY}", ROUTE)
    assert received.headers["x-team"] == TEAM
    sent = received.headers["content-type"]
    if sent.startswith("multipart/form-data") and request.raw.is_plain:
        assert forms.parse(sent, received.body) == forms.parse(made.content_type or "", made.body)
    elif request.raw.body is None and request.raw.damage is None and not operation(request.operation).is_form:
        assert (sent, json.loads(received.body)) == (made.content_type, json.loads(made.body))
    else:
        assert (sent, received.body) == (made.content_type, made.body)


@NEEDS_CURL
@pytest.mark.parametrize(
    ("authorization", "expected"), [("", None), ("Bearer wrong", "Bearer wrong"), ("Bearer", "Bearer")]
)
def test_reproduces_credentials(authorization: str, expected: str | None, tmp_path: Path) -> None:
    received, _ = run(json_request(raw=Raw(authorization=authorization)), tmp_path)
    assert received.headers["authorization"] == expected


@NEEDS_CURL
@pytest.mark.parametrize("body", [b"{}", None])
def test_reproduces_a_body_without_a_media_type(body: bytes | None, tmp_path: Path) -> None:
    received, _ = run(json_request(raw=Raw(body=body, content_type="")), tmp_path)
    assert (received.headers["content-type"], received.body) == (None, body or b'{"prompt": "otter"}')


@NEEDS_CURL
@pytest.mark.parametrize("authorization", [None, "", "Bearer wrong"])
def test_reproduces_the_headers_of_the_user(authorization: str | None, tmp_path: Path) -> None:
    own = {"ACCEPT": "text/json", "!2FA": ROUTE, "X-Empty": "", "User-Agent": "mine"}
    replaced = {"Authorization": ROUTE, "Content-Type": "text/x"}
    received, _ = run(json_request(raw=Raw(authorization=authorization)), tmp_path, {**own, **replaced})
    for name, value in own.items():
        assert received.headers.get_all(name.removeprefix("!")) == [value]
    expected = ROUTE if authorization is None else authorization
    assert received.headers.get_all("authorization") == ([expected] if expected else None)
    assert received.headers.get_all("content-type") == ["application/json"]


@pytest.mark.parametrize("name", REQUESTS)
def test_holds_no_secret(name: str, tmp_path: Path) -> None:
    request = REQUESTS[name]
    target = Target("http://reference.test/v1", KEY, {"!X-Route-To": ROUTE, "X-Team": TEAM})
    text = command(request, operation(request.operation), target, NAMES, tmp_path)
    assert KEY not in text
    assert ROUTE not in text
    assert shlex.split(text)[:4] == ["curl", "-sS", "-X", request.raw.method or "POST"]


def test_a_header_that_holds_the_key_is_a_variable(tmp_path: Path) -> None:
    target = Target(f"http://reference.test/{KEY}/v1", KEY, {"X-Debug": f"key={KEY}", "X-Access-Token": ROUTE})
    text = command(REQUESTS["JSON"], operation(), target, NAMES, tmp_path)
    assert '-H "X-Debug: $X_DEBUG" -H "X-Access-Token: $X_ACCESS_TOKEN"' in text
    assert KEY not in text
    assert ROUTE not in text


def test_without_a_key_none_is_named(tmp_path: Path) -> None:
    text = command(REQUESTS["JSON"], operation(), Target("http://reference.test/v1"), NAMES, tmp_path)
    assert "Authorization" not in text


def test_equal_files_are_stored_once(tmp_path: Path) -> None:
    request = form_request(mask=CLEAR)
    for _ in range(2):
        command(request, operation(request.operation), Target("http://reference.test/v1"), NAMES, tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_files_are_named_as_seen_from_the_folder_of_the_report(tmp_path: Path) -> None:
    text = command(form_request(), operation("createImageEdit"), Target("http://h/v1"), NAMES, tmp_path / "uploads")
    assert str(tmp_path) not in text
    (named,) = [word for word in shlex.split(text) if word.startswith("image=@uploads/")]
    assert (tmp_path / named.removeprefix("image=@").partition(";")[0]).read_bytes() == CLEAR.encode()
