"""Servers that abuse the framing of HTTP/1.1 (RFC 9112)."""

from __future__ import annotations

import time

from conformance.selftest.hostile.rows import CANNOT, FAILS, PASSES, Hostile
from conformance.selftest.hostile.server import answered, http

_GOOD = answered()
_JSON = b"Content-Type: application/json\r\n"
_CHUNKED = b"HTTP/1.1 200 OK\r\n" + _JSON + b"Transfer-Encoding: chunked\r\n\r\n"
_WHOLE = b"%x\r\n%s\r\n0\r\n" % (len(_GOOD), _GOOD)


def _head(*lines: bytes) -> bytes:
    return b"\r\n".join((b"HTTP/1.1 200 OK", *lines, b"", _GOOD))


ROWS = (
    Hostile("says nothing", b"", CANNOT),
    Hostile("bytes that are no text", bytes(range(256)) * 8, CANNOT),
    Hostile("no protocol", b"200 OK\r\n\r\n", CANNOT),
    Hostile("a body without a head", _GOOD, CANNOT),
    Hostile("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", CANNOT),
    Hostile("HTTP/2 frames", b"\0\0\x12\4\0\0\0\0\0\0\3\0\0\0\x64\0\4\0\0\xff\xff", CANNOT),
    Hostile("status of two digits", b"HTTP/1.1 20 OK\r\n\r\n", CANNOT),
    Hostile("status of four digits", b"HTTP/1.1 2000 OK\r\n\r\n", CANNOT),
    Hostile("status in words", b"HTTP/1.1 OK 200\r\n\r\n", CANNOT),
    Hostile("negative status", b"HTTP/1.1 -200 OK\r\n\r\n", CANNOT),
    Hostile("status 999", http(_GOOD, status=b"999 What"), CANNOT),
    Hostile("status 099", http(_GOOD, status=b"099 What"), CANNOT),
    Hostile("no reason", http(_GOOD, status=b"200"), PASSES),
    Hostile("reason of control characters", http(_GOOD, status=b"200 \x1b[31mOK"), PASSES),
    Hostile("HTTP/9.9", b"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}", FAILS),
    Hostile("two lengths", _head(b"Content-Length: 2", b"Content-Length: 3"), CANNOT),
    Hostile("two equal lengths", http(b"[]", b"Content-Length: 2"), FAILS),
    Hostile("two lengths in one", _head(b"Content-Length: 2, 3"), CANNOT),
    Hostile("negative length", _head(b"Content-Length: -1"), CANNOT),
    Hostile("length in words", _head(b"Content-Length: all of it"), CANNOT),
    Hostile("length of many digits", _head(b"Content-Length: " + b"9" * 5000), CANNOT),
    Hostile("length beyond the body", _head(b"Content-Length: 100000"), CANNOT),
    Hostile("length before the end", _head(_JSON.strip(), b"Content-Length: 9"), FAILS, "createImage/response/json"),
    Hostile("length beside chunks", _CHUNKED[:-2] + b"Content-Length: 3\r\n\r\n" + _WHOLE + b"\r\n", PASSES),
    Hostile("unknown transfer coding", _head(b"Transfer-Encoding: zip"), CANNOT),
    Hostile("chunked twice", _head(b"Transfer-Encoding: chunked, chunked"), CANNOT),
    Hostile("chunk of no length", _CHUNKED + b"\r\n{}\r\n0\r\n\r\n", CANNOT),
    Hostile("chunk of negative length", _CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n", CANNOT),
    Hostile("chunk of huge length", _CHUNKED + b"f" * 16 + b"\r\n{}", CANNOT),
    Hostile("chunk of a length of many digits", _CHUNKED + b"f" * 5000 + b"\r\n{}", CANNOT),
    Hostile("chunk with a huge extension", _CHUNKED + b"2;" + b"a" * 200_000 + b"\r\n{}\r\n0\r\n\r\n", CANNOT),
    Hostile("chunk without its line's end", _CHUNKED + b"2\r\n{}0\r\n\r\n", CANNOT),
    Hostile("no last chunk", _CHUNKED + _WHOLE[:-3], CANNOT),
    Hostile("trailers", _CHUNKED + _WHOLE + b"X-Last: \x1b[31m\r\n" * 400 + b"\r\n", PASSES),
    Hostile("folded header", _head(b"X-A: b", b" Content-Length: 1"), FAILS),
    Hostile("folded first header", b"HTTP/1.1 200 OK\r\n X-A: b\r\n\r\n{}", CANNOT),
    Hostile("header without a name", _head(b": a"), CANNOT),
    Hostile("header without a colon", _head(b"abc"), CANNOT),
    Hostile("space before the colon", _head(b"Content-Length : 2"), CANNOT),
    Hostile("NUL in a header", _head(b"X-A: a\0b"), CANNOT),
    Hostile("CR in a header", _head(b"X-A: a\rX-B: b"), CANNOT),
    Hostile("line feeds alone", http(_GOOD).replace(b"\r\n", b"\n"), PASSES),
    Hostile("header of 1 MB", _head(b"X-A: " + b"a" * 1_000_000), CANNOT),
    Hostile(
        "90 kB of headers", _head(*(b"X-%d: " % one + b"a" * 900 for one in range(100))), CANNOT, says="65536 bytes"
    ),
    Hostile("10,000 headers", _head(*[b"a:b"] * 10_000), CANNOT, says="more than 256 headers"),
    Hostile("100,000 headers", _head(*[b"X-A: b"] * 100_000), CANNOT),
    Hostile("endless first line", b"HTTP/1.1 200 " + b"a" * 1_000_000, CANNOT),
    Hostile("headers and no end", b"HTTP/1.1 200 OK\r\nX-A: b\r\n", CANNOT),
    Hostile("data after the end", http(_GOOD) + b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", PASSES),
    Hostile("poisoned connection", http(_GOOD, b"Connection: keep-alive") * 3, PASSES),
    Hostile("1xx without an end", b"HTTP/1.1 100 Continue\r\n\r\n" * 2000, CANNOT),
    Hostile("1xx before the answer", b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" * 9 + http(_GOOD), PASSES),
    Hostile("1xx and no answer", b"HTTP/1.1 102 Processing\r\n\r\n", CANNOT),
    Hostile("101", b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n\0\0\0", CANNOT),
    Hostile("204 with a body", http(_GOOD, status=b"204 No Content"), FAILS, "createImage/response/status"),
    Hostile("304 with a body", http(_GOOD, status=b"304 Not Modified"), FAILS),
    Hostile("205 with a body", http(_GOOD, status=b"205 Reset"), FAILS, "createImage/response/status"),
    Hostile("redirect to nowhere", http(_GOOD, b"Location: http://[", status=b"302 Found"), FAILS),
    Hostile("redirect to itself", http(_GOOD, b"Location: /v1/images/generations", status=b"307 Again"), FAILS),
    Hostile("waits without an end", http(b"", b"Retry-After: -1", status=b"599 Odd"), FAILS),
    Hostile("created yesterday", http(answered().replace(b"%d" % time.time(), b"7")), FAILS),
)
