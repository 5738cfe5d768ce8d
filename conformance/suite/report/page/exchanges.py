"""Shows an exchange: the request as it was sent, what came, and how the accepted twin differs."""

from __future__ import annotations

import json
from collections.abc import Mapping

from attrs import field, frozen

from conformance.suite.contract.operation import Operation
from conformance.suite.contract.places import Fields
from conformance.suite.exchange.encoding import Aliases, encode, form_text, parts, renamed, target
from conformance.suite.exchange.recording import Exchange, Fetch
from conformance.suite.exchange.request import Request
from conformance.suite.exchange.upload import Upload
from conformance.suite.exchange.words import count, cut, visible
from conformance.suite.report.page.looks import Looks
from conformance.suite.report.page.marking import Piece
from conformance.suite.report.page.room import lines, readable, shortened
from conformance.suite.settings import MARK, is_secret

_HEADERS = 24
_HEADER = 160
_FETCHES = 3
_TWIN = 3
"""Of the twin's answer one character of so many is shown: what matters is that it was accepted."""


@frozen
class Sent:
    """A request: first line, headers, and the lines of its body, those marked that its twin has not."""

    head: str
    headers: tuple[str, ...]
    body: tuple[Piece, ...]
    note: str = ""


@frozen
class Came:
    """What came of a request: a line about it, headers, the lines of the body, and what URLs in it gave."""

    head: str
    headers: tuple[str, ...]
    body: tuple[str, ...]
    fetches: tuple[str, ...]


@frozen
class Twin:
    """The accepted request that differs in one thing: its lines that differ, and its answer."""

    id: str
    differs: tuple[str, ...]
    came: Came


@frozen
class Shown:
    """An exchange as it is shown; ``again`` says how the request was answered before, if it was sent again."""

    id: str
    sent: Sent
    came: Came
    again: str
    twin: Twin | None


@frozen
class Shower:
    """Shows the exchanges of one run: base URL, the user's headers, whether a key was sent, and so much of a body."""

    url: str
    headers: Mapping[str, str] = field(hash=False)
    key: bool
    room: int
    looks: Looks

    def exchange(self, made: Exchange, twin: Exchange | None, operation: Operation, aliases: Aliases) -> Shown:
        """Show an exchange beside its twin."""
        own, note = self._body(made.request, operation, aliases)
        other = self._body(twin.request, operation, aliases)[0] if twin else own
        sent = Sent(
            self._head(made.request, operation, aliases),
            self._sent_headers(made.request, operation),
            tuple(Piece(line, marked=_bare(line) not in {*map(_bare, other)}) for line in own),
            note,
        )
        shown_twin = None
        if twin is not None:
            differs = tuple(line for line in other if _bare(line) not in {*map(_bare, own)})
            shown_twin = Twin(twin.id, differs, self._came(twin, self.room // _TWIN, headers=False))
        return Shown(made.id, sent, self._came(made, self.room), _again(made), shown_twin)

    def _head(self, request: Request, operation: Operation, aliases: Aliases) -> str:
        path = request.raw.path or target(renamed(request.fields, aliases), operation)
        return visible(cut(f"{request.raw.method or operation.method} {self.url}{path}", 4 * _HEADER))

    def _sent_headers(self, request: Request, operation: Operation) -> tuple[str, ...]:
        raw = request.raw
        content_type = operation.media_type if raw.content_type is None else raw.content_type
        key = "Bearer $OPENAI_API_KEY" if self.key else ""
        found = {"Accept": "application/json", "Content-Type": content_type or ""}
        found["Authorization"] = key if raw.authorization is None else raw.authorization
        given = {
            name.removeprefix(MARK): "(secret)" if is_secret(name) else value for name, value in self.headers.items()
        }
        return _headers((*found.items(), *given.items()))

    def _body(self, request: Request, operation: Operation, aliases: Aliases) -> tuple[tuple[str, ...], str]:
        """Return the lines of a body, and what is to be said of it."""
        raw = request.raw
        fields = renamed(request.fields, aliases)
        body = {name: value for name, value in fields.items() if name not in operation.parameters}
        if raw.body is not None:
            return lines(readable(raw.body), self.room), ""
        if operation.is_form:
            damage = raw.damage
            note = f"cut off after {damage.keep:.0%} of its bytes" if damage and damage.keep < 1 else ""
            return self._parts(body, raw.order), note
        if raw.damage is not None:
            return lines(readable(encode(request, operation, aliases).body), self.room), ""
        if operation.media_type is None:
            return (), ""
        return lines(json.dumps(shortened(body), indent=2, ensure_ascii=False), self.room), ""

    def _parts(self, fields: Fields, order: tuple[str, ...]) -> tuple[str, ...]:
        shown = [f"{name}: {_part(value)}" for name, value in parts(fields, order)]
        return tuple(visible(cut(line, max(_HEADER, self.room))) for line in shown)

    def _came(self, made: Exchange, room: int, *, headers: bool = True) -> Came:
        answer = made.answer
        if answer is None:
            return Came(visible(made.failure or "no answer"), (), (), ())
        body = answer.body
        whole = "" if answer.whole else ", of which this is the beginning"
        said = f"status {answer.status} after {made.seconds:.2f} s, {count(len(body), 'byte')}{whole}"
        fetches = tuple(_fetched(fetch) for fetch in made.fetches[:_FETCHES])
        more = len(made.fetches) - len(fetches)
        return Came(
            said,
            _headers(answer.headers) if headers else (),
            lines(self.looks.text(made), room),
            (*fetches, *([f"and {count(more, 'other')}"] if more else [])),
        )


def _bare(line: str) -> str:
    """Return a line of JSON without the comma that depends on what stands behind it."""
    return line.removesuffix(",")


def _part(value: object) -> str:
    if isinstance(value, Upload):
        size = f"{len(value.encode()):,} bytes"
        return f"{value.filename}, {value.content_type}: {value.words()}, {size}"
    return str(shortened(form_text(value)))


def _headers(found: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    shown = [visible(cut(f"{name}: {value}", _HEADER)) for name, value in found[:_HEADERS] if value]
    more = len(found) - _HEADERS
    return (*shown, *([f"and {count(more, 'other header')}"] if more > 0 else []))


def _fetched(fetch: Fetch) -> str:
    answer = fetch.answer
    said = f", {fetch.failure}" if fetch.failure else ""
    came = (
        f"status {answer.status}, {count(len(answer.body), 'byte')}{said}" if answer else fetch.failure or "no answer"
    )
    return visible(f"GET {cut(fetch.url, _HEADER)}: {came}")


def _again(made: Exchange) -> str:
    """Say what came each time, if a request was sent more than once."""
    if made.before is None:
        return ""
    came = [f"status {one.status}" if one.answer else one.failure or "no answer" for one in made.sendings]
    return visible(f"sent {len(came)} times: {cut(', '.join(came), 2 * _HEADER)}")
