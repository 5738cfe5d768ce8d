"""The gate between what a server sent and what is written of it: here, and nowhere else, secrets are cut out.

A server may echo the key or a secret header, so whatever came from it passes here on its way to a file or a screen. It
is judged before that, as it was sent. The suite's own words (the ids of rules, the contract's text, the requests that
it made) say nothing of a secret even where one is a word in them, and stay.

What is cut can be judged again, for it keeps its form:

- JSON stays JSON: strings are cut as what they say, however they are escaped, and a number becomes another number. The
  names of members that the contract documents, and its media types, stay.
- An absolute URL stays one: an address becomes the address ``REDACTED``, another secret the word, and the URL of a
  fetch is cut just as the URL in the answer.
- Images stay what they are: a secret of less than five characters stands in their bytes by chance, and is not looked
  for in bytes that are no text, or in long base64.

What can't be kept is a value that is judged by being this very text: an enumerated value, a field's name in
``error.param``, the size of a number, the scheme ``http``, or bytes of an image, where they are the secret or hold it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import cast
from urllib.parse import quote

from attrs import evolve, field, frozen

from conformance.suite.contract.document import Contract
from conformance.suite.exchange.recording import Answer, Exchange, Fetch
from conformance.suite.settings import MARK, Target, is_secret

_SHORT = 8
"""A secret of fewer characters is cut where it stands as a word, a longer one everywhere."""
_TINY = 5
_STANDS_FOR_IT = ("REDACTED", "WITHHELD")
_BEFORE = r"(?:(?<![0-9A-Za-z])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4}))"
_AFTER = r"(?![0-9A-Za-z])"
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_TOKEN = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+")(\s*:)?|-?[0-9][0-9.eE+-]*')
_BASE64 = re.compile(r"[0-9A-Za-z+/]{256,}={0,2}")


@frozen
class _Secret:
    """One secret: how it is found in text and in other bytes, how its beginning is found, what stands for it."""

    text: re.Pattern[str]
    data: re.Pattern[str] | None
    begun: re.Pattern[str] | None
    instead: str


@frozen
class Redaction:
    """Cuts the secrets of one target out; ``names`` and ``media_types`` are those that the contract documents."""

    _secrets: tuple[_Secret, ...] = field(repr=False)
    _names: frozenset[str] = field(default=frozenset(), repr=False)
    _media_types: frozenset[str] = field(default=frozenset(), repr=False)

    def text(self, text: str) -> str:
        """Return a text without secrets: plain, percent-encoded, or escaped as in JSON or HTML."""
        for secret in self._secrets:
            text = secret.text.sub(secret.instead, text)
        return text

    def words(self, text: str) -> str:
        """Return a text of ours, in which what a server sent may have been cut short, without the longer secrets.

        What a server sent was cut before it got into the text; this is a second look, which can't take the suite's own
        words for a secret.
        """
        for secret in self._secrets:
            if secret.begun is not None:
                text = secret.begun.sub(secret.instead, text)
        return text

    def body(self, body: bytes) -> bytes:
        """Return a body without secrets; the same one if there are none in it."""
        if not self._secrets:
            return body
        encoding = json.detect_encoding(body)
        try:
            text = body.decode(encoding, "surrogatepass")
        except UnicodeDecodeError:
            found = body.decode("latin-1")
            cut = self._data(found)
            return body if cut == found else cut.encode("latin-1")
        cut = self._json(text) if _is_json(text) else self.text(text)
        return body if cut == text else cut.encode(encoding, "surrogatepass")

    def answer(self, answer: Answer) -> Answer:
        """Return an answer without secrets."""
        headers = tuple(self._header(name, value) for name, value in answer.headers)
        body = answer.body
        cut = self.body(body)
        return evolve(answer, headers=headers) if cut is body else evolve(answer, headers=headers, body=cut)

    def fetch(self, fetch: Fetch) -> Fetch:
        """Return a fetch without secrets."""
        answer = None if fetch.answer is None else self.answer(fetch.answer)
        return Fetch(self.text(fetch.url), answer, self._failure(fetch.failure))

    def exchange(self, exchange: Exchange) -> Exchange:
        """Return an exchange without secrets."""
        if not self._secrets:
            return exchange
        return evolve(
            exchange,
            answer=None if exchange.answer is None else self.answer(exchange.answer),
            failure=self._failure(exchange.failure),
            fetches=tuple(self.fetch(fetch) for fetch in exchange.fetches),
            before=None if exchange.before is None else self.exchange(exchange.before),
        )

    def headers(self, target: Target) -> dict[str, str]:
        """Return the user's headers; those that are secret, or hold a secret, are marked and have no value."""
        headers: dict[str, str] = {}
        for name, value in target.headers.items():
            if is_secret(name):
                headers[name] = ""
            elif self.text(value) != value:
                headers[f"{MARK}{name}"] = ""
            else:
                headers[name] = value
        return headers

    def _failure(self, failure: str | None) -> str | None:
        return None if failure is None else self.words(failure)

    def _header(self, name: str, value: str) -> tuple[str, str]:
        if name.lower() == "content-type":
            media_type, semicolon, parameters = value.partition(";")
            if media_type.strip().lower() in self._media_types:
                return name, media_type + semicolon + self.text(parameters)
            return name, self.text(value)
        return self.text(name), self.text(value)

    def _data(self, data: str) -> str:
        for secret in self._secrets:
            if secret.data is not None:
                data = secret.data.sub(secret.instead, data)
        return data

    def _json(self, text: str) -> str:
        def cut(token: re.Match[str]) -> str:
            if token[1] is None:
                number = self.text(token[0])
                return number if _NUMBER.fullmatch(number) else "0"
            value = cast("str", json.loads(token[1]))
            if token[2] is not None and value in self._names:
                return token[0]
            kept = self._data(value) if _BASE64.fullmatch(value) else self.text(value)
            return token[0] if kept == value else json.dumps(kept) + (token[2] or "")

        return _TOKEN.sub(cut, text)


@lru_cache(maxsize=8)
def of(target: Target, contract: Contract | None = None) -> Redaction:
    """Return what cuts the secrets of a target out, and leaves what a contract documents."""
    secrets = tuple(_secret(value) for value in target.secrets)
    if contract is None or not secrets:
        return Redaction(secrets)
    types = {kind.lower() for operation in contract.operations.values() for kind in operation.answer_types}
    return Redaction(secrets, frozenset(_names(contract.document)), frozenset({*types, "application/json"}))


def clean_text(text: str, target: Target) -> str:
    """Return a text on one line without secrets."""
    return of(target).text(" ".join(text.split()))


def _secret(secret: str) -> _Secret:
    short = len(secret) < _SHORT
    before = _BEFORE if short and secret[0].isalnum() else ""
    after = _AFTER if short and secret[-1].isalnum() else ""
    whole = "".join(map(_character, secret))
    plain = "|".join(
        re.escape(form.encode("utf-8", "surrogatepass").decode("latin-1"))
        for form in sorted({secret, quote(secret, safe=""), json.dumps(secret)[1:-1]}, key=len, reverse=True)
    )
    begun = rf"{whole}|{''.join(map(_character, secret[:_SHORT]))}[^\s\"'…,;()]*"
    return _Secret(
        text=re.compile(f"{before}{whole}{after}", re.IGNORECASE),
        data=None if len(secret) < _TINY else re.compile(f"{before}(?:{plain}){after}"),
        begun=None if short else re.compile(begun, re.IGNORECASE),
        instead=_instead(secret),
    )


def _character(character: str) -> str:
    """Return a pattern of one character, plain or encoded, once or repeatedly."""
    units = character.encode("utf-16-be", "surrogatepass")
    forms = [
        "".join(f"%(?:25)*{byte:02X}" for byte in character.encode("utf-8", "surrogatepass")),
        "".join(rf"\\+u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2)),
        rf"\\*{re.escape(character)}" if character in "\"'/" else r"\\+" if character == "\\" else re.escape(character),
    ]
    forms += [re.escape(html.escape(character))] if html.escape(character) != character else []
    forms += [r"\+"] if character == " " else []
    return f"(?:{'|'.join(forms)})"


def _instead(secret: str) -> str:
    """Return what stands for a secret: what has a form that others rely on is replaced by something of that form."""
    if _NUMBER.fullmatch(secret):
        ones = re.sub("[0-9]", "1", secret)
        return ones if ones != secret else re.sub("[0-9]", "2", secret)
    word = next(word for word in _STANDS_FOR_IT if word != secret.upper())
    scheme = re.match("https?://", secret, re.IGNORECASE)
    return (scheme[0].lower() if scheme else "") + word


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _names(node: object) -> Iterator[str]:
    """Yield the name of every property that a document declares."""
    if isinstance(node, Mapping):
        declared = cast("Mapping[str, object]", node)
        properties = declared.get("properties")
        yield from cast("Mapping[str, object]", properties) if isinstance(properties, Mapping) else ()
        for member in declared.values():
            yield from _names(member)
    elif isinstance(node, list):
        for item in cast("list[object]", node):
            yield from _names(item)
