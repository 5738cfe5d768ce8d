"""How much of what was exchanged a page shows: bounds on every text and picture, so that it stays small."""

from __future__ import annotations

import json
import re
from typing import Final, cast

from attrs import frozen

from conformance.suite.exchange.words import cut, visible

MOST_BYTES: Final = 3_000_000
"""Of a page; one that would be larger is made again with less room."""
MOST_TEXT: Final = 3000
"""Characters that are shown of a body."""
_STRING, _SHOWN = 160, 60
"""Characters of a text inside JSON up to which it is shown whole, and those that are shown of a longer one."""
_LINE = 400
_PARSED = 256 * 1024
"""Bytes up to which a body is parsed to be shown, its long texts cut before."""
_JSON = re.compile(rb"\s*[\[{]")
_LONG_TEXT = re.compile(rb'"([^"\\]{%d})([^"\\]{%d,})"' % (_SHOWN, _STRING - _SHOWN))
_CUT_TEXT = "{}\N{HORIZONTAL ELLIPSIS} ({:,} characters)"
_CUT = "\N{HORIZONTAL ELLIPSIS} (cut off here)"
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")


@frozen
class Room:
    """How many characters of a body, of a sentence and of a program are shown, how many pictures, and their bytes."""

    text: int
    sentence: int
    program: int
    pictures: int
    picture_bytes: int


ROOMS = (
    Room(MOST_TEXT, 2000, 40_000, 48, 600_000),
    Room(1000, 1000, 6000, 24, 300_000),
    Room(300, 500, 1500, 8, 100_000),
    Room(0, 160, 600, 0, 0),
)
"""From the most room to the least."""


def lines(text: str, characters: int) -> tuple[str, ...]:
    """Return the beginning of a readable text as lines of visible characters."""
    found = [visible(cut(line, _LINE)) for line in text[:characters].splitlines()]
    return (*found, *([_CUT] if characters and len(text) > characters else []))


def readable(body: bytes) -> str:
    """Return the beginning of a body so that it can be read: JSON indented, long texts in it with their length."""
    indented = _indented(body) if _JSON.match(body) else None
    if indented is not None:
        return indented
    if _BINARY.search(body[:MOST_TEXT]):
        return f"begins with {body[:_SHOWN]!r}"
    return body[: 4 * MOST_TEXT].decode("utf-8", "replace")


def _indented(body: bytes) -> str | None:
    """Return JSON with indentation, or None if a body is none or is too large."""
    short = _LONG_TEXT.sub(_marked, body)
    if len(short) > _PARSED:
        return None
    try:
        return json.dumps(shortened(json.loads(short)), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None


def _marked(found: re.Match[bytes]) -> bytes:
    """Return a long text of JSON cut short, so that what is parsed is small."""
    text = found[1].decode("utf-8", "replace")
    return json.dumps(_CUT_TEXT.format(text, len(found[1]) + len(found[2]))).encode()


def shortened(value: object) -> object:
    """Return a JSON value in which each long text is cut, with its length."""
    match value:
        case str():
            return value if len(value) <= _STRING else _CUT_TEXT.format(value[:_SHOWN], len(value))
        case list():
            return [shortened(item) for item in cast("list[object]", value)]
        case dict():
            members = cast("dict[str, object]", value).items()
            return {cut(name, _STRING): shortened(member) for name, member in members}
        case _:
            return value
