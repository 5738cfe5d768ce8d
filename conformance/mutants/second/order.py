"""What a valid request asks for, in terms of what is to be drawn."""

from __future__ import annotations

import attrs
from PIL import Image


@attrs.frozen
class Order:
    """So many images of this size, as URLs or as content.

    ``edit`` is the image to edit and the image whose clear areas are edited, ``source`` the image to vary. ``fine`` is
    the quality ``hd``, ``muted`` the style ``natural``.
    """

    count: int
    size: tuple[int, int]
    as_url: bool
    fine: bool = False
    muted: bool = False
    edit: tuple[Image.Image, Image.Image] | None = None
    source: Image.Image | None = None
