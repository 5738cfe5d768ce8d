"""Reads the body of an answer within bounds, and undoes its content coding piece by piece.

The HTTP library would undo any number of codings on the whole of what came, and so turn some kilobytes into gigabytes
before anyone could look at their size.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from typing import cast

import httpx
from attrs import define, field

from conformance.suite.exchange import bounds

_ZLIB = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}
_JSON = re.compile(rb"[\xef\xbb\xbf\xfe\xff\0 \t\r\n]*[\[{]")
"""How a body begins that a JSON parser would make an array or an object of, in whatever Unicode encoding."""


class UnusableError(Exception):
    """An answer is no HTTP answer or beyond a bound; the message says so."""


async def read(response: httpx.Response, most: int) -> tuple[bytes, bool]:
    """Return the body of an answer without its content coding, and whether it is no more than ``most`` bytes.

    Of a larger one the beginning is returned. Raises UnusableError if it can't be read within bounds, DecodingError if
    its coding can't be undone.
    """
    undo = _undoing(response)
    read, size, pieces = io.BytesIO(), 0, 0
    async for piece in cast("httpx.AsyncByteStream", response.stream):
        pieces += 1
        if pieces > bounds.PIECES:
            raise UnusableError(f"the answer comes in more than {bounds.PIECES} pieces")
        size += read.write(undo(piece, most + 1 - size))
        if size > most:
            return read.getvalue()[:most], False
    return read.getvalue(), True


def holds_too_much(body: bytes) -> bool:
    """Whether a body is JSON of more values than are looked at; it isn't parsed to find out."""
    return _JSON.match(body) is not None and sum(map(body.count, (b",", b"[", b"{"))) > bounds.VALUES


def _undoing(response: httpx.Response) -> Callable[[bytes, int], bytes]:
    """Return what undoes the coding of a piece up to a number of bytes; of an unknown coding it is left as it is."""
    codings = response.headers.get_list("content-encoding", split_commas=True)
    codings = [name for coding in codings if (name := coding.strip().lower()) not in ("", "identity")]
    if len(codings) > 1:
        raise UnusableError("the answer has more than one content coding")
    wbits = _ZLIB.get(codings[0]) if codings else None
    return _Inflating(wbits) if wbits is not None else lambda piece, _: piece


@define
class _Inflating:
    """Undoes gzip or deflate; many servers mean by deflate the format without a header (RFC 9110, section 8.4.1.2)."""

    _wbits: int
    _inflate: Callable[[bytes, int], bytes] | None = field(default=None, init=False)

    def __call__(self, piece: bytes, most: int) -> bytes:
        first = self._inflate is None
        self._inflate = self._inflate or zlib.decompressobj(self._wbits).decompress
        try:
            return self._inflate(piece, most)
        except zlib.error as error:
            if not (first and self._wbits == zlib.MAX_WBITS):
                raise httpx.DecodingError(str(error)) from error
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS).decompress
        return self(piece, most)
