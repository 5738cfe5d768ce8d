"""Servers whose bodies are not what their headers say, or not what anyone can read: codings, JSON, text."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib

from conformance.selftest.hostile.rows import CANNOT, FAILS, PASSES, Hostile
from conformance.selftest.hostile.server import Answer, Asked, answered, http

_GOOD = answered()
_ZEROS = gzip.compress(bytes(5_000_000), 1)
_JSON = "createImage/response/json"
_DATA = "createImage/response/data/type"


def _coded(body: bytes, coding: bytes = b"gzip", **more: bytes) -> bytes:
    return http(body, b"Content-Encoding: " + coding, **more)


def _with(created: bytes = b"1", data: bytes = b"[]", more: bytes = b"") -> bytes:
    return http(b'{"created": %s, "data": %s%s}' % (created, data, more))


def _refusing(said: str, *headers: bytes) -> Answer:
    """Refuse everything with this message."""
    error = {"error": {"message": said, "type": said, "param": said, "code": said}}
    return http(json.dumps(error, ensure_ascii=False).encode("utf-8", "surrogatepass"), *headers, status=b"400 No")


async def _echo(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Refuse what was asked with all of the request, the key among it."""
    writer.write(http(asked.head + asked.body, b"X-Echo: " + asked.secret, status=b"400 " + asked.secret))


CODINGS = (
    Hostile("gzip bomb", _coded(_ZEROS), CANNOT, says="larger than 4000000 bytes"),
    Hostile(
        "gzip in gzip in gzip",
        _coded(gzip.compress(gzip.compress(_ZEROS)), b"gzip, gzip, gzip"),
        CANNOT,
        says="more than one content coding",
    ),
    Hostile("gzip in gzip, in two headers", _coded(_ZEROS, b"gzip\r\nContent-Encoding: gzip"), CANNOT),
    Hostile("gzip bomb in an error", _coded(_ZEROS, status=b"400 No"), FAILS, "createImage/accepted"),
    Hostile("deflate bomb", _coded(zlib.compress(bytes(5_000_000), 1), b"deflate"), CANNOT),
    Hostile("truncated gzip", _coded(gzip.compress(_GOOD)[:-12]), FAILS, _JSON),
    Hostile("gzip with a wrong check sum", _coded(gzip.compress(_GOOD)[:-8] + bytes(8)), CANNOT),
    Hostile("gzip that is none", _coded(_GOOD), CANNOT, says="content coding can't be undone"),
    Hostile("deflate that is none", _coded(_GOOD, b"deflate"), CANNOT),
    Hostile("unknown coding", _coded(_GOOD[::-1], b"zip-of-the-future"), FAILS, _JSON),
    Hostile("coding of a name without an end", _coded(_GOOD, b"g" * 60_000), PASSES),
    Hostile("empty gzip", _coded(b""), FAILS, _JSON),
)

JSON = (
    Hostile("deep nesting", http(b"[" * 100_000), CANNOT, says="more than 10000 values"),
    Hostile("nesting of 5000", http(b"[" * 5000 + b"]" * 5000), FAILS, _JSON, "nested too deep"),
    Hostile("nesting of 900", _with(data=b"[" * 900 + b"]" * 900), FAILS, _JSON, "nested too deep"),
    Hostile("nesting of 60", _with(data=b'{"a":' * 60 + b"0" + b"}" * 60), FAILS, _DATA),
    Hostile("NaN", _with(b"NaN"), FAILS, _JSON, "NaN is no number"),
    Hostile("infinity", _with(b"1e999"), FAILS, "createImage/response/created/recent"),
    Hostile("a number of 4000 digits", _with(b"9" * 4000), FAILS, "createImage/response/created/recent"),
    Hostile("a number of 1 MB", _with(b"9" * 1_000_000), FAILS, _JSON),
    Hostile("a fraction of 1 MB", _with(b"0." + b"9" * 1_000_000), FAILS, "createImage/response/created/recent"),
    Hostile("duplicate keys", _with(more=b', "data": {}'), FAILS, _DATA),
    Hostile("lone surrogate", _with(data=b'"\\ud800"'), FAILS, _DATA),
    Hostile("lone surrogate in bytes", _with(data=b'"\xed\xa0\x80"'), FAILS, _JSON),
    Hostile("byte order mark", http(b"\xef\xbb\xbf" + _GOOD), PASSES),
    Hostile("UTF-16", http(_GOOD.decode().encode("utf-16")), FAILS, _JSON),
    Hostile("half a character", http(_GOOD[:-1] + b"\xc3"), FAILS, _JSON),
    Hostile("a scalar", http(b"42"), FAILS, "createImage/response/type"),
    Hostile("a string", http(b'"data"'), FAILS, "createImage/response/type"),
    Hostile("null", http(b"null"), FAILS, "createImage/response/type"),
    Hostile("an array", http(b"[]"), FAILS, "createImage/response/type"),
    Hostile("nothing", http(b""), FAILS, _JSON, "it is empty"),
    Hostile("white space", http(b" \n" * 100_000), FAILS, _JSON),
    Hostile("half of it", http(_GOOD[: len(_GOOD) // 2]), FAILS, _JSON),
    Hostile("100,000 items", _with(data=b"[%s]" % b",".join([b'{"url":""}'] * 100_000)), CANNOT, says="10000 values"),
    Hostile("100,000 members", _with(more=b"".join(b', "%d": 1' % one for one in range(100_000))), CANNOT),
    Hostile("4900 items", _with(data=b"[%s]" % b",".join([b"{}"] * 4900)), CANNOT),
    Hostile("a string of 1 MB", _with(data=b'"%s"' % (b"a" * 1_000_000)), FAILS, _DATA),
    Hostile("a string of escapes", _with(data=b'"%s"' % (b"\\n" * 1_000_000)), FAILS, _DATA),
    Hostile("a key of 1 MB", _with(data=b'{"%s": 1}' % (b"a" * 1_000_000)), FAILS, _DATA),
    Hostile("an error of 2 MB", http(b'{"error": "%s"}' % (b"a" * 2_000_000), status=b"500 No"), FAILS),
    Hostile("an error of 100,000 items", http(b"[%s0]" % (b"0," * 100_000), status=b"422 No"), FAILS),
    Hostile("no media type", http(_GOOD, b"Content-Type:"), FAILS, "createImage/response/content-type"),
    Hostile("media type of 60 kB", http(_GOOD, b"Content-Type: " + b"a" * 60_000), FAILS),
)

_TERMINAL = "\x1b[31mred\x1b]8;;http://evil.test\x07link\x1b]0;title\x07\x1b[2J\x1bc\x9b31m\x07\x08\r\x7f"
_BIDI = "\u202eevil\u2066\u2069\u200f\ufeff\u2028\u2029\U000e0041"
_MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg/onload=alert(1)>]]>&lt;{{7*7}}[bold]"

TEXT = (
    Hostile("terminal escapes in an error", _refusing(_TERMINAL), FAILS, "createImage/accepted"),
    Hostile("bidirectional text in an error", _refusing(_BIDI), FAILS, "createImage/accepted"),
    Hostile("markup in an error", _refusing(_MARKUP), FAILS, "createImage/accepted", "<script>"),
    Hostile("NUL and invalid characters in an error", _refusing("\0\ud800\uffff\ufffe\x0b"), FAILS),
    Hostile("escapes in a value", _with(data=json.dumps(_TERMINAL + _BIDI).encode()), FAILS, _DATA),
    Hostile("markup in a value", _with(data=json.dumps(_MARKUP).encode()), FAILS, _DATA),
    Hostile("escapes in the name of a member", _with(data=json.dumps({_TERMINAL + _BIDI: 1}).encode()), FAILS, _DATA),
    Hostile("markup in the media type", http(_GOOD, b"Content-Type: " + _MARKUP.encode()), FAILS),
    Hostile("markup in the name of the server", _refusing("No.", b"Server: " + _MARKUP.encode()), FAILS),
    Hostile("bytes in the name of the server", _refusing("No.", b"Server: \x80\x9b31m\xad\xff"), FAILS),
    Hostile("the key in the error", _echo, FAILS, "createImage/accepted"),
)

ROWS = (*CODINGS, *JSON, *TEXT)
