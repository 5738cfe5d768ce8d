"""What is kept of a request for a test to look at."""

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from conformance.reference import JsonValue

_PNG: Final = struct.Struct(">8s4x4sIIBB")
"""Signature, length of the first chunk, its type, width, height, bit depth and colour type (PNG, section 11.2.1)."""
_COLOURS: Final = {0: "L", 2: "RGB", 3: "P", 4: "LA", 6: "RGBA"}
_OTHERS: Final = ((0, b"\xff\xd8\xff", "JPEG"), (0, b"GIF8", "GIF"), (8, b"WEBP", "WEBP"))
"""Where the mark of another format stands, and the mark."""


@attrs.frozen
class File:
    """An uploaded file: its SHA-256 in hexadecimal digits, its length in bytes, and of an image what its header says.

    ``format`` is ``PNG``, ``JPEG``, ``GIF``, ``WEBP`` or None. ``size``, such as ``256x256``, and ``mode``, such as
    ``RGBA``, are known of PNG files, and named as Pillow does.
    """

    sha256: str
    bytes: int
    format: str | None
    size: str | None
    mode: str | None


@attrs.frozen
class Asked:
    """A request and how it was answered; ``fields`` are as sent, ``files`` by the field that they were sent in.

    ``status`` is None where the connection was reset. ``fault`` is the fault that the request had, if any.
    """

    method: str
    path: str
    fields: Mapping[str, JsonValue]
    files: Mapping[str, Sequence[File]]
    headers: Mapping[str, str]
    status: int | None
    request_id: str
    fault: str | None


def look(content: bytes) -> File:
    """Look at a file, which may be anything."""
    kind, size, mode = None, None, None
    if len(content) >= _PNG.size:
        signature, chunk, width, height, depth, colour = _PNG.unpack_from(content)
        if signature == b"\x89PNG\r\n\x1a\n" and chunk == b"IHDR":
            kind, size, mode = "PNG", f"{width}x{height}", _mode(depth, colour)
    kind = kind or next((name for place, mark, name in _OTHERS if content.startswith(mark, place)), None)
    return File(hashlib.sha256(content).hexdigest(), len(content), kind, size, mode)


def read(text: bytes) -> Asked:
    """Read a request as it is listed."""
    found: dict[str, Any] = json.loads(text)
    found["files"] = {name: tuple(File(**each) for each in given) for name, given in found["files"].items()}
    return Asked(**found)


def _mode(depth: int, colour: int) -> str | None:
    return {(1, 0): "1", (16, 0): "I;16"}.get((depth, colour), _COLOURS.get(colour))
