"""How a server is reached: certificates, and http where https is due, are told before anything is asked for."""

import json
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.__main__ import main
from conformance.selftest.suite.loopback import Received, Reply, serving

CERTIFICATES = Path(__file__).with_name("certificates")
QUICK = ("--examples", "0", "--only", "createImage/accepted,createImage/response/data/items/url/fetchable")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run in an empty folder, without the settings of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "IMAGES_HEADERS", "IMAGES_MAKE_VARIABLES", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one sentence that was said, beside what was checked."""
    checking, line = capsys.readouterr().err.splitlines()
    assert checking.startswith("checking http")
    return line.removeprefix("images-conformance: ")


@pytest.mark.parametrize(
    ("name", "trusted", "what"),
    [
        ("self_signed", False, "its certificate is self-signed"),
        ("unknown_issuer", False, "its certificate is from an issuer that is not known here"),
        ("expired", True, "its certificate has expired"),
        ("other_host", True, "its certificate is for another address"),
    ],
)
def test_what_is_wrong_with_a_certificate(
    name: str, *, trusted: bool, what: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = CERTIFICATES / f"{name}.pem"
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(certificate=certificate) as server:
        assert main([server.url, *QUICK]) == 2
        expected = f"{server.url} can't be trusted: {what}; "
        assert said(capsys) == f"{expected}mend that, name its issuer in SSL_CERT_FILE, or give --insecure."
        assert server.received == []


def pointing(request: Received) -> Reply:
    """Answer with the URL of an image on the same server."""
    if request.method != "POST":
        return Reply(200, b"no image")
    url = f"https://{request.headers['host']}/image.png"
    return Reply(200, json.dumps({"created": 1, "data": [{"url": url}]}).encode())


def test_a_certificate_need_not_be_checked(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(pointing, CERTIFICATES / "self_signed.pem") as server:
        assert main([server.url, *QUICK, "--insecure"]) == 0
    paths = {(request.method, request.path) for request in server.received}
    assert {("POST", "/v1/images/generations"), ("GET", "/image.png")} <= paths
    report = json.loads(Path("report/report.json").read_text(encoding="utf-8"))
    assert report["target"]["certificate_checked"] is False
    assert {verdict["outcome"] for verdict in report["verdicts"]} == {"pass"}
    assert "(certificate not checked)" in capsys.readouterr().out
    assert "certificate not checked" in Path("report/report.html").read_text(encoding="utf-8")
    assert main(["--judge", "report/recording.ndjson", *QUICK]) == 0
    again = json.loads(Path("report/report.json").read_text(encoding="utf-8"))
    assert again["target"]["certificate_checked"] is False


def test_the_curl_command_checks_no_certificate_either() -> None:
    with serving(lambda _: Reply(400), CERTIFICATES / "self_signed.pem") as server:
        assert main([server.url, *QUICK, "--insecure"]) == 1
    report = json.loads(Path("report/report.json").read_text(encoding="utf-8"))
    assert any(str(verdict["curl"]).startswith("curl -sS -k -X POST https://") for verdict in report["verdicts"])


def test_http_where_https_is_due(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(certificate=CERTIFICATES / "self_signed.pem") as server:
        url = server.url.replace("https://", "http://")
        assert main([url, *QUICK]) == 2
        assert said(capsys) == f"{url} speaks https, not http; call it {server.url}."
        assert server.received == []


@contextmanager
def plain() -> Generator[str]:
    """Serve plain HTTP that answers whatever comes at once, as most servers do."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    status = b"200 OK" if connection.recv(65536).startswith(b"HEAD") else b"400 Bad Request"
                    connection.sendall(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"://127.0.0.1:{listening.getsockname()[1]}/v1"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_https_where_http_is_due(capsys: pytest.CaptureFixture[str]) -> None:
    with plain() as rest:
        assert main([f"https{rest}", *QUICK]) == 2
        assert said(capsys) == f"https{rest} speaks http, not https; call it http{rest}."
