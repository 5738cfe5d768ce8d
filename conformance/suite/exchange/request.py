"""One request as a value: which operation and which fields.

A request keeps its fields in the contract's terms; a model that the user mapped to another name is renamed only when
the request is encoded. Requests that no schema can describe (a broken JSON body, another method) carry ``raw`` parts
that replace what the fields would give.
"""

from __future__ import annotations

import json
from functools import cached_property

from attrs import evolve, field, frozen

from conformance.suite.contract.places import Fields, with_fields
from conformance.suite.exchange.codec import CODEC


@frozen
class Raw:
    """Parts of a request that replace what its fields would give."""

    body: bytes | None = None
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
