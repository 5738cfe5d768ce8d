"""What can be seen in the exchanges of a run: each is looked at once, however often a page is made of it."""

from __future__ import annotations

from attrs import define, field

from conformance.suite.exchange.recording import Exchange
from conformance.suite.report.page.room import MOST_TEXT, readable
from conformance.suite.rules.api import Api, Seen


@define
class Looks:
    """Looks at exchanges for one page; ``api`` knows what there is to see in them."""

    api: Api
    _texts: dict[str, str] = field(factory=dict[str, str], init=False)
    _seen: dict[str, Seen | None] = field(factory=dict[str, "Seen | None"], init=False)

    def text(self, made: Exchange) -> str:
        """Return the beginning of the answer's body as it can be read, a little more than is shown of any."""
        if made.id not in self._texts:
            body = made.answer.body if made.answer else b""
            self._texts[made.id] = readable(body)[: MOST_TEXT + 1]
        return self._texts[made.id]

    def seen(self, made: Exchange) -> Seen | None:
        """Return what can be seen of an exchange, None if that is nothing."""
        if made.id not in self._seen:
            self._seen[made.id] = self.api.seen(made)
        return self._seen[made.id]
