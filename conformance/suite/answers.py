"""Stated rules about answers: each a small function beside the sentence of the contract that it enforces.

A check gets the view of one answer to a valid request and returns what it found wrong, nothing if all is right, or
None where the rule doesn't apply, so that the number of answers that a verdict rests on can be counted.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import TypeAlias, cast
from urllib.parse import urlsplit

from conformance.suite.contract import Contract, ContractError, Operation, Schema, Source
from conformance.suite.images import examine
from conformance.suite.view import MISSING, Check, View

_DAY = 24 * 60 * 60
_SHOWN = 80
_SIZE = re.compile(r"(\d+)x(\d+)")

Stated: TypeAlias = tuple[str, str, Source, Check]


def stated(contract: Contract, operation: Operation) -> Iterator[Stated]:
    """Yield id, level, source and check of each stated rule about the operation's answers."""
    answer, request = operation.answer, operation.request.properties
    ok = f"{operation.pointer}/responses/200"
    item = cast("Schema", answer.properties["data"].items)

    def rule(name: str, source: Source, check: Check) -> Stated:
        return (f"{operation.id}/{name}", "core", source, check)

    yield rule("response/status", contract.source(ok, "responses: '200'"), _status)
    json_type = f"{ok}/content/application~1json"
    yield rule("response/content-type", contract.source(json_type, "content: application/json"), _content_type)
    yield rule("response/json", contract.source(json_type, "content: application/json"), _json)
    yield rule("response/created/recent", quote(contract, answer.properties["created"], "in whole seconds"), _recent)
    count = quote(contract, answer.properties["data"], "`n` of them")
    yield rule("response/data/count", count, _when("n", given=True, check=_count))
    yield rule("n/default", quote(contract, request["n"], "It defaults to 1."), _default(request["n"], "n", _count))
    size = quote(contract, request["size"], "The size of the generated images in pixels")
    yield rule("response/data/items/dimensions", size, _when("size", given=True, check=_dimensions))
    default = quote(contract, request["size"], "It defaults to `1024x1024`.")
    yield rule("size/default", default, _default(request["size"], "size", _dimensions))
    form = request["response_format"]
    honoured = quote(contract, form, "The form in which the images are returned.")
    yield rule("response_format/honoured", honoured, _when("response_format", given=True, check=_form))
    by_default = quote(contract, form, "It defaults to `url`.")
    yield rule("response_format/default", by_default, _default(form, "response_format", _form))
    url, content = item.properties["url"], item.properties["b64_json"]
    the_url = quote(contract, url, "The URL of the generated image")
    yield rule("response/data/items/url/absolute", the_url, _absolute)
    yield rule("response/data/items/url/fetchable", the_url, _fetchable)
    yield rule("response/data/items/url/image", the_url, _url_image)
    yield rule(
        "response/data/items/b64_json/base64", quote(contract, content, "base64-encoded"), lambda v: _base64(v)[0]
    )
    image = quote(contract, content, "content of the generated image")
    yield rule("response/data/items/b64_json/image", image, _b64_image)


def quote(contract: Contract, schema: Schema, words: str) -> Source:
    """Return the source of a sentence in a schema's description; raises ContractError once the words have left it."""
    described = schema.description
    if described is None or words not in str(described.value):
        raise ContractError(f"the contract no longer says {words!r} at {schema.pointer}")
    return contract.source(described.pointer, words)


def show(value: object) -> str:
    """Return a value of an answer for a message: short, and with every control character escaped."""
    text = "missing" if value is MISSING else repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def asked(view: View, name: str) -> object:
    """Return what the request asked for, with an absent field or null as None."""
    return view.fields.get(name)


def _when(name: str, *, given: bool, check: Callable[[View, object], list[str] | None]) -> Check:
    def applied(view: View) -> list[str] | None:
        value = asked(view, name)
        return None if view.refused or (value is not None) is not given else check(view, value)

    return applied


def _default(schema: Schema, name: str, check: Callable[[View, object], list[str] | None]) -> Check:
    default = schema.default.value if schema.default else None

    def applied(view: View) -> list[str] | None:
        return None if view.refused or asked(view, name) is not None else check(view, default)

    return applied


def _status(view: View) -> list[str] | None:
    if view.refused:
        return None
    return [] if view.status == 200 else [f"the status is {view.status}"]  # noqa: PLR2004 - the documented status


def _content_type(view: View) -> list[str] | None:
    if view.refused:
        return None
    return [] if view.media_type == "application/json" else [f"the media type is {show(view.media_type)}"]


def _json(view: View) -> list[str] | None:
    if view.refused:
        return None
    answer = view.exchange.answer
    body = answer.body if answer else b""
    return [] if view.is_json else [f"the body is not JSON; it begins with {body[:40]!r}"]


def _recent(view: View) -> list[str] | None:
    created = cast("dict[str, object]", view.json).get("created") if isinstance(view.json, dict) else None
    if view.refused or not isinstance(created, int | float) or isinstance(created, bool):
        return None
    days = (created - view.now) / _DAY
    return [] if abs(days) <= 1 else [f"created is {show(created)}, {abs(days):.0f} days from now"]


def _count(view: View, n: object) -> list[str] | None:
    if not isinstance(view.json, dict):
        return None
    data = cast("dict[str, object]", view.json).get("data")
    if not isinstance(data, list):
        return None
    count = len(cast("list[object]", data))
    return [] if count == n else [f"data has {count} items where {n} were due"]


def _form(view: View, form: object) -> list[str] | None:
    if view.items is None:
        return None
    other = "b64_json" if form == "url" else "url"
    findings: list[str] = []
    for index, item in enumerate(view.items):
        if item.get(str(form)) is None:
            findings.append(f"data[{index}] has no {form}; it has {show(sorted(item))}")
        elif item.get(other) is not None:
            findings.append(f"data[{index}] has {other} beside {form}")
    return findings


def _urls(view: View) -> list[tuple[int, str]]:
    urls = [(index, item.get("url")) for index, item in enumerate(view.items or ())]
    return [(index, url) for index, url in urls if isinstance(url, str)]


def _absolute(view: View) -> list[str] | None:
    if view.refused or not _urls(view):
        return None
    return [f"data[{index}].url is {show(url)}" for index, url in _urls(view) if not is_absolute(url)]


def is_absolute(url: str) -> bool:
    """Whether a URL is absolute and of a scheme that an HTTP client can fetch."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _fetchable(view: View) -> list[str] | None:
    fetches = [(index, view.exchange.fetch(url)) for index, url in _urls(view) if is_absolute(url)]
    made = [(index, fetch) for index, fetch in fetches if fetch is not None and fetch.failure != "not fetched"]
    if view.refused or not made:
        return None
    return [
        f"GET data[{index}].url without the key: {fetch.failure or f'status {fetch.status}'}"
        for index, fetch in made
        if fetch.status != 200  # noqa: PLR2004 - RFC 9110, section 15.3.1
    ]


def _images(view: View) -> Iterator[tuple[int, str, bytes]]:
    """Yield item index, where it was found, and bytes of each image that could be had."""
    for index, url in _urls(view):
        fetch = view.exchange.fetch(url)
        if fetch is not None and fetch.status == 200 and fetch.answer is not None:  # noqa: PLR2004 - as above
            yield index, "url", fetch.answer.body
    for index, data in _base64(view)[1]:
        yield index, "b64_json", data


def _url_image(view: View) -> list[str] | None:
    return _examine(view, "url")


def _b64_image(view: View) -> list[str] | None:
    return _examine(view, "b64_json")


def _examine(view: View, place: str) -> list[str] | None:
    found = [(index, examine(data)) for index, where, data in _images(view) if where == place]
    if view.refused or not found:
        return None
    return [f"data[{index}].{place} gives {facts}" for index, facts in found if isinstance(facts, str)]


def _base64(view: View) -> tuple[list[str] | None, list[tuple[int, bytes]]]:
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


def _dimensions(view: View, size: object) -> list[str] | None:
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
