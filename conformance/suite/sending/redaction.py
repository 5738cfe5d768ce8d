"""The gate between what a server sent and what is written of it: here, and nowhere else, secrets are cut out.

A server may echo the key or a secret header, so whatever came from it passes here on its way to a file or a screen. It
is judged before that, as it was sent. The suite's own words (the ids of rules, the contract's text, the requests that
it made) say nothing of a secret even where one is a word in them, and stay.

What is cut can be judged again, for it keeps its form:

- JSON stays JSON: strings are cut as what they say, however they are escaped, and a number becomes another number. The
  names of members that the contract documents, and its media types, stay.
- An absolute URL stays one: an address becomes the address ``REDACTED``, another secret the word, and the URL of a
  fetch is cut just as the URL in the answer.
- Images stay what they are, also in base64: what stands in them is written over, or blanked with the chunk of a PNG
  file that holds it. A secret of less than five characters stands in their bytes by chance, and is not looked for in
  bytes that are no text, or in long base64.

What can't be kept is a value that is judged by being this very text: an enumerated value, a field's name in
``error.param``, the size of a number, or the scheme ``http``, where they are the secret or hold it. What shows a secret
only in a disguise that nothing here undoes loses the piece that does, and its form with it.
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import cast

from attrs import evolve, field, frozen

from conformance.suite.contract.document import Contract
from conformance.suite.exchange.recording import Answer, Exchange, Fetch
from conformance.suite.sending.disguises import DEPTH, Disguises, inflated
from conformance.suite.sending.secret import NUMBER, SCHEME, STANDS_FOR_IT, Secret, disguises_of, secret_of
from conformance.suite.settings import MARK, Target, is_secret

_TOKEN = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+")(\s*:)?|-?[0-9][0-9.eE+-]*')
_BASE64 = re.compile(r"[0-9A-Za-z+/]{256,}={0,2}")
_MUCH = 1024 * 1024
"""Of more characters of text, of which no answer has that many in earnest, each is looked at less closely."""
_BETWEEN = (re.compile(r"([\s\"'<>/?,]+)"), re.compile(r"([\s\"'<>]+)"))
"""What parts the pieces of a text, the smallest first."""
_BINARY = re.compile(r"[\x01-\x08\x0e-\x1f]")


@frozen(slots=False)
class Redaction:
    """Cuts the secrets of one target out; ``names`` and ``media_types`` are those that the contract documents."""

    _secrets: tuple[Secret, ...] = field(repr=False)
    _names: frozenset[str] = field(default=frozenset(), repr=False)
    _media_types: frozenset[str] = field(default=frozenset(), repr=False)

    def text(self, text: str, depth: int = DEPTH) -> str:
        """Return a text without secrets: plain, percent-encoded, escaped as in JSON or HTML, or in another disguise.

        At most ``depth`` disguises one over the other are looked through.
        """
        for secret in self._secrets:
            text = secret.text.sub(secret.instead, text)
        return self._undisguised(text, self._disguises, depth)

    def words(self, text: str) -> str:
        """Return a text of ours, in which what a server sent may have been cut short, without the longer secrets.

        What a server sent was cut before it got into the text; this is a second look, which can't take the suite's own
        words for a secret.
        """
        for secret in self._secrets:
            if secret.begun is not None:
                text = secret.begun.sub(secret.instead, text)
        return self._undisguised(text, self._of_long)

    def body(self, body: bytes) -> bytes:
        """Return a body without secrets; the same one if there are none in it."""
        if not self._secrets:
            return body
        encoding = json.detect_encoding(body)
        try:
            text = body.decode(encoding, "surrogatepass")
        except UnicodeDecodeError:
            return self._file(body)
        cut = self._json(text) if _is_json(text) else self.text(text)
        kept = body if cut == text else cut.encode(encoding, "surrogatepass")
        return self._file(kept) if b"\0" in kept else kept  # which may be of yet another encoding

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
        """Return bytes without secrets, in which all that stands behind one stays in its place."""
        for secret in self._secrets:
            if secret.data is not None:
                data = secret.data.sub(lambda found, word=secret.instead: _as_long(word, found[0]), data)
        return data

    @cached_property
    def _disguises(self) -> Disguises | None:
        return disguises_of([secret for secret in self._secrets if secret.plain])

    @cached_property
    def _of_long(self) -> Disguises | None:
        return disguises_of([secret for secret in self._secrets if secret.begun])

    def _undisguised(self, text: str, disguises: Disguises | None, depth: int = DEPTH) -> str:
        """Cut the smallest pieces of a text out in which a secret is disguised, or all of it if there is much."""
        if disguises is None or not disguises.hide(text, depth):
            return text
        for between in _BETWEEN if len(text) <= _MUCH else ():
            pieces = between.split(text)
            text = "".join(self._replaced(piece, disguises) if disguises.hide(piece) else piece for piece in pieces)
            if not disguises.hide(text):
                return text
        return self._word

    def _replaced(self, piece: str, disguises: Disguises) -> str:
        """Return what stands for a piece of text in which a secret is disguised."""
        kept = self._base64(piece)
        if kept is not None and not disguises.hide(kept):
            return kept
        scheme = SCHEME.match(piece)
        return f"{scheme[0]}{self._word}" if scheme else self._word

    @property
    def _word(self) -> str:
        taken = {secret.plain.upper() for secret in self._secrets}
        return next((word for word in STANDS_FOR_IT if word not in taken), "…")

    def _base64(self, text: str) -> str | None:
        """Return the base64 of a file without secrets, or None if a text is no base64."""
        try:
            file = binascii.a2b_base64(text, strict_mode=True)
        except ValueError:
            return None
        kept = self._file(file)
        return text if kept == file else binascii.b2a_base64(kept, newline=False).decode()

    def _file(self, file: bytes) -> bytes:
        """Return bytes that are no text without secrets; images stay what they are."""
        if self._disguises is None:
            return file
        if self._disguises.found(inflated(file)):
            return self._word.encode()
        text = self._disguises.blank(file).decode("latin-1")
        binary = _BINARY.search(text) is not None
        text = self._data(text) if binary else text
        found = self._disguises.found(text) or self._disguises.hide(text, 1 if binary else DEPTH)
        kept = (self.text(text) if found else text).encode("latin-1")
        return file if kept == file else kept

    def _json(self, text: str) -> str:
        read = 0

        def cut(token: re.Match[str]) -> str:
            nonlocal read
            if token[1] is None:
                number = self.text(token[0])
                return number if NUMBER.fullmatch(number) else "0"
            value = cast("str", json.loads(token[1]))
            if token[2] is not None and value in self._names:
                return token[0]
            kept = self._base64(value) if _BASE64.fullmatch(value) else None
            if kept is None:
                read += len(value)
                kept = self.text(value, DEPTH if read <= _MUCH else 1)
            else:
                kept = self._data(kept)
                kept = self._undisguised(kept, self._disguises, 1) if len(kept) <= _MUCH else kept
            return token[0] if kept == value else json.dumps(kept) + (token[2] or "")

        return _TOKEN.sub(cut, text)


@lru_cache(maxsize=8)
def of(target: Target, contract: Contract | None = None) -> Redaction:
    """Return what cuts the secrets of a target out, and leaves what a contract documents."""
    secrets = tuple(secret_of(value) for value in target.secrets)
    if contract is None or not secrets:
        return Redaction(secrets)
    types = {kind.lower() for operation in contract.operations.values() for kind in operation.answer_types}
    return Redaction(secrets, frozenset(_names(contract.document)), frozenset({*types, "application/json"}))


def clean_text(text: str, target: Target) -> str:
    """Return a text on one line without secrets."""
    return of(target).text(" ".join(text.split()))


def _as_long(word: str, text: str) -> str:
    """Return a word again and again until it is as long as a text."""
    return (word * len(text))[: len(text)]


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
