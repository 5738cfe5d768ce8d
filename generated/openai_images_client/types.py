"""Contains some shared types for properties"""

from collections.abc import Mapping, MutableMapping
from http import HTTPStatus
from io import BytesIO
from typing import IO, BinaryIO, Generic, Literal, Self, TypeVar, cast

from attrs import define, field


class Unset:
    def __bool__(self) -> Literal[False]:
        return False

    def __reduce__(self) -> str:
        return "UNSET"


UNSET: Unset = Unset()

# The types that `httpx.Client(files=)` can accept, copied from that library.
FileContent = IO[bytes] | bytes | str
FileTypes = (
    # (filename, file (or bytes), content_type)
    tuple[str | None, FileContent, str | None]
    # (filename, file (or bytes), content_type, headers)
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
RequestFiles = list[tuple[str, FileTypes]]


@define
class File:
    """Contains information for file uploads"""

    payload: BinaryIO
    file_name: str | None = None
    mime_type: str | None = None

    @classmethod
    def from_value(cls, value: FileTypes | bytes) -> Self:
        """The file that `to_tuple` has given, or a file that holds the bytes"""
        if not isinstance(value, tuple):
            return cls(payload=BytesIO(value))
        return cls(payload=cast(BinaryIO, value[1]), file_name=value[0], mime_type=value[2])

    def to_part(self) -> FileTypes:
        """As `to_tuple`, with the file name "upload" if there is none, as a form needs one"""
        return File(self.payload, self.file_name or "upload", self.mime_type).to_tuple()

    def to_tuple(self) -> FileTypes:
        """Return a tuple representation that httpx will accept for multipart/form-data"""
        if self.mime_type is not None and not self.mime_type.isprintable():
            raise ValueError("mime_type holds a character that would end its header")
        return self.file_name, self.payload, self.mime_type


T = TypeVar("T")


def _named_status(code: int) -> HTTPStatus | int:
    try:
        return HTTPStatus(code)
    except ValueError:
        return code


@define
class Response(Generic[T]):
    """A response from an endpoint; `parsed` is None if the body is not what the status promises"""

    # An HTTPStatus, or a plain int if the status has no name
    status_code: HTTPStatus | int = field(converter=_named_status)
    content: bytes
    headers: MutableMapping[str, str]
    parsed: T | None


__all__ = ["UNSET", "File", "FileTypes", "RequestFiles", "Response", "Unset"]
