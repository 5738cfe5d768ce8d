"""The example program: it uses all three operations in both ways, and says what came back."""

import asyncio

import httpx
import pytest

from conformance.selftest.client.wire import TOKEN, Server
from scripts import example_client
from scripts.example_client import all_at_once, main, one_after_the_other, report

PATHS = {f"/v1/images/{name}" for name in ("generations", "edits", "variations")}

ERROR = b'{"error": {"message": "No.", "type": "invalid_request_error", "param": "n", "code": null}}'


def test_all_operations_are_called_in_both_ways(capsys: pytest.CaptureFixture[str]) -> None:
    server = Server()
    assert report(one_after_the_other(server.client()))
    assert {request.url.path for request in server.requests} == PATHS
    server.requests.clear()
    assert report(asyncio.run(all_at_once(server.client())))
    assert {request.url.path for request in server.requests} == PATHS
    assert capsys.readouterr().out == "200: 1 image(s) made at 1589478378: at https://images.test/1.png\n" * 6


@pytest.mark.parametrize(
    ("status", "content", "line"),
    [
        (400, ERROR, "400: invalid_request_error: No. (param n, code None)"),
        (502, b"<html>", "502: not an answer of this API: b'<html>'"),
    ],
)
def test_other_answers_are_told_apart(
    status: int, content: bytes, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not report(one_after_the_other(Server(status, content).client()))
    assert capsys.readouterr().out == f"{line}\n" * 3


def test_no_server(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(_client: object) -> None:
        message = "refused"
        raise httpx.ConnectError(message)

    monkeypatch.setattr(example_client, "one_after_the_other", refuse)
    assert main() == 2
    assert capsys.readouterr().err == "example_client: no answer: ConnectError('refused')\n"


def test_key_that_can_not_be_sent(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f"{TOKEN}\n")
    assert main() == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("example_client: OPENAI_API_KEY: the token has white space at an end")
    assert TOKEN not in line
