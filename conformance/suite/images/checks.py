"""Checks of the images that are answered: each gets the view of one answer, and often what was due in it.

It returns what it found wrong, nothing if all is right, or None where the rule doesn't apply, so that the number of
answers that a verdict rests on can be counted.
"""

from __future__ import annotations

import re
from typing import cast

from conformance.suite.exchange.recording import Fetch
from conformance.suite.exchange.upload import Upload
from conformance.suite.exchange.view import View
from conformance.suite.exchange.words import count, show, written
from conformance.suite.images.decoding import examine, share_changed
from conformance.suite.images.items import images, is_absolute, items, nothing_seen, urls
from conformance.suite.images.pictures import Picture

_DAY = 24 * 60 * 60
_SIZE = re.compile(r"(\d+)x(\d+)")
_OK = 200
_CHANGED = 0.1
"""Share of pixels that may differ clearly outside the mask; lossy formats and blended edges stay far below."""


def recent(view: View) -> list[str] | None:
    """Hold the time of creation against the clock, to a day."""
    created = cast("dict[str, object]", view.json).get("created") if isinstance(view.json, dict) else None
    if not isinstance(created, int | float) or isinstance(created, bool):
        return None
    distance = abs(created - int(view.now))
    return (
        [] if distance <= _DAY else [f"created is {show(created)}, more than a day from {int(view.now)}, the time now"]
    )


def count_due(view: View, n: object) -> list[str] | None:
    """Count the images against how many were due."""
    if not isinstance(view.json, dict):
        return None
    data = cast("dict[str, object]", view.json).get("data")
    if not isinstance(data, list):
        return None
    found = len(cast("list[object]", data))
    return (
        [] if found == n else [f"data has {count(found, 'item')} where {written(n)} {'was' if n == 1 else 'were'} due"]
    )


def form_missing(view: View, form: object) -> list[str] | None:
    """Find each item that lacks the form that is due; null is no form."""
    found = items(view)
    if found is None:
        return None
    there = [(index, sorted(name for name in item if item[name] is not None)) for index, item in enumerate(found)]
    return [f"data[{index}] has no {form}; it has {show(names)}" for index, names in there if form not in names]


def form_beside(view: View, form: object) -> list[str] | None:
    """Find each item that has the other form too."""
    found = items(view)
    if found is None:
        return None
    both = [index for index, item in enumerate(found) if None not in (item.get("url"), item.get("b64_json"))]
    return [f"data[{index}] has {'b64_json' if form == 'url' else 'url'} beside {form}" for index in both]


def distinct(view: View) -> list[str] | None:
    """Find an image that stands twice in one answer, and so was generated once."""
    found = items(view)
    if found is None or len(found) < 2:  # noqa: PLR2004 - one item has nothing to differ from
        return None
    # The same image may be stored under two URLs.
    files = {index: data for index, _, data in images(view)}
    seen: dict[object, int] = {}
    findings: list[str] = []
    for index, item in enumerate(found):
        content = files.get(index) or str(item.get("url") or item.get("b64_json"))
        if content in seen:
            findings.append(f"data[{index}] is the same as data[{seen[content]}]")
        seen.setdefault(content, index)
    return findings


def dimensions(view: View, size: object) -> list[str] | None:
    """Find each image that is not of the size that was due, width by height in pixels."""
    wanted = _SIZE.fullmatch(str(size))
    found = [(index, examine(data)) for index, _, data in images(view)]
    known = [(index, facts) for index, facts in found if not isinstance(facts, str)]
    if wanted is None or not known:
        return None if wanted is None or found else nothing_seen(view)
    width, height = int(wanted[1]), int(wanted[2])
    return [
        f"data[{index}] is {facts.width}x{facts.height} where {size} was due"
        for index, facts in known
        if (facts.width, facts.height) != (width, height)
    ]


def absolute(view: View) -> list[str] | None:
    """Find each URL that no HTTP client can fetch as it is."""
    found = urls(view)
    return [f"data[{index}].url is {show(url)}" for index, url in found if not is_absolute(url)] if found else None


def fetchable(view: View) -> list[str] | None:
    """Find each URL that can't be fetched without the key."""
    fetches = [(index, view.exchange.fetch(url)) for index, url in urls(view) if is_absolute(url)]
    made = [(index, fetch) for index, fetch in fetches if fetch is not None and not fetch.out_of_reach]
    if not made:
        return nothing_seen(view)
    return [
        f"GET data[{index}].url without the key: {_what_came(fetch)}" for index, fetch in made if fetch.status != _OK
    ]


def _what_came(fetch: Fetch) -> str:
    return ", ".join(said for said in (f"status {fetch.status}" if fetch.answer else "", fetch.failure) if said)


def mask_honoured(view: View) -> list[str] | None:
    """Compare what lies outside the transparent area where no scaling blurs the comparison."""
    mask = view.fields.get("mask") or view.fields.get("image")
    image = view.fields.get("image")
    if not isinstance(mask, Upload) or not isinstance(image, Upload):
        return None
    if not isinstance(mask.content, Picture) or not isinstance(image.content, Picture):
        return None
    if view.fields.get("size") != f"{image.content.width}x{image.content.height}":
        return None
    shares = [(index, share_changed(image.encode(), mask.encode(), data)) for index, _, data in images(view)]
    known = [(index, share) for index, share in shares if share is not None]
    if not known:
        return nothing_seen(view)
    return [
        f"data[{index}] differs from image in {share:.0%} of the pixels outside the transparent area"
        for index, share in known
        if share > _CHANGED
    ]
