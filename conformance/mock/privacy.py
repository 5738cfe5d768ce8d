"""Keeps keys out of what the mock tells about requests.

Header fields with keys are never told at all. But a client with a fault may put its key into a path or a field, so the
key that the mock asks for and the one that a request came with are cut out of whatever is told, unless they are so
short that they may well be words.
"""

from collections.abc import Callable
from typing import Final

from starlette.types import Scope

HIDDEN: Final = "[key]"
"""Stands where a key stood."""
_SHORTEST: Final = 8


def hider(scope: Scope, key: str | None) -> Callable[[str], str]:
    """Make a function that cuts the keys of a request and of the mock out of a text."""
    given = next((value for name, value in scope["headers"] if name == b"authorization"), b"").decode("latin-1")
    secrets = [secret for secret in (key, given.rpartition(" ")[2]) if secret and len(secret) >= _SHORTEST]

    def hide(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, HIDDEN)
        return text

    return hide
