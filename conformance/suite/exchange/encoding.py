"""A request as bytes on the wire: JSON, or a multipart form, with what travels in the path and in the query."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TypeAlias, cast
from urllib.parse import quote

import httpx
from attrs import field, frozen

from conformance.suite.contract.operation import Operation
from conformance.suite.contract.places import Fields, files_in
from conformance.suite.contract.schema import Schema
from conformance.suite.exchange.request import Request
from conformance.suite.exchange.upload import Upload

Aliases: TypeAlias = Mapping[str, Mapping[str, str]]
"""By field, the names that this server has for documented values, such as that of a model."""

OF = ":"
"""Stands between an operation and a documented value that has a name of its own there."""
_BOUNDARY = "images-conformance-8d1f4a6b7c2e"
"""Fixed, so that a run can be repeated byte for byte; no field that the suite sends holds it."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@frozen
class Encoded:
    """A request as bytes: method, path below the base URL with its query, content type and body."""

    method: str
    path: str
    content_type: str | None
    body: bytes = field(repr=False)


def encode(request: Request, operation: Operation, aliases: Aliases) -> Encoded:
    """Encode a request for the wire."""
    raw = request.raw
    fields = renamed(request.fields, aliases)
    method, path = raw.method or operation.method, raw.path or target(fields, operation)
    if raw.body is not None:
        return Encoded(method, path, raw.content_type, raw.body)
    content_type, body = _body(fields, operation, raw.order)
    content_type = content_type if raw.content_type is None else raw.content_type
    return Encoded(method, path, content_type, raw.damage.to(body) if raw.damage else body)


def _body(fields: Fields, operation: Operation, order: tuple[str, ...]) -> tuple[str | None, bytes]:
    """Return what the fields give: content type and body."""
    body = {name: value for name, value in fields.items() if name not in operation.parameters}
    if operation.media_type is None:
        return None, b""
    if not operation.is_form:
        return operation.media_type, json.dumps(body).encode()
    content_type = f"multipart/form-data; boundary={_BOUNDARY}"
    built = httpx.Request(
        "POST",
        "http://localhost",
        files=[(name, _part(value)) for name, value in parts(body, order)],
        headers={"content-type": content_type},
    )
    return content_type, built.read()


def renamed(fields: Fields, aliases: Aliases) -> dict[str, object]:
    """Return the fields with each documented value under the name that this server has for it."""
    return {
        name: aliases.get(name, {}).get(value, value) if isinstance(value, str) else value
        for name, value in fields.items()
    }


def names_in(operation: str, names: Mapping[str, str]) -> Mapping[str, str]:
    """Return the names that hold in an operation: those that are given for it alone go before those for all."""
    prefix = f"{operation}{OF}"
    return {**names, **{key.removeprefix(prefix): own for key, own in names.items() if key.startswith(prefix)}}


def target(fields: Fields, operation: Operation) -> str:
    """Return the path of a request with its query."""
    path, query = operation.path, list[tuple[str, str | int | float | bool | None]]()
    for name, where in operation.parameters.items():
        if name not in fields:
            continue
        value = fields[name]
        if where == "path":
            path = path.replace(f"{{{name}}}", quote(form_text(value), safe=""))
        else:
            entries = cast("list[object]", value) if isinstance(value, list) else [value]
            query += [(name, form_text(entry)) for entry in entries]
    return f"{path}?{httpx.QueryParams(query)}" if query else path


def parts(fields: Fields, order: tuple[str, ...]) -> list[tuple[str, object]]:
    """Return the parts of a form: those that ``order`` names in front, then plain values, then files.

    Text before files is what HTTP client libraries send, because they stream files. An array is a part ``name[]`` for
    each of its items.
    """
    plain = [name for name, value in fields.items() if not files_in(value)]
    found: list[tuple[str, object]] = []
    for name in dict.fromkeys((*order, *plain, *fields)):
        value = fields.get(name)
        if name in fields and isinstance(value, list):
            found += [(f"{name}[]", item) for item in cast("list[object]", value)]
        elif name in fields:
            found.append((name, value))
    return found


def _part(value: object) -> tuple[str | None, bytes] | tuple[str, bytes, str]:
    if isinstance(value, Upload):
        return (value.filename, value.encode(), value.content_type)
    return (None, form_text(value).encode())


def form_text(value: object) -> str:
    """Return a plain value the way a form or a query carries it."""
    return value if isinstance(value, str) else json.dumps(value)


def as_read(schema: Schema | None, value: object) -> object:
    """Return what a server reads where a field travels as text: a number or a boolean where one is due and given."""
    types = schema.types if schema else ()
    if isinstance(value, list) and "array" in types:
        return [as_read(schema.items if schema else None, item) for item in cast("list[object]", value)]
    if isinstance(value, Upload):
        return value
    text = form_text(cast("object", value))
    if (_NUMBER.fullmatch(text) and {"integer", "number"} & {*types}) or (
        text in ("true", "false") and "boolean" in types
    ):
        return cast("object", json.loads(text))
    return text
