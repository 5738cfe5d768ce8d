"""The pictures of a page: what the API shows of an exchange, as data in the page and no more than there is room for."""

from __future__ import annotations

import base64

from attrs import define, field, frozen

from conformance.suite.exchange.recording import Exchange
from conformance.suite.report.page.looks import Looks
from conformance.suite.report.page.room import Room
from conformance.suite.rules.api import Seen, Thumbnail


@frozen
class Figure:
    """A picture as data in the page, and its words."""

    source: str = field(repr=False)
    words: str


@frozen
class Shelf:
    """The pictures of one exchange: what was asked for, what was sent, what came, and how many more came."""

    id: str
    asked: str
    sent: tuple[Figure, ...]
    came: tuple[Figure, ...]
    more: int


@define
class Gallery:
    """Hands out pictures until there is no more room for any."""

    looks: Looks
    pictures: int
    picture_bytes: int

    @classmethod
    def of(cls, looks: Looks, room: Room) -> Gallery:
        """Return a gallery with this room."""
        return cls(looks, room.pictures, room.picture_bytes)

    def shelf(self, exchange: Exchange) -> Shelf | None:
        """Return the pictures of an exchange; None if there are none, or no room for one."""
        if not exchange.valid or not self.pictures:
            return None
        seen = self.looks.seen(exchange)
        return None if seen is None else self._filled(exchange.id, seen)

    def _filled(self, id_: str, seen: Seen) -> Shelf | None:
        came = tuple(figure for one in seen.came if (figure := self._figure(one)))
        sent = tuple(figure for one in seen.sent if (figure := self._figure(one)))
        more = seen.more + len(seen.came) - len(came)
        return Shelf(id_, seen.asked, sent, came, more) if came else None

    def _figure(self, shown: Thumbnail) -> Figure | None:
        source = f"data:{shown.media_type};base64,{base64.b64encode(shown.data).decode()}"
        if not self.pictures or len(source) > self.picture_bytes:
            return None
        self.pictures -= 1
        self.picture_bytes -= len(source)
        return Figure(source, shown.words)
