"""Reads a multipart form with the parser of another library than the one that wrote it."""

from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP

from attrs import frozen


@frozen
class Part:
    """One part of a form; ``filename`` is None for a plain value."""

    name: str
    filename: str | None
    content_type: str | None
    content: bytes


def parse(content_type: str, body: bytes) -> list[Part]:
    """Return the parts of a form in their order."""
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    return [_part(part) for part in message.iter_parts()]


def _part(part: Message) -> Part:
    name = part.get_param("name", header="content-disposition")
    content = part.get_payload(decode=True)
    assert isinstance(name, str)
    assert isinstance(content, bytes)
    return Part(name, part.get_filename(), part["content-type"], content)
