"""The values that travel between the steps of a request: all frozen, none knows how it was made."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import attrs
from PIL import Image

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"

Node: TypeAlias = Mapping[str, Any]
"""An object inside the parsed contract, or the whole of it."""

Values: TypeAlias = Mapping[str, JsonValue]
"""The fields of a request by name, as JSON values whichever way they were sent."""

Kind: TypeAlias = Literal["generations", "edits", "variations"]
Size: TypeAlias = tuple[int, int]
"""Width and height in pixels, in this order, as in ``1792x1024``."""

MEBIBYTE = 1024 * 1024


@attrs.frozen
class Limits:
    """The bounds that the contract's schemas don't hold: those of its prose, and those that protect this server.

    From the prose: ``file_bytes`` is the first size of a file that is refused ("less than 4MB", read as 4 MiB) and
    ``url_seconds`` how long the URL of an image is valid. All others are this server's own and far from what a valid
    request needs: ``body_bytes`` of a whole request and ``parts`` of a form, both without the lists that a contract
    admits, for each of which there is room for as many ``items`` or ``files`` more; ``depth`` of arrays and objects
    inside each other, ``pixels`` of an uploaded image, ``side`` in pixels and number of ``images`` of one answer (they
    bite only when a contract leaves them open), ``store_bytes`` of uploads kept for the URLs of what is made of them.
    """

    file_bytes: int = 4 * MEBIBYTE
    url_seconds: float = 60 * 60
    body_bytes: int = 16 * MEBIBYTE
    parts: int = 64
    items: int = 1024
    files: int = 64
    depth: int = 64
    pixels: int = 4096 * 4096
    side: int = 4096
    images: int = 64
    store_bytes: int = 256 * MEBIBYTE


@attrs.frozen
class Part:
    """One part of a form (RFC 7578): its name, its bytes, and whether it was sent as a file or as text."""

    name: str
    content: bytes = attrs.field(repr=False)
    is_file: bool


class FileText(str):
    """A file as a schema sees it: a text of as many characters as it has bytes, and of the format ``binary``."""

    __slots__ = ()


@attrs.frozen
class Submission:
    """What a request brought: its fields as JSON values, and apart from them the bytes of its files by field name.

    A field that takes a list may have several files.
    """

    values: Values
    files: Mapping[str, tuple[bytes, ...]] = attrs.field(factory=dict[str, tuple[bytes, ...]], repr=False)


@attrs.frozen
class Picture:
    """An uploaded image: its pixels as RGBA, and the SHA-256 of the file they came from."""

    pixels: Image.Image = attrs.field(eq=False)
    digest: str


@attrs.frozen
class Order:
    """Everything that decides how the images of one answer look, and how they are handed over.

    ``seed`` stands for all that the looks depend on, as 32 hexadecimal digits: what is drawn by chance is drawn by it,
    never by ``prompt`` and ``model``, which are empty when an image is drawn again for its URL. ``user`` is not in
    here: two users who ask for the same thing get the same pictures.
    """

    kind: Kind
    prompt: str
    model: str
    quality: str
    style: str
    size: Size
    count: int
    response_format: str
    image: Picture | None = None
    mask: Picture | None = None
    seed: str = ""
