"""One request as a value: which operation, which fields, and the bytes that go on the wire.

A request keeps its fields in the contract's terms; a model that the user mapped to another name is renamed only when
the request is encoded. Requests that no schema can describe (a broken JSON body, another method) carry ``raw`` parts
that replace what the fields would give.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, cast

import httpx
from attrs import asdict, evolve, field, frozen

from conformance.suite.constraints import Fields
from conformance.suite.contract import Operation, Schema
from conformance.suite.edits import ABSENT
from conformance.suite.pictures import Upload

_BOUNDARY = "images-conformance-8d1f4a6b7c2e"
"""Fixed, so that a run can be repeated byte for byte; no field that the suite sends holds it."""


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

    def as_json(self) -> dict[str, object]:
        """Return the parts as JSON; the bytes of the body as Latin-1 text."""
        return {**asdict(self), "body": None if self.body is None else self.body.decode("latin-1")}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Raw:
        """Undo :meth:`as_json`."""
        body: str | None = data["body"]
        encoded = None if body is None else body.encode("latin-1")
        parts: dict[str, Any] = {**data, "body": encoded, "order": tuple(data["order"])}
        return cls(**parts)


@frozen
class Request:
    """A request of one operation with these fields, in the contract's terms."""

    operation: str
    fields: Fields = field(hash=False)
    raw: Raw = Raw()

    def with_field(self, name: str, value: object) -> Request:
        """Return this request with one field changed, added, or with ``ABSENT`` left out."""
        fields = {key: other for key, other in self.fields.items() if key != name}
        return evolve(self, fields=fields if value is ABSENT else {**self.fields, name: value})

    @property
    def key(self) -> str:
        """A text that two requests share exactly if they are the same."""
        return json.dumps(self.as_json())

    def as_json(self) -> dict[str, object]:
        """Return the request as JSON."""
        return {"operation": self.operation, "fields": fields_as_json(self.fields), "raw": self.raw.as_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Request:
        """Undo :meth:`as_json`."""
        return cls(data["operation"], fields_from_json(data["fields"]), Raw.from_json(data["raw"]))


@frozen
class Encoded:
    """A request as bytes: method, path below the base URL, content type and body."""

    method: str
    path: str
    content_type: str | None
    body: bytes = field(repr=False)


def fields_as_json(fields: Fields) -> dict[str, object]:
    """Return the fields as JSON; a file is its recipe under the key ``$file``."""
    return {name: {"$file": value.as_json()} if isinstance(value, Upload) else value for name, value in fields.items()}


def fields_from_json(data: Mapping[str, object]) -> dict[str, object]:
    """Undo :func:`fields_as_json`."""
    return {
        name: Upload.from_json(value["$file"]) if isinstance(value, dict) and "$file" in value else value  # pyright: ignore[reportUnknownArgumentType]
        for name, value in data.items()
    }


def wire_fields(fields: Fields, names: Mapping[str, str]) -> dict[str, object]:
    """Return the fields with a documented model under the name that this server has for it."""
    model = fields.get("model")
    if isinstance(model, str) and model in names:
        return {**fields, "model": names[model]}
    return dict(fields)


def in_order(fields: Fields, order: tuple[str, ...]) -> dict[str, object]:
    """Return the fields of a form with those that ``order`` names in front, then plain values, then files.

    Text before files is what HTTP client libraries send, because they stream files.
    """
    plain = [name for name, value in fields.items() if not isinstance(value, Upload)]
    return {name: fields[name] for name in (*order, *plain, *fields) if name in fields}


def form_text(value: object) -> str:
    """Return a plain value the way a form carries it."""
    return value if isinstance(value, str) else json.dumps(value)


def encode(request: Request, operation: Operation, names: Mapping[str, str]) -> Encoded:
    """Encode a request for the wire."""
    raw = request.raw
    method, path = raw.method or operation.method, raw.path or operation.path
    if raw.body is not None:
        return Encoded(method, path, raw.content_type, raw.body)
    fields = wire_fields(request.fields, names)
    if not operation.is_form:
        return Encoded(method, path, raw.content_type or operation.media_type, json.dumps(fields).encode())
    content_type = f"multipart/form-data; boundary={_BOUNDARY}"
    built = httpx.Request(
        method,
        "http://localhost",
        files=[(name, _part(value)) for name, value in in_order(fields, raw.order).items()],
        headers={"content-type": content_type},
    )
    return Encoded(method, path, raw.content_type or content_type, built.read())


def _part(value: object) -> tuple[str | None, bytes] | tuple[str, bytes, str]:
    if isinstance(value, Upload):
        return (value.filename, value.encode(), value.content_type)
    return (None, form_text(value).encode())


def read_form(schema: Schema, text: str) -> object:
    """Return the value that a form's text stands for under a schema: a number where one is due and given."""
    if schema.keyword("type") in ("integer", "number") and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return cast("object", json.loads(text))
    return text
