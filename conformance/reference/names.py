"""The name of an image's file says how to draw it, so nothing is kept for a URL but what was uploaded.

Any process draws the same bytes from it, on whatever machine: several servers behind one address need to share nothing
for generations. A name holds the seed of an order and the rest that the looks depend on, which image of how many it is,
until when it is valid, and of an edit or a variation the first 128 bits of the SHA-256 of each upload. The upload
itself is on the server that took it (``store``), or in the folder that the workers of one machine share (``folder``).
So edits and variations by URL behind a balancer over several machines need sticky sessions, or ``b64_json`` instead.

What this promises: the seed is 128 bits of a hash, so nobody finds the URL of an image who does not know what was
asked for, and a URL does not tell it. What it does not: there is no secret of the server in it. Who knows the whole
request can make its URL, or prolong it, and who has a URL can try out whether he guesses the prompt; with a seed made
up, anyone can have a landscape drawn that nobody asked for, without a key, in no larger a size than ``Limits.side``.
"""

import base64
import struct
from typing import Final

import attrs

from conformance.reference.contract import KINDS
from conformance.reference.values import Limits, Order

_VERSION: Final = 1
_HEAD: Final = struct.Struct(">BB16sHHHHQ")
"""Version, looks, seed, width, height, number of images, which of them, and the end of its time in milliseconds."""
_KEY: Final = 16
_KIND: Final = 3
_FINE: Final = 4
_MUTED: Final = 8
_IMAGE: Final = 16
_MASK: Final = 32
"""The bits of the looks: the first two hold the kind of the order."""
_MILLISECONDS: Final = 1000
_ASKEW: Final = 60
"""Seconds by which the clocks of two machines may differ."""


@attrs.frozen
class Name:
    """What a name says: the order without its uploads, the image's number in it, the end of its time, the uploads.

    ``until`` is in seconds of Unix time. ``image`` and ``mask`` are what the uploads are called in the store.
    """

    order: Order
    index: int
    until: float
    image: str | None
    mask: str | None


def upload_key(digest: str) -> str:
    """Call an upload by its SHA-256, in hexadecimal digits."""
    return digest[: 2 * _KEY]


def write_name(order: Order, index: int, until: float) -> str:
    """Name the file of image number ``index`` of an order, which is valid until a time in seconds."""
    uploads = [picture.digest for picture in (order.image, order.mask) if picture]
    looks = (
        KINDS.index(order.kind)
        | _FINE * (order.quality == "hd")
        | _MUTED * (order.style == "natural")
        | _IMAGE * (order.image is not None)
        | _MASK * (order.mask is not None)
    )
    head = _HEAD.pack(
        _VERSION, looks, bytes.fromhex(order.seed), *order.size, order.count, index, int(until * _MILLISECONDS)
    )
    return _text(b"".join((head, *(bytes.fromhex(upload_key(digest)) for digest in uploads))))


def read_name(name: str, now: float, limits: Limits) -> Name | None:
    """Read a name that this server may have written; None for any other, and for one whose time is over at ``now``."""
    try:
        content = base64.b64decode(name.encode("ascii") + b"=" * (-len(name) % 4), altchars=b"-_", validate=True)
        head: tuple[int, int, bytes, int, int, int, int, int] = _HEAD.unpack_from(content)
    except (ValueError, struct.error):
        return None
    version, looks, seed, width, height, count, index, until = head
    keys = [content[start : start + _KEY].hex() for start in range(_HEAD.size, len(content), _KEY)]
    has_image, has_mask = bool(looks & _IMAGE), bool(looks & _MASK)
    if (
        _text(content) != name
        or version != _VERSION
        or looks & _KIND >= len(KINDS)
        or looks >= 2 * _MASK
        or not (0 < width <= limits.side and 0 < height <= limits.side and index < count)
        or len(content) != _HEAD.size + _KEY * (has_image + has_mask)
        or not now * _MILLISECONDS < until <= (now + limits.url_seconds + _ASKEW) * _MILLISECONDS
    ):
        return None
    order = Order(
        kind=KINDS[looks & _KIND],
        prompt="",
        model="",
        quality="hd" if looks & _FINE else "standard",
        style="natural" if looks & _MUTED else "vivid",
        size=(width, height),
        count=count,
        response_format="url",
        seed=seed.hex(),
    )
    image = keys[0] if has_image else None
    return Name(order, index, until / _MILLISECONDS, image, keys[-1] if has_mask else None)


def _text(content: bytes) -> str:
    """Write bytes in the URL-safe alphabet without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
