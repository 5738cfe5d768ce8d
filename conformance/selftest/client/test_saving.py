"""An image becomes a file only if it is one, all of it or nothing, and no host of a URL learns anything of the key."""

import base64
import gzip
import os
import threading
from collections.abc import Callable, Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import attrs
import pytest
from openai_images_client.models import Image
from openai_images_helpers import ImageFileError, save

PNG = b"\x89PNG\r\n\x1a\n" + b"1" * 1000
KINDS = [PNG, b"\xff\xd8\xff\xe0" + b"2" * 100, b"RIFF\x10\x00\x00\x00WEBPVP8 "]


@attrs.define
class Host:
    """Serves images at paths of its own, and keeps the headers of what it is asked."""

    url: str
    pages: dict[str, tuple[int, dict[str, str], bytes]]
    headers: list[dict[str, str]]


@pytest.fixture
def host() -> Generator[Host]:
    """Serve on loopback as another program does, since files are fetched without the client and its transport."""
    found = Host("", {}, [])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.headers.append({name.lower(): value for name, value in self.headers.items()})
            status, headers, content = found.pages.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(content)
            except OSError:
                return  # the client has had enough

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - the name of the base

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield found
        server.shutdown()
        thread.join()


def encoded(content: bytes) -> Image:
    return Image(b64_json=base64.b64encode(content).decode())


@pytest.mark.parametrize("content", KINDS)
def test_image_in_the_answer(content: bytes, tmp_path: Path) -> None:
    save(encoded(content), tmp_path / "otter")
    assert (tmp_path / "otter").read_bytes() == content
    save(encoded(PNG), str(tmp_path / "otter"))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [PNG]


def test_file_has_the_rights_of_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    save(encoded(PNG), tmp_path / "otter.png")
    assert (tmp_path / "otter.png").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_image_at_a_url_is_fetched_without_any_secret(host: Host, tmp_path: Path) -> None:
    host.pages = {
        "/1": (302, {"Location": "/2", "Set-Cookie": "a=b"}, b"x" * 100_000),
        "/2": (200, {"Content-Type": "text/plain"}, PNG),
    }
    save(Image(url=f"{host.url}/1"), tmp_path / "otter.png")
    assert (tmp_path / "otter.png").read_bytes() == PNG
    plain = {"accept", "accept-encoding", "connection", "host", "user-agent"}
    assert [headers.keys() - {"cookie"} for headers in host.headers] == [plain, plain]


def bomb(_host: Host) -> Image:
    """Make an image of a zip bomb in the clothes of one."""
    return encoded(gzip.compress(bytes(100_000)))


def page(status: int, headers: dict[str, str], content: bytes) -> Callable[[Host], Image]:
    def made(host: Host) -> Image:
        host.pages["/1"] = (status, headers, content)
        return Image(url=f"{host.url}/1")

    return made


REFUSED: list[tuple[Callable[[Host], Image], str]] = [
    (lambda _: Image(), "neither b64_json nor url"),
    (lambda _: Image(b64_json="data:image/png;base64,iVBORw0KGgo="), "not base64"),
    (lambda _: Image(b64_json="\N{SNOWMAN}"), "not base64"),
    (lambda _: Image(b64_json="iVBORw0KGg"), "not base64"),
    (lambda _: encoded(b""), "neither b64_json nor url"),
    (lambda _: encoded(b"<html>"), "not a PNG, JPEG or WebP image"),
    (lambda _: encoded(b"RIFF\x10\x00\x00\x00WAVEfmt "), "not a PNG, JPEG or WebP image"),
    (bomb, "not a PNG, JPEG or WebP image"),
    (lambda _: encoded(PNG + bytes(2000)), "larger than 2000 bytes"),
    (lambda _: Image(url="file:///etc/passwd"), "could not be fetched: UnsupportedProtocol"),
    (lambda _: Image(url="/images/1.png"), "could not be fetched: UnsupportedProtocol"),
    (lambda _: Image(url="http://127.0.0.1:x/"), "could not be fetched: InvalidURL"),
    (lambda _: Image(url="http://a..b/"), "could not be fetched: Unicode"),
    (lambda _: Image(url="http://127.0.0.1:1/\ud800"), "could not be fetched: UnicodeEncodeError"),
    (lambda _: Image(url="http://127.0.0.1:1/"), "could not be fetched: ConnectError"),
    (page(404, {}, PNG), "status 404"),
    (page(204, {}, b""), "not a PNG, JPEG or WebP image"),
    (page(200, {"Content-Type": "image/png"}, b"<html>"), "not a PNG, JPEG or WebP image"),
    (page(200, {"Content-Encoding": "gzip"}, gzip.compress(PNG)), "not a PNG, JPEG or WebP image"),
    (page(200, {}, PNG + bytes(2000)), "larger than 2000 bytes"),
    (page(200, {"Content-Length": "5000"}, PNG), "could not be fetched: RemoteProtocolError"),
    (page(302, {"Location": "/1"}, b""), "redirected more than 5 times"),
    (page(302, {"Location": "file:///etc/passwd"}, b""), "could not be fetched: UnsupportedProtocol"),
]


@pytest.mark.parametrize(("image", "words"), REFUSED)
def test_anything_else_is_refused_and_leaves_nothing(
    image: Callable[[Host], Image], words: str, host: Host, tmp_path: Path
) -> None:
    (tmp_path / "otter.png").write_bytes(b"before")
    with pytest.raises(ImageFileError, match=words) as raised:
        save(image(host), tmp_path / "otter.png", max_bytes=2000)
    assert "\n" not in str(raised.value)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"otter.png": b"before"}


@pytest.mark.parametrize("empty", [None, ""])
def test_image_at_a_url_beside_an_empty_b64_json(empty: str | None, host: Host, tmp_path: Path) -> None:
    image = Image.from_dict({"b64_json": empty, "url": page(200, {}, PNG)(host).url})
    save(image, tmp_path / "otter.png")
    assert (tmp_path / "otter.png").read_bytes() == PNG


def test_image_as_large_as_allowed(host: Host, tmp_path: Path) -> None:
    for image in (encoded(PNG), page(200, {}, PNG)(host)):
        save(image, tmp_path / "otter.png", max_bytes=len(PNG))
        assert (tmp_path / "otter.png").read_bytes() == PNG


def test_file_that_can_not_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        save(encoded(PNG), tmp_path / "absent" / "otter.png")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        save(encoded(PNG), tmp_path / "folder")
    assert os.listdir(tmp_path) == ["folder"]  # noqa: PTH208 - the names
