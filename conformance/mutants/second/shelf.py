"""Keeps the images that have a URL: for an hour, as documented, or until newer ones need the room."""

from __future__ import annotations

import secrets
import time

import attrs

_SECONDS = 60 * 60
_MOST_BYTES = 256 * 1024 * 1024


@attrs.define
class Shelf:
    """Files by an id that nobody can guess, the oldest first; used from one thread."""

    _files: dict[str, tuple[float, bytes]] = attrs.field(factory=dict[str, tuple[float, bytes]])
    _bytes: int = 0

    def put(self, content: bytes) -> str:
        """Keep a file and return its id."""
        id_ = secrets.token_urlsafe(18)
        self._files[id_] = (time.monotonic() + _SECONDS, content)
        self._bytes += len(content)
        while self._bytes > _MOST_BYTES:
            self._bytes -= len(self._files.pop(next(iter(self._files)))[1])
        return id_

    def get(self, id_: str) -> bytes | None:
        """Return a file, or None if there is none or its hour is over."""
        until, content = self._files.get(id_, (0.0, b""))
        return content if time.monotonic() < until else None
