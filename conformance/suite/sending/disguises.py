"""What a secret may hide in: a text that shows it only once it is decoded, be it by a program or by whoever reads it.

Each reading undoes one disguise: percent-encoding, the escapes of JSON and of programs, those of HTML and of mail, the
zeros between the letters in UTF-16 and UTF-32, base64, hexadecimal digits. What was read is read again, for disguises
can be put on one over the other. Secrets are ASCII, as all that a header can carry, so bytes are read as Latin-1.
"""

from __future__ import annotations

import binascii
import html
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.errors import HeaderParseError
from email.header import decode_header
from functools import lru_cache

from attrs import field, frozen

DEPTH = 3
"""How many disguises one over the other are looked through."""
_LARGE = 64 * 1024
"""In a text of more characters, as those of images have, one disguise is looked through; base64 only on suspicion."""
_BACKSLASH = re.compile(r"\\+(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2})|([nrt])|([\"'/\\]))", re.IGNORECASE)
_PERCENT = re.compile("%([0-9A-Fa-f]{2})")
_ENTITY = re.compile("&(?:#[0-9]{1,7};?|#x[0-9a-f]{1,6};?|[a-z][a-z0-9]{1,30};)", re.IGNORECASE)
_EQUALS = re.compile(r"=(?:([0-9a-f]{2})|\r?\n)", re.IGNORECASE)
_STANDARD = str.maketrans("-_", "+/")
_LAST = 0x10FFFF
_PNG = b"\x89PNG\r\n\x1a\n"
_HEAD = 8
"""Bytes of a PNG chunk before its content: length and type; four of check sum follow (PNG, section 5.3)."""
_SKIPPED = b"paDd"
_WORDS = 512
_MOST = 1024 * 1024


@frozen
class Disguises:
    """Looks for what ``found`` finds behind disguises; nothing of less than ``least`` characters is meant.

    One of the texts ``coded`` stands wherever that is hidden by base64, or in lower case by hexadecimal digits.
    """

    found: Callable[[str], bool] = field(repr=False)
    least: int
    coded: tuple[str, ...] = field(default=(), repr=False)

    def hide(self, text: str, depth: int = DEPTH) -> bool:
        """Whether a text says what is looked for behind at least one and at most ``depth`` disguises."""
        texts, seen = {text}, {text}
        for _ in range(depth if len(text) <= _LARGE else min(depth, 1)):
            texts = {said for read in texts for said in self._readings(read) if len(said) >= self.least} - seen
            if any(self.found(said) for said in texts):
                return True
            seen |= texts
        return False

    def blank(self, file: bytes) -> bytes:
        """Return a PNG file without what stands beside the image where that holds it; any other file as it is.

        The chunks that hold it, compressed or not, become ones that decoders skip (PNG, section 5.4).
        """
        made, at = bytearray(file), len(_PNG) if file.startswith(_PNG) else len(file)
        while at + _HEAD < len(file):
            (length,) = struct.unpack_from(">I", file, at)
            start, end = at + _HEAD, at + _HEAD + length
            beside = file[at + 4 : at + 5].islower() and end + 4 <= len(file)
            if beside and any(self.found(text) or self.hide(text) for text in _noted(file[start:end])):
                made[at + 4 : end] = _SKIPPED + bytes(length)
                struct.pack_into(">I", made, end, zlib.crc32(made[at + 4 : end]))
            at = end + 4
        return bytes(made)

    def _readings(self, text: str) -> Iterator[str]:
        """Yield what a text says behind each disguise that there is in it."""
        if "%" in text:
            yield _PERCENT.sub(lambda escape: chr(int(escape[1], 16)), text)
        if "\\" in text:
            yield _BACKSLASH.sub(_unescaped, text)
        if "&" in text:
            yield _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
        if "=" in text:
            yield _EQUALS.sub(lambda escape: chr(int(escape[1], 16)) if escape[1] else "", text)
        if "=?" in text:
            with suppress(HeaderParseError, ValueError):
                parts = [part for part, _ in decode_header(text)]
                yield "".join(part if isinstance(part, str) else part.decode("latin-1") for part in parts)
        if "\0" in text:
            yield text.replace("\0", "")
        base64, digits = _tokens(self.least)
        joined = "".join(text.split()) if "\n" in text else ""  # both may be broken into lines
        for one in (text, joined):
            if len(one) > _LARGE and not self._suspicious(one):
                continue
            yield "\n".join(_from_base64(token[at:]) for token in base64.findall(one) for at in range(4))
            yield "\n".join(_from_hex(token, at) for token in digits.findall(one) for at in range(2))

    def _suspicious(self, text: str) -> bool:
        """Whether base64 or hexadecimal digits of what is looked for may stand in a text."""
        plain = text.replace("-", "+").replace("_", "/")
        digits = text.replace(" ", "").replace(":", "").lower()
        return any(one in plain or one in digits for one in self.coded)


def coded(secret: str) -> tuple[str, ...]:
    """Return what stands in base64 of any text that holds a secret, wherever it stands in that, and in hexadecimal."""
    data = secret.encode("utf-8", "surrogatepass")
    found: list[str] = []
    for before in range(3):
        whole = binascii.b2a_base64(bytes(before) + data, newline=False).decode()
        # Digits of six bits each: the first and the last may hold some of what stands beside it.
        found.append(whole[-(-before * 8 // 6) : (before + len(data)) * 8 // 6])
    return (*found, data.hex())


@lru_cache(maxsize=8)
def _tokens(least: int) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return patterns of base64, in either alphabet, and of hexadecimal digits for at least so many bytes."""
    base64 = re.compile(f"[0-9A-Za-z+/_-]{{{(least * 4 + 2) // 3},}}")
    return base64, re.compile(rf"[0-9A-Fa-f](?:[ :]?[0-9A-Fa-f]){{{least * 2 - 1},}}")


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2] or escape[3]
    if code is None:
        return escape[5] or "\n"
    return chr(int(code, 16)) if int(code, 16) <= _LAST else ""


def _from_base64(digits: str) -> str:
    whole = digits[:-1] if len(digits) % 4 == 1 else digits
    return binascii.a2b_base64(whole.translate(_STANDARD) + "A" * (-len(whole) % 4)).decode("latin-1")


def _from_hex(digits: str, at: int) -> str:
    plain = digits.replace(" ", "").replace(":", "")[at:]
    return bytes.fromhex(plain[: len(plain) // 2 * 2]).decode("latin-1")


def _noted(content: bytes) -> Iterator[str]:
    """Yield what a chunk says, and what it says where it is compressed behind a few words of its own."""
    yield content.decode("latin-1")
    yield from (inflated(content[start.start() :]) for start in re.finditer(b"\x78", content[:_WORDS]))


def inflated(data: bytes) -> str:
    """Return the beginning of what zlib or gzip compressed; nothing if neither did."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, _MOST).decode("latin-1")
    except zlib.error:
        return ""
