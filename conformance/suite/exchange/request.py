"""One request as a value: which operation and which fields.

A request keeps its fields in the contract's terms; a model that the user mapped to another name is renamed only when
the request is encoded. Requests that no schema can describe (a broken JSON body, another method) carry ``raw`` parts
that replace what the fields would give, or say how the body that they give is damaged.
"""

from __future__ import annotations

import json
from functools import cached_property

from attrs import evolve, field, frozen

from conformance.suite.contract.places import Fields, with_fields
from conformance.suite.exchange.codec import CODEC


@frozen
class Damage:
    """What is done to a body once it is encoded, so that all else in it is as the server takes it.

    ``member``, the text of one, is added to a JSON object; then the body is cut off after the share ``keep`` of its
    bytes.
    """

    member: bytes = b""
    keep: float = 1.0

    def to(self, body: bytes) -> bytes:
        """Return the damaged body."""
        if self.member:
            start = body.removesuffix(b"}")
            body = start + (b", " if start != b"{" else b"") + self.member + b"}"
        return body[: int(len(body) * self.keep)]


@frozen
class Raw:
    """Parts of a request that replace what its fields would give; ``damage`` is done to the body of the fields."""

    body: bytes | None = None
    damage: Damage | None = None
    content_type: str | None = None
    method: str | None = None
    path: str | None = None
    authorization: str | None = None
    order: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether nothing is replaced."""
        return self == Raw()

    @property
    def leads_elsewhere(self) -> bool:
        """Whether the request goes to another method or path, and so is none of the operation's."""
        return self.method is not None or self.path is not None


@frozen(slots=False)
class Request:
    """A request of one operation with these fields, in the contract's terms."""

    operation: str
    fields: Fields = field(hash=False)
    raw: Raw = Raw()

    def edited(self, edits: Fields) -> Request:
        """Return this request with fields changed, added, or with ``ABSENT`` left out."""
        return evolve(self, fields=with_fields(self.fields, edits))

    @cached_property
    def key(self) -> str:
        """A text that two requests share exactly if they are the same."""
        return json.dumps(CODEC.unstructure(self))
