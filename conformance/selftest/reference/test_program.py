"""The server as a program: how it starts, what it says, how it ends, and large bodies over a real connection."""

import errno
import os
import signal
import socket
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from conformance.reference.__main__ import main
from conformance.selftest.reference.running import MOCK, SECONDS, command, environment, program
from conformance.selftest.reference.server import PROMPT, SMALL, images, opened, png, refusal

KEY = "reference-key-77aa"
QUESTION = {"prompt": PROMPT, "size": SMALL}


def test_it_says_where_it_listens_and_answers_there() -> None:
    with program(key="") as running:  # an empty key is none
        assert running.url.startswith("http://127.0.0.1:")
        assert running.url.endswith("/v1")
        (item,) = images(httpx.post(running.url + "/images/generations", json=QUESTION))
        assert item["url"].startswith(running.url)
        assert opened(httpx.get(item["url"]).content).size == (256, 256)


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_the_url_of_an_ipv6_host_has_brackets() -> None:
    with program("--host", "::1", "--port", "0") as running:
        assert running.url.startswith("http://[::1]:")
        (item,) = images(httpx.post(running.url + "/images/generations", json=QUESTION))
        assert httpx.get(item["url"]).is_success


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_quietly(number: signal.Signals) -> None:
    with program() as running:
        httpx.post(running.url + "/images/generations", json=QUESTION)
        running.process.send_signal(number)
        output, errors = running.process.communicate(timeout=SECONDS)
        assert (running.process.returncode, output, errors) == (0, "", "")


def test_a_daemon_may_have_closed_what_it_writes_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    with subprocess.Popen(  # noqa: S603 - this very interpreter
        ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command("--port", port, module=MOCK)], env=environment()
    ) as process:
        try:
            answered = httpx.HTTPTransport(retries=7)  # 31 seconds in sum
            with httpx.Client(transport=answered) as client:
                assert client.get(f"http://127.0.0.1:{port}/healthz").is_success
        finally:
            process.kill()


def test_a_server_that_nobody_listens_to_serves_all_the_same() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    with (
        open("/dev/full", "wb") as full,  # noqa: PTH123 - no file
        subprocess.Popen(  # noqa: S603 - this very interpreter
            command("--port", port, module=MOCK), env=environment(), stdout=full, stderr=subprocess.PIPE
        ) as process,
    ):
        answered = httpx.HTTPTransport(retries=7)  # 31 seconds in sum
        with httpx.Client(transport=answered) as client:
            assert client.get(f"http://127.0.0.1:{port}/healthz").is_success
        process.terminate()
        _, errors = process.communicate(timeout=SECONDS)
        assert (process.returncode, b"Error" in errors) == (0, False)


def test_a_port_in_use_is_told_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(  # noqa: S603 - this very interpreter
            command("--port", port), env=environment(), capture_output=True, text=True, timeout=SECONDS, check=False
        )
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == f"conformance.reference: cannot listen on 127.0.0.1 port {port}: {os.strerror(errno.EADDRINUSE)}\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "x"),
        ("--port", "-1"),
        ("--port", "65536"),
        ("--port", "٣"),
        ("--nothing",),
        ("extra",),
        ("--host", "192.0.2.1"),
    ],
    ids=" ".join,
)
def test_a_bad_argument_is_told_in_one_sentence(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith("conformance.reference: ")
    assert errors.count("\n") == 1


def test_the_key_comes_from_the_environment_and_is_shown_nowhere() -> None:
    with program(key=KEY) as running:
        url = running.url + "/images/generations"
        refused = httpx.post(url, json=QUESTION, headers={"Authorization": "Bearer wrong-key"})
        assert refusal(refused, 401)["code"] == "invalid_api_key"
        images(httpx.post(url, json=QUESTION, headers={"Authorization": f"Bearer {KEY}"}))
        httpx.get(running.url + f"/?key={KEY}")
        running.process.send_signal(signal.SIGTERM)
        output, errors = running.process.communicate(timeout=SECONDS)
        assert KEY not in output + errors + refused.text
        assert "wrong-key" not in output + errors


def test_large_bodies_are_refused_without_breaking_the_connection() -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield bytes(1024 * 1024)

    with program(key=KEY) as running, httpx.Client(headers={"Authorization": f"Bearer {KEY}"}) as client:
        url = running.url + "/images/edits"
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        refusal(client.post(url, content=bytes(20 * 1024 * 1024), headers=headers), 413)
        refusal(client.post(url, content=chunks(), headers=headers), 413)
        refusal(httpx.post(url, content=bytes(8 * 1024 * 1024), headers=headers), 401)
        answer = client.post(url, data=QUESTION, files={"image": png(), "mask": png()})
        assert images(answer)


def test_a_connection_that_breaks_off_leaves_no_trace() -> None:
    with program() as running:
        port = int(running.url.removesuffix("/v1").rsplit(":", 1)[1])
        head = b"POST /v1/images/generations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        for request in (head + b"Content-Length: 9\r\n\r\n{", b"\x00\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(request)
        images(httpx.post(running.url + "/images/generations", json=QUESTION))
        running.process.send_signal(signal.SIGTERM)
        _, errors = running.process.communicate(timeout=SECONDS)
        assert "Traceback" not in errors
