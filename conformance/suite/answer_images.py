"""Stated rules about the images of an answer: where they are, what they are, and how large."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from conformance.suite.images import examine, share_changed
from conformance.suite.pictures import Picture, Upload
from conformance.suite.show import show
from conformance.suite.view import View

_SIZE = re.compile(r"(\d+)x(\d+)")
_OK = 200
_CHANGED = 0.1
"""Share of pixels that may differ clearly outside the mask; lossy formats and blended edges stay far below."""


def _urls(view: View) -> list[tuple[int, str]]:
    urls = [(index, item.get("url")) for index, item in enumerate(view.items or ())]
    return [(index, url) for index, url in urls if isinstance(url, str)]


def absolute(view: View) -> list[str] | None:
    """Find each URL that no HTTP client can fetch as it is."""
    if view.refused or not _urls(view):
        return None
    return [f"data[{index}].url is {show(url)}" for index, url in _urls(view) if not is_absolute(url)]


def is_absolute(url: str) -> bool:
    """Whether a URL is absolute and of a scheme that an HTTP client can fetch."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def fetchable(view: View) -> list[str] | None:
    """Find each URL that can't be fetched without the key."""
    fetches = [(index, view.exchange.fetch(url)) for index, url in _urls(view) if is_absolute(url)]
    made = [(index, fetch) for index, fetch in fetches if fetch is not None and fetch.failure != "not fetched"]
    if view.refused or not made:
        return None
    return [
        f"GET data[{index}].url without the key: {fetch.failure or f'status {fetch.status}'}"
        for index, fetch in made
        if fetch.status != _OK
    ]


def _images(view: View) -> Iterator[tuple[int, str, bytes]]:
    """Yield item index, where it was found, and bytes of each image that could be had."""
    for index, url in _urls(view):
        fetch = view.exchange.fetch(url)
        if fetch is not None and fetch.status == _OK and fetch.answer is not None:
            yield index, "url", fetch.answer.body
    for index, data in strict_base64(view)[1]:
        yield index, "b64_json", data


def url_image(view: View) -> list[str] | None:
    """Find each URL whose content is no image."""
    return _examine(view, "url")


def b64_image(view: View) -> list[str] | None:
    """Find each b64_json whose content is no image."""
    return _examine(view, "b64_json")


def _examine(view: View, place: str) -> list[str] | None:
    found = [(index, examine(data)) for index, where, data in _images(view) if where == place]
    if view.refused or not found:
        return None
    return [f"data[{index}].{place} gives {facts}" for index, facts in found if isinstance(facts, str)]


def strict_base64(view: View) -> tuple[list[str] | None, list[tuple[int, bytes]]]:
    """Decode each b64_json strictly (RFC 4648, section 4): findings, and the bytes of those that are right."""
    contents = [(index, item.get("b64_json")) for index, item in enumerate(view.items or ())]
    texts = [(index, text) for index, text in contents if isinstance(text, str)]
    if view.refused or not texts:
        return None, []
    findings: list[str] = []
    decoded: list[tuple[int, bytes]] = []
    for index, text in texts:
        try:
            decoded.append((index, base64.b64decode(text.encode("ascii"), validate=True)))
        except (binascii.Error, UnicodeEncodeError) as error:
            findings.append(f"data[{index}].b64_json is not base64: {error}; it begins with {show(text[:24])}")
    return findings, decoded


def dimensions(view: View, size: object) -> list[str] | None:
    """Find each image that is not of the size that was due, width by height in pixels."""
    wanted = _SIZE.fullmatch(str(size))
    found = [(index, examine(data)) for index, _, data in _images(view)]
    known = [(index, facts) for index, facts in found if not isinstance(facts, str)]
    if wanted is None or not known:
        return None
    width, height = int(wanted[1]), int(wanted[2])
    return [
        f"data[{index}] is {facts.width}x{facts.height} where {size} was due"
        for index, facts in known
        if (facts.width, facts.height) != (width, height)
    ]


def mask_honoured(view: View) -> list[str] | None:
    """Compare what lies outside the transparent area where no scaling blurs the comparison."""
    mask = view.fields.get("mask") or view.fields.get("image")
    image = view.fields.get("image")
    if view.refused or not isinstance(mask, Upload) or not isinstance(image, Upload):
        return None
    if not isinstance(mask.picture, Picture) or not isinstance(image.picture, Picture):
        return None
    shares = [
        (index, share_changed(image.encode(), mask.encode(), data))
        for index, _, data in _images(view)
        if view.fields.get("size") == f"{image.picture.width}x{image.picture.height}"
    ]
    known = [(index, share) for index, share in shares if share is not None]
    if not known:
        return None
    return [
        f"data[{index}] differs from image in {share:.0%} of the pixels outside the transparent area"
        for index, share in known
        if share > _CHANGED
    ]
