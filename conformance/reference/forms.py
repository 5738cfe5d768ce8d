"""Reads a multipart form (RFC 7578): first into its parts, then into the fields of an operation.

A form knows only bytes; ``readings`` finds out by the contract what they stand for. Parts of one name are the items of
a list where the contract admits one; many clients then call them ``name[]``. A part is a file when it has a file name,
or no name but the content type of one; neither the name nor the type matters any further. Parts that the operation
doesn't know are ignored, unless its schema forbids them.
"""

from typing import TYPE_CHECKING, Final

import attrs
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from conformance.reference.contract import Operation
from conformance.reference.errors import RefusedError
from conformance.reference.readings import WRONG_TYPE, misfit, read
from conformance.reference.schemas import faults
from conformance.reference.values import FileText, JsonValue, Limits, Part, Submission

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_LIST: Final = "[]"
_ALIASES: Final = {"image[]": "image"}
"""Client libraries that are given a list of images name the part so, also where the contract takes a single one."""


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

    Refused with 400 naming the field: a field twice that takes no list, a text that is not UTF-8, a file where a text
    is due, and a text where a file is due.
    """
    fields: dict[str, list[Part]] = {}
    for part in parts:
        fields.setdefault(_name(operation, part.name), []).append(part)
    values: dict[str, JsonValue] = {}
    files: dict[str, tuple[bytes, ...]] = {}
    for name, given in fields.items():
        if name not in operation.properties:
            values[name] = given[-1].content.decode("latin-1")
            continue
        if len(given) > 1 and not _takes_list(operation, name):
            message = f"'{name}' is given more than once."
            raise RefusedError(message, name)
        texts = [_text(operation, name, part) for part in given]
        listed = any(part.name.endswith(_LIST) for part in given)
        values[name] = read(operation.judges[name], texts, listed=listed)
        files[name] = tuple(part.content for part in given if part.is_file)
    return Submission(values, {name: contents for name, contents in files.items() if contents})


def _name(operation: Operation, sent: str) -> str:
    """Find the field that a part belongs to; the contract may itself call a field ``name[]``."""
    name = sent.removesuffix(_LIST)
    if sent in operation.properties or name not in operation.properties or not _takes_list(operation, name):
        return _ALIASES.get(sent, sent)
    return name


def _takes_list(operation: Operation, name: str) -> bool:
    return misfit(faults(operation.judges[name], [])) < WRONG_TYPE


def _text(operation: Operation, name: str, part: Part) -> str:
    """Read one part as a text."""
    if not operation.is_file(name) if part.is_file else operation.is_always_file(name):
        message = f"'{name}' must be sent as {'text' if part.is_file else 'a file'}."
        raise RefusedError(message, name)
    if part.is_file:
        return FileText(part.content.decode("latin-1"))
    text = _decode(part.content)
    if text is None:
        message = f"'{name}' is not valid UTF-8."
        raise RefusedError(message, name)
    return text


def _decode(content: bytes) -> str | None:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None
