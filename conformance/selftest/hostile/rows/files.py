"""Servers whose answers point to files that are none, or that lead astray; and those that take all the time."""

from __future__ import annotations

import asyncio
import io
import struct
import zlib
from base64 import b64encode

from PIL import Image

from conformance.selftest.hostile.rows import CANNOT, FAILS, FILES, PASSES, Hostile
from conformance.selftest.hostile.server import Answer, Asked, answered, http, pictures, trickled

_ABOUT = "createImageVariation/response/data/items/url/"
_ABSOLUTE, _FETCHABLE, _IMAGE = f"{_ABOUT}absolute", f"{_ABOUT}fetchable", f"{_ABOUT}image"
_CONTENT = "createImageVariation/response/data/items/b64_json/"
_B64, _BASE64 = f"{_CONTENT}image", f"{_CONTENT}base64"
_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png(width: int, height: int, rows: int, *more: bytes) -> bytes:
    """Return a grey PNG that says it is of this size, and has so many rows."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(width + 1) * rows)
    return _PNG + b"".join((_chunk(b"IHDR", header), *more, _chunk(b"IDAT", data), _chunk(b"IEND", b"")))


def _file(name: str, content: bytes, fails: str = _IMAGE, says: str = "") -> Hostile:
    sent = http(content, b"Content-Type: image/png")
    return Hostile(name, pictures(sent), FAILS, fails, says, FILES)


def _url(name: str, url: str, fails: str = _ABSOLUTE, file: Answer = b"") -> Hostile:
    return Hostile(name, pictures(file, url), FAILS, fails, rules=FILES)


async def _hop(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Redirect to a URL that is another one each time."""
    writer.write(http(b"", b"Location: " + asked.path.encode() + b"a", status=b"302 Found"))


async def _slow_hop(asked: Asked, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.4)
    await _hop(asked, writer)


async def _deaf(_: Asked, __: asyncio.StreamWriter) -> None:
    await asyncio.sleep(600)


def _scanned(times: int) -> bytes:
    """Return a JPEG of 2 by 2 thousand pixels whose last scan stands in it again and again."""
    file = io.BytesIO()
    Image.new("RGB", (2000, 2000)).save(file, "JPEG", progressive=True)
    head, mark, scan = file.getvalue()[:-2].rpartition(b"\xff\xda")
    return head + (mark + scan) * times + b"\xff\xd9"


_BOMB = _png(60_000, 60_000, 100)
_TEXTS = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(5_000_000), 1))

FILES_ROWS = (
    _file("PNG of 60000x60000", _BOMB, says="DecompressionBombError"),
    _file("JPEG of 5000 scans", _scanned(5000), says="scans, more than are decoded"),
    _file("PNG of no size", _png(0, 0, 0)),
    _file("PNG of a negative size", _png(2**32 - 1, 1, 0)),
    _file("PNG cut off", _png(256, 256, 256)[:60]),
    _file("PNG with a text of 5 MB", _png(256, 256, 256, _TEXTS)),
    _file("PNG that is HTML too", b"<html><script>alert(1)</script>" + _png(256, 256, 256)),
    _file("SVG", _SVG),
    _file("PostScript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file"),
    _file("empty file", b""),
    _file("GIF of 65535x65535", b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\2\2D\1\0;"),
    _file("TIFF that points to itself", b"II*\0\x08\0\0\0\1\0\0\1\4\0\1\0\0\0\xff\xff\xff\xff\x08\0\0\0"),
    Hostile("b64_json of a bomb", pictures(b"", b64encode(_BOMB).decode(), "b64_json"), FAILS, _B64, rules=(_B64,)),
    Hostile("b64_json of 2 MB of markup", pictures(b"", "<b>" * 700_000, "b64_json"), FAILS, _BASE64, rules=(_BASE64,)),
    Hostile(
        "file in gzip in gzip", pictures(http(b"", b"Content-Encoding: gzip, gzip")), FAILS, _FETCHABLE, rules=FILES
    ),
    Hostile("file of 5 MB", pictures(http(b"GIF89a" + bytes(5_000_000))), FAILS, _FETCHABLE, "larger than", FILES),
    Hostile(
        "error of 2 MB for a file", pictures(http(bytes(2_000_000), status=b"404 No")), FAILS, _FETCHABLE, rules=FILES
    ),
)

URLS = (
    _url("javascript:", "javascript:alert(1)"),
    _url("file:", "file:///etc/passwd"),
    _url("data:", "data:text/html,<script>alert(1)</script>"),
    _url("ftp:", "ftp://127.0.0.1/a.png"),
    _url("gopher:", "gopher://127.0.0.1:6379/_FLUSHALL"),
    _url("relative URL", "images/1.png"),
    _url("relative to the scheme", " //127.0.0.1/1.png"),
    _url("URL without a host", "http:///1.png"),
    _url("URL of a port that is none", "http://127.0.0.1:99999/1.png"),
    _url("URL of brackets", "http://[::1/1.png"),
    _url("URL of 1 MB", "/" + "a" * 1_000_000, _FETCHABLE),
    _url(
        "URL with terminal escapes",
        "/\x1b[31m\x1b]8;;x\x07\u202e<script>alert(1)</script>\0\r\n",
        _FETCHABLE,
        http(b"", status=b"404 No"),
    ),
    _url("URL of a user and a password", "http://user:password@127.0.0.1:1/1.png", _FETCHABLE),
    _url("redirect to itself without an end", "/a", _FETCHABLE, _hop),
    _url(
        "redirect to a file of this machine",
        "/a",
        _FETCHABLE,
        http(b"", b"Location: file:///etc/passwd", status=b"302 Found"),
    ),
    _url("redirect without a host", "/a", _FETCHABLE, http(b"", b"Location: http:///a", status=b"302 Found")),
    _url("redirect of 90 kB", "/a", _FETCHABLE, http(b"", b"Location: /" + b"a" * 90_000, status=b"302 Found")),
)

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
_LATE = "no answer within"


def _slow(name: str, answer: Answer) -> Hostile:
    return Hostile(name, answer, CANNOT, says=_LATE, seconds=0.3)


def _slow_file(name: str, file: Answer) -> Hostile:
    return Hostile(name, pictures(file), FAILS, _FETCHABLE, _LATE, FILES, seconds=1)


TIMES = (
    _slow("hears and says nothing", _deaf),
    _slow("one byte of the status line at a time", trickled(b"HTTP/1.1 200 ", b"a")),
    _slow("one byte of a header at a time", trickled(b"HTTP/1.1 200 OK\r\nX-A: ", b"a")),
    _slow("one header at a time", trickled(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n")),
    _slow("interim answers without an end", trickled(b"", b"HTTP/1.1 100 Continue\r\n\r\n")),
    _slow("interim answers as fast as can be", trickled(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100, 0)),
    _slow("one byte of the body at a time", trickled(_HEAD, b" ")),
    _slow(
        "one chunk at a time",
        trickled(_HEAD.replace(b"Content-Length: 100000", b"Transfer-Encoding: chunked"), b"1\r\n \r\n"),
    ),
    Hostile(
        "body without an end", trickled(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 1_000_000, 0), CANNOT, says="larger than"
    ),
    Hostile(
        "error without an end", trickled(b"HTTP/1.1 500 No\r\n\r\n", b" " * 100_000, 0), FAILS, "createImage/accepted"
    ),
    _slow_file("a file that is never sent", _deaf),
    _slow_file("a file that drips", trickled(_HEAD, b"a")),
    _slow_file("a file whose headers drip", trickled(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n")),
    _slow_file("redirects that take their time", _slow_hop),
)

TLS = (
    Hostile("plain text where TLS is due", http(answered()), CANNOT, says="speaks http, not https", scheme="https"),
    Hostile("TLS where plain text is due", http(answered()), CANNOT, tls=True, scheme="http"),
    Hostile("a certificate of its own", http(answered()), CANNOT, says="certificate", tls=True),
    Hostile("a correct end", pictures(http(_png(256, 256, 256))), PASSES, rules=FILES[1:]),
)

ROWS = (*FILES_ROWS, *URLS, *TIMES, *TLS)
