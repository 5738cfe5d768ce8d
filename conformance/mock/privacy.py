"""Keeps keys out of what the mock tells about requests.

Header fields with keys are never told at all. But a client with a fault may put its key into a path or a field, so the
key that the mock asks for and the one that a request came with are cut out of whatever is told, unless they are so
short that they may well be words. They are found as they are, as JSON writes them, and as UTF-8 that was read as
Latin-1, which is how header fields and unknown fields of a form are read.
"""

import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, TypeAlias

Headers: TypeAlias = Iterable[tuple[bytes, bytes]]
"""The header fields of a request, as ASGI has them."""
HIDDEN: Final = "[key]"
"""Stands where a key stood."""
_SHORTEST: Final = 8


def hider(headers: Headers, key: str | None) -> Callable[[str], str]:
    """Make a function that cuts the keys of a request and of the mock out of a text."""
    given = [value.split(None, 1)[-1] for name, value in headers if name == b"authorization" and value.strip()]
    forms = _forms(key or "", *map(bytes.rstrip, given))

    def hide(text: str) -> str:
        for form in forms:
            text = text.replace(form, HIDDEN)
        return text

    return hide


@lru_cache(maxsize=64)
def _forms(key: str, *given: bytes) -> tuple[str, ...]:
    """List all that keys are found by, the longest first, because one may begin another."""
    read = {
        text
        for secret in (key.encode(), *given)
        if len(secret) >= _SHORTEST
        for text in (secret.decode("latin-1"), secret.decode("utf-8", "replace"))
    }
    return tuple(sorted(read | {json.dumps(text)[1:-1] for text in read}, key=len, reverse=True))
