"""The images of an answer: where they stand in it, and their bytes."""

from __future__ import annotations

import base64 as base64_
import binascii
from collections.abc import Iterator, Mapping
from typing import TypeAlias, cast
from urllib.parse import urlsplit

from conformance.suite.exchange.view import CouldNotTell, View
from conformance.suite.exchange.words import cut, show
from conformance.suite.images.decoding import examine

Item: TypeAlias = Mapping[str, object]
_OK = 200


def items_of(answer: object) -> list[Item] | None:
    """Return the image objects, or None if the answer doesn't have a list of objects."""
    data = cast("dict[str, object]", answer).get("data") if isinstance(answer, dict) else None
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in cast("list[object]", data)):
        return None
    return cast("list[Item]", data)


def items(view: View) -> list[Item] | None:
    """Return the image objects of the answer that is viewed, or None."""
    return items_of(view.json)


def urls(view: View) -> list[tuple[int, str]]:
    """Return the URL of each item that has one, with the item's index."""
    found = [(index, item.get("url")) for index, item in enumerate(items(view) or ())]
    return [(index, url) for index, url in found if isinstance(url, str)]


def is_absolute(url: str) -> bool:
    """Whether a URL is absolute and of a scheme that an HTTP client can fetch."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def images(view: View) -> Iterator[tuple[int, str, bytes]]:
    """Yield item index, where it was found, and bytes of each image that could be had."""
    for index, url in urls(view):
        fetch = view.exchange.fetch(url)
        if fetch is not None and fetch.status == _OK and fetch.answer is not None:
            yield index, "url", fetch.answer.body
    for index, data in _decoded(view)[1]:
        yield index, "b64_json", data


def nothing_seen(view: View) -> None:
    """Return that an answer has nothing to look at; raises CouldNotTell if it may be this machine that can't see it."""
    fetches = [view.exchange.fetch(url) for _, url in urls(view)]
    failure = next((fetch.failure for fetch in fetches if fetch is not None and fetch.out_of_reach), None)
    if failure is not None:
        raise CouldNotTell(failure)


def url_image(view: View) -> list[str] | None:
    """Find each URL whose content is no image."""
    found = _examined(view, "url")
    return nothing_seen(view) if found is None else found


def b64_image(view: View) -> list[str] | None:
    """Find each b64_json whose content is no image."""
    return _examined(view, "b64_json")


def base64(view: View) -> list[str] | None:
    """Find each b64_json that is not base64 (RFC 4648, section 4)."""
    return _decoded(view)[0]


def _examined(view: View, place: str) -> list[str] | None:
    found = [(index, examine(data)) for index, where, data in images(view) if where == place]
    return (
        [f"data[{index}].{place} gives {facts}" for index, facts in found if isinstance(facts, str)] if found else None
    )


def _decoded(view: View) -> tuple[list[str] | None, list[tuple[int, bytes]]]:
    """Decode each b64_json strictly: findings, and the bytes of those that are right."""
    contents = [(index, item.get("b64_json")) for index, item in enumerate(items(view) or ())]
    texts = [(index, text) for index, text in contents if isinstance(text, str)]
    if not texts:
        return None, []
    findings: list[str] = []
    decoded: list[tuple[int, bytes]] = []
    for index, text in texts:
        try:
            decoded.append((index, base64_.b64decode(text.encode("ascii"), validate=True)))
        except (binascii.Error, UnicodeEncodeError) as error:
            findings.append(f"data[{index}].b64_json is not base64: {error}; it begins with {show(cut(text, 24))}")
    return findings, decoded
