"""What only the API at hand knows, as one value: the engine works with it and looks into no field by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from attrs import field, frozen

from conformance.suite.contract.operation import Operation
from conformance.suite.contract.places import Fields
from conformance.suite.exchange.encoding import Aliases, names_in
from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.upload import Content, Text, Upload
from conformance.suite.rules.statement import Statement


@frozen
class Cost:
    """What a request asks for: a number of results, and how much work they are, in any unit.

    ``most`` is how many results a server may make of it that checks nothing.
    """

    images: int = 0
    effort: int = 0
    most: int = 0


@frozen
class Thumbnail:
    """A small picture of something, made anew and safe to show: media type, bytes, and in words what it shows."""

    media_type: str
    data: bytes = field(repr=False)
    words: str


@frozen
class Seen:
    """What can be seen of an exchange: what was asked for in words, what was sent, and what came.

    ``more`` counts what came and is not shown.
    """

    asked: str
    sent: tuple[Thumbnail, ...] = ()
    came: tuple[Thumbnail, ...] = ()
    more: int = 0


def _free(operation: Operation, fields: Fields) -> Cost:
    del operation, fields
    return Cost()


def _text_file(operation: Operation, name: str) -> Upload:
    del operation, name
    return Upload(Text())


def _decided(operation: Operation, fields: Fields) -> str | None:
    del operation, fields
    return None


def _as_it_is(operation: Operation, fields: Fields, *, valid: bool) -> Fields:
    del operation, valid
    return fields


def _none(answer: object) -> tuple[str, ...]:
    del answer
    return ()


def _nothing(answer: object) -> int:
    del answer
    return 0


def _unseen(exchange: Exchange) -> Seen | None:
    del exchange


@frozen
class Api:
    """An API beyond its contract; the defaults are those of an API of which no more is known.

    - ``selector``: the field that chooses among models, so that conditions on it may be about one that is not offered.
    - ``sized``: the field that says how large a result is, for which a server may have values of its own.
    - ``statements``: the rules that rest on a sentence of the contract. ``ledger``: what no rule covers, and why.
    - ``cost``: what a valid request asks for, its effort in this ``unit``.
    - ``undecided``: why the documents don't say whether a request is valid.
    - ``sample``: a correct file for a field. ``uploads``: further files for random requests; ``contents``: the recipes.
    - ``shown``: by field, the values of others with which an answer itself shows what the field does.
    - ``settle``: makes the values of a random request fit each other, and what a text may hold beyond doubt.
    - ``listing``: the path, if any, at which servers list their models, and ``listed``: the names in such a list.
      ``prefix``: the end of a base URL that users leave out by mistake.
    - ``hints``: how servers usually mend what an answer lacks, by a pattern of rule ids without the operation.
    - ``links``: the URLs in a JSON answer that are to be fetched. ``results``: how many results it holds.
      ``seen``: what of an exchange with a success can be seen as pictures, None if that is nothing.
    - ``renamed``: what rules are called today, by an id that they had in an earlier version.
    - ``client``: where the generated client has its operations, such as ``the_client.api.its_tag``.
    """

    selector: str | None = None
    sized: str | None = None
    statements: tuple[Statement, ...] = field(default=(), repr=False)
    ledger: Path | None = None
    cost: Callable[[Operation, Fields], Cost] = _free
    unit: str = ""
    undecided: Callable[[Operation, Fields], str | None] = _decided
    sample: Callable[[Operation, str], Upload] = _text_file
    uploads: tuple[Upload, ...] = (Upload(Text()),)
    contents: tuple[type[Content], ...] = ()
    shown: Mapping[str, Fields] = field(factory=dict[str, Fields], hash=False)
    settle: Callable[..., Fields] = _as_it_is
    listing: str | None = None
    listed: Callable[[object], Iterable[str]] = _none
    prefix: str = ""
    hints: Mapping[str, str] = field(factory=dict[str, str], hash=False)
    links: Callable[[object], Iterable[str]] = _none
    results: Callable[[object], int] = _nothing
    seen: Callable[[Exchange], Seen | None] = _unseen
    renamed: Mapping[str, str] = field(factory=dict[str, str], hash=False)
    client: str | None = None

    def is_larger(self, operation: Operation, fields: Fields, effort: int | None) -> bool:
        """Whether a request asks for more work than this for any of its results."""
        cost = self.cost(operation, fields)
        return effort is not None and cost.effort > effort * max(1, cost.images)

    def aliases(self, names: Mapping[str, str], operation: str) -> Aliases:
        """Return which of the server's own names stand for documented values in an operation, by field."""
        return {self.selector: names_in(operation, names)} if self.selector else {}
