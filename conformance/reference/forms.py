"""Reads a multipart form (RFC 7578): first into its parts, then into the fields of an operation.

A form knows only bytes, so the contract says what they stand for: a text where a number is due is read as JSON writes
numbers (RFC 8259, section 6) and stays a text otherwise, which the contract's ``type`` then refuses. A part is a file
when it has a file name, or no name but the content type of one; neither the name nor the type matters any further.
Parts that the operation doesn't know are
ignored, unless its schema forbids them.
"""

import re
from typing import TYPE_CHECKING, Final

import attrs
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from conformance.reference.bodies import parse_json_text
from conformance.reference.contract import Operation
from conformance.reference.errors import RefusedError
from conformance.reference.values import JsonValue, Limits, Part, Submission

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_NUMBER_TYPES: Final = frozenset({"integer", "number"})
_ALIASES: Final = {"image[]": "image"}
"""Client libraries that are given a list of images name the part so, also for a single image."""


def parse_form(content_type: str, body: bytes, limits: Limits) -> tuple[Part, ...]:
    """Split a form into its parts, in the order they were sent.

    Refused with 400: no boundary, no part, a part without a name, more than ``limits.parts``, malformed or cut off.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not boundary:
        message = "The Content-Type names no boundary between the parts of the form."
        raise RefusedError(message)
    collector = _Collector(limits.parts)
    try:
        parser = MultipartParser(boundary, collector.callbacks())
        parser.write(body)
        parser.finalize()
    except FormParserError:
        message = "The request body is not a valid multipart form."
        raise RefusedError(message) from None
    if not collector.complete:
        message = "The multipart form is cut off or has no part at all."
        raise RefusedError(message)
    return tuple(collector.parts)


@attrs.define
class _Collector:
    """Gathers what the parser reports; it is the parser's shape, not ours, that this is done by callbacks."""

    limit: int
    parts: list[Part] = attrs.field(factory=list[Part])
    complete: bool = False
    _name: bytearray = attrs.field(factory=bytearray)
    _value: bytearray = attrs.field(factory=bytearray)
    _headers: dict[bytes, bytes] = attrs.field(factory=dict[bytes, bytes])
    _content: bytearray = attrs.field(factory=bytearray)

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_part_data": lambda data, start, end: self._content.extend(memoryview(data)[start:end]),
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        if len(self.parts) == self.limit:
            message = f"The form has more than {self.limit} parts."
            raise RefusedError(message)
        self._headers, self._content = {}, bytearray()

    def _end_header(self) -> None:
        self._headers[bytes(self._name).lower()] = bytes(self._value)
        self._name, self._value = bytearray(), bytearray()

    def _end_part(self) -> None:
        options = parse_options_header(self._headers.get(b"content-disposition"))[1]
        name = _decode(options.get(b"name", b""))
        if not name:
            message = "A part of the form has no name in UTF-8."
            raise RefusedError(message)
        media_type = parse_options_header(self._headers.get(b"content-type"))[0]
        is_file = b"filename" in options or media_type == b"application/octet-stream" or media_type[:6] == b"image/"
        self.parts.append(Part(name, bytes(self._content), is_file))

    def _end(self) -> None:
        self.complete = True


def read_form(operation: Operation, parts: tuple[Part, ...]) -> Submission:
    """Turn the parts of a form into the fields of an operation, whatever their order.

    Refused with 400 naming the field: a field twice, a text that is not UTF-8, a file where a text is due, and a text
    where a file is due.
    """
    values: dict[str, JsonValue] = {}
    files: dict[str, bytes] = {}
    for part in parts:
        name = _ALIASES.get(part.name, part.name)
        if name not in operation.properties:
            values[name] = part.content.decode("latin-1")
            continue
        if name in values:
            message = f"'{name}' is given more than once."
            raise RefusedError(message, name)
        values[name] = _value(operation, name, part)
        if part.is_file:
            files[name] = part.content
    return Submission(values, files)


def _value(operation: Operation, name: str, part: Part) -> JsonValue:
    """Read one part by what is due in its place; a file becomes a text of as many characters as it has bytes."""
    if operation.is_file(name) != part.is_file:
        message = f"'{name}' must be sent as {'text' if part.is_file else 'a file'}."
        raise RefusedError(message, name)
    if part.is_file:
        return part.content.decode("latin-1")
    text = _decode(part.content)
    if text is None:
        message = f"'{name}' is not valid UTF-8."
        raise RefusedError(message, name)
    types = operation.types(name)
    if "boolean" in types and text in {"true", "false"}:
        return text == "true"
    if types & _NUMBER_TYPES and "string" not in types and _NUMBER.fullmatch(text):
        return parse_json_text(text)
    return text


def _decode(content: bytes) -> str | None:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None
