"""How one secret is found: in text, in bytes that are no text, cut short at the end of a message, behind disguises."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from attrs import frozen

from conformance.suite.sending.disguises import Disguises, coded

_SHORT = 8
"""A secret of fewer characters is cut where it stands as a word, a longer one everywhere."""
_TINY = 5
STANDS_FOR_IT = ("REDACTED", "WITHHELD")
_BEFORE = r"(?:(?<![0-9A-Za-z])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4}))"
_AFTER = r"(?![0-9A-Za-z])"
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
SCHEME = re.compile("https?://", re.IGNORECASE)


@frozen
class Secret:
    """One secret: how it is found in text and in other bytes, how its beginning is found, what stands for it.

    ``plain`` is itself in lower case; it is empty where it is too small to be looked for in what is no text.
    """

    text: re.Pattern[str]
    plain: str
    data: re.Pattern[str] | None
    begun: re.Pattern[str] | None
    instead: str
    coded: tuple[str, ...]


def secret_of(value: str) -> Secret:
    """Return how a secret is found."""
    short = len(value) < _SHORT
    before = _BEFORE if short and value[0].isalnum() else ""
    after = _AFTER if short and value[-1].isalnum() else ""
    whole = "".join(map(_character, value))
    apart = r"\0{0,3}".join(map(re.escape, value))  # as in UTF-16 and UTF-32
    begun = rf"{whole}|{''.join(map(_character, value[:_SHORT]))}[^\s\"'…,;()]*"
    return Secret(
        text=re.compile(f"{before}{whole}{after}", re.IGNORECASE),
        plain="" if len(value) < _TINY else value.lower(),
        data=None if len(value) < _TINY else re.compile(f"{before}{apart}{after}"),
        begun=None if short else re.compile(begun, re.IGNORECASE),
        instead=_instead(value),
        coded=coded(value),
    )


def disguises_of(secrets: Sequence[Secret]) -> Disguises | None:
    """Return what looks for these secrets in what was decoded."""

    def found(text: str) -> bool:
        lower = text.lower()
        return any(secret.plain in lower and secret.text.search(text) for secret in secrets)

    every = tuple(one for secret in secrets for one in secret.coded)
    return Disguises(found, min(len(secret.plain) for secret in secrets), every) if secrets else None


def _character(character: str) -> str:
    """Return a pattern of one character, plain or encoded, once or repeatedly."""
    units = character.encode("utf-16-be", "surrogatepass")
    forms = [
        "".join(f"%(?:25)*{byte:02X}" for byte in character.encode("utf-8", "surrogatepass")),
        "".join(rf"\\+u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2)),
        rf"\\*{re.escape(character)}" if character in "\"'/" else r"\\+" if character == "\\" else re.escape(character),
    ]
    forms += [f"&#0*{ord(character)};?", f"&#x0*{ord(character):x};?", rf"\\+x{ord(character):02x}"]
    forms += [re.escape(html.escape(character))] if html.escape(character) != character else []
    forms += [r"\+"] if character == " " else []
    return f"(?:{'|'.join(forms)})"


def _instead(secret: str) -> str:
    """Return what stands for a secret: what has a form that others rely on is replaced by something of that form."""
    if NUMBER.fullmatch(secret):
        ones = re.sub("[0-9]", "1", secret)
        return ones if ones != secret else re.sub("[0-9]", "2", secret)
    word = next(word for word in STANDS_FOR_IT if word != secret.upper())
    scheme = SCHEME.match(secret)
    return (scheme[0].lower() if scheme else "") + word
