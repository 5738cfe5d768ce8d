"""Bounds on what is taken of what a server sends: its answers are hostile until they are judged.

No answer that the contract allows comes near them, so none of them decides a rule; what is beyond one is not looked at,
and the exchange or the verdict says so in a sentence. How long an exchange may take is an option of the user's.
"""

from __future__ import annotations

from typing import Final

BYTES: Final = 64 * 1024 * 1024
"""Of a body, its content coding undone: ten images of 1024x1024 pixels that can't be compressed are 60 MB in base64."""
ERROR_BYTES: Final = 256 * 1024
"""Of the body of an answer that is no success; such an answer is judged by its status, and what is more is cut off."""
BEGINNING: Final = 4096
"""Bytes that are kept of the body of such an answer if it holds more than ``VALUES``."""
PIECES: Final = 100_000
"""Of a body as it is read: a connection delivers more than 1000 bytes at once, and a buffer of a server more."""
HEADERS: Final = 256
HEADER_BYTES: Final = 64 * 1024
"""Of all names and values of headers together; servers that clients can talk to stay below 16 KiB."""
VALUES: Final = 10_000
"""In a JSON body, whichever array or object holds them; strings that hold commas and brackets count as if they did."""
DEPTH: Final = 64
"""Of arrays and objects in each other."""
URL_CHARACTERS: Final = 16 * 1024
"""Of a URL that is fetched; 8000 are what every client can be relied on to take (RFC 9110, section 4.1)."""
FINDINGS: Final = 100
"""Of one check in one answer, which are kept and counted; further ones are of the same kind."""
HELD: Final = 64 * 1024
"""Bytes of a body up to which it is held in memory rather than in a file."""
