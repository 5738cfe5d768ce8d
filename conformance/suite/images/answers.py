"""What the contract says in words of the images that are answered: how many, how large, in which form, and where.

A check gets the view of one answer and returns what it found wrong, nothing if all is right, or None where the rule
doesn't apply, so that the number of answers that a verdict rests on can be counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import cast

from conformance.suite.contract.constraints import of_request, violated
from conformance.suite.contract.nodes import is_map
from conformance.suite.exchange.recording import Fetch
from conformance.suite.exchange.upload import Upload
from conformance.suite.exchange.view import Check, View
from conformance.suite.exchange.words import count, show, written
from conformance.suite.images.decoding import examine, share_changed
from conformance.suite.images.items import (
    b64_image,
    base64,
    images,
    is_absolute,
    items,
    items_of,
    nothing_seen,
    url_image,
    urls,
)
from conformance.suite.images.pictures import Picture
from conformance.suite.rules.rule import Answers, Level
from conformance.suite.rules.statement import Maker, Scope, Statement

_DAY = 24 * 60 * 60
_SIZE = re.compile(r"(\d+)x(\d+)")
_OK = 200
_CHANGED = 0.1
"""Share of pixels that may differ clearly outside the mask; lossy formats and blended edges stay far below."""
_Asked = Callable[[View, object], list[str] | None]


def links(answer: object) -> Iterator[str]:
    """Yield the image URLs in an answer that can be fetched."""
    for item in items_of(answer) or ():
        url = item.get("url")
        if isinstance(url, str) and is_absolute(url):
            yield url


def results(answer: object) -> int:
    """Return how many images an answer holds or points to."""
    return len(items_of(answer) or ())


def _always(check: Check, *fields: str) -> Maker:
    return lambda _: Answers(check, fields=fields)


def _as_asked(name: str, check: _Asked) -> Maker:
    """Make a rule about a value that was asked for; null asks for nothing."""

    def applied(view: View) -> list[str] | None:
        value = view.fields.get(name)
        return None if value is None else check(view, value)

    return lambda scope: Answers(applied, fields=(name,)) if name in scope.operation.request.properties else None


def _by_default(name: str, check: _Asked) -> Maker:
    """Make a rule about what is answered where nothing was asked for, or null."""

    def make(scope: Scope) -> Answers | None:
        default = scope.schema.default

        def applied(view: View) -> list[str] | None:
            return None if default is None or view.fields.get(name) is not None else check(view, default.value)

        return None if default is None else Answers(applied, fields=(name,))

    return make


def _recent(view: View) -> list[str] | None:
    created = cast("dict[str, object]", view.json).get("created") if isinstance(view.json, dict) else None
    if not isinstance(created, int | float) or isinstance(created, bool):
        return None
    distance = abs(created - int(view.now))
    return (
        [] if distance <= _DAY else [f"created is {show(created)}, more than a day from {int(view.now)}, the time now"]
    )


def _count(view: View, n: object) -> list[str] | None:
    if not isinstance(view.json, dict):
        return None
    data = cast("dict[str, object]", view.json).get("data")
    if not isinstance(data, list):
        return None
    found = len(cast("list[object]", data))
    return (
        [] if found == n else [f"data has {count(found, 'item')} where {written(n)} {'was' if n == 1 else 'were'} due"]
    )


def _form_missing(view: View, form: object) -> list[str] | None:
    """Find each item that lacks the form that is due; null is no form."""
    found = items(view)
    if found is None:
        return None
    there = [(index, sorted(name for name in item if item[name] is not None)) for index, item in enumerate(found)]
    return [f"data[{index}] has no {form}; it has {show(names)}" for index, names in there if form not in names]


def _form_beside(view: View, form: object) -> list[str] | None:
    """Find each item that has the other form too."""
    found = items(view)
    if found is None:
        return None
    both = [index for index, item in enumerate(found) if None not in (item.get("url"), item.get("b64_json"))]
    return [f"data[{index}] has {'b64_json' if form == 'url' else 'url'} beside {form}" for index in both]


def _one_form(scope: Scope) -> Answers | None:
    """Make the rule that images come in the form that was asked for, and by default too in no other one beside it.

    That the default form is missing is for the rule about the default to say, so that each fault is told once.
    """
    name, default = "response_format", scope.schema.default

    def applied(view: View) -> list[str] | None:
        form = view.fields.get(name)
        if form is None:
            return None if default is None else _form_beside(view, default.value)
        missing, beside = _form_missing(view, form), _form_beside(view, form)
        return None if missing is None or beside is None else [*missing, *beside]

    return Answers(applied, fields=(name,)) if name in scope.operation.request.properties else None


def _distinct(view: View) -> list[str] | None:
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


def _dimensions(view: View, size: object) -> list[str] | None:
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


def _absolute(view: View) -> list[str] | None:
    """Find each URL that no HTTP client can fetch as it is."""
    found = urls(view)
    return [f"data[{index}].url is {show(url)}" for index, url in found if not is_absolute(url)] if found else None


def _fetchable(view: View) -> list[str] | None:
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


def _mask_honoured(view: View) -> list[str] | None:
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


def _names_param(scope: Scope) -> Answers:
    """Make the rule that a refusal for one field names it."""
    constraints = of_request(scope.contract, scope.operation)

    def check(view: View) -> list[str] | None:
        error = cast("Mapping[str, object]", view.json).get("error") if isinstance(view.json, dict) else None
        broken = violated(constraints, view.fields)
        plain = view.exchange.request.raw.is_plain
        if not view.exchange.refused or not plain or len(broken) != 1 or not is_map(error) or "param" not in error:
            return None
        param, name = error["param"], broken[0].place[0]
        return [] if param == name else [f"error.param is {show(param)} where {name} is wrong"]

    return Answers(check, to_errors=True, fields=())


_DATA, _URL, _CONTENT = ("response", "data"), ("response", "data", "*", "url"), ("response", "data", "*", "b64_json")
_IMAGES = "The generated images, `n` of them."
_SIZES = "The size of the generated images in pixels, width first."
_FORMS = "The form in which the images are returned."
_THE_URL = "The URL of the generated image, if `response_format` is `url`, the default."
_THE_CONTENT = "The base64-encoded content of the generated image, if `response_format` is `b64_json`."
_PARAM = "The name of the parameter that is wrong, or null."
_AREAS = "An additional image whose fully transparent areas, where alpha is zero, show where `image` is to be edited."
_CREATED = "When the images were generated, in whole seconds of Unix time."

STATEMENTS: tuple[Statement, ...] = (
    Statement(
        "response/created/recent",
        "created is the present time, to a day",
        ("response", "created"),
        _CREATED,
        _CREATED,
        Level.CORE,
        _always(_recent),
    ),
    Statement(
        "response/data/count",
        "as many images are answered as n says",
        _DATA,
        _IMAGES,
        "`n` of them",
        Level.CORE,
        _as_asked("n", _count),
    ),
    Statement(
        "n/default",
        "one image is made where n is left out",
        ("request", "n"),
        "It defaults to 1.",
        "",
        Level.CORE,
        _by_default("n", _count),
    ),
    Statement(
        "response/data/items/dimensions",
        "the images have the size that was asked for",
        ("request", "size"),
        _SIZES,
        "",
        Level.CORE,
        _as_asked("size", _dimensions),
    ),
    Statement(
        "size/default",
        "the images are 1024x1024 where size is left out",
        ("request", "size"),
        "It defaults to `1024x1024`.",
        "",
        Level.CORE,
        _by_default("size", _dimensions),
    ),
    Statement(
        "response_format/honoured",
        "the images come in the response_format that was asked for",
        ("request", "response_format"),
        _FORMS,
        "",
        Level.CORE,
        _one_form,
    ),
    Statement(
        "response_format/default",
        "the images come as URLs where response_format is left out",
        ("request", "response_format"),
        "It defaults to `url`.",
        "",
        Level.CORE,
        _by_default("response_format", _form_missing),
    ),
    Statement(
        "response/data/items/url/absolute",
        "a URL in the answer is absolute",
        _URL,
        _THE_URL,
        "The URL of the generated image",
        Level.CORE,
        _always(_absolute, "response_format"),
    ),
    Statement(
        "response/data/items/url/fetchable",
        "a URL in the answer can be fetched without the key",
        _URL,
        _THE_URL,
        "The URL of the generated image",
        Level.CORE,
        _always(_fetchable, "response_format"),
    ),
    Statement(
        "response/data/items/url/image",
        "a URL in the answer leads to an image",
        _URL,
        _THE_URL,
        "The URL of the generated image",
        Level.CORE,
        _always(url_image, "response_format"),
    ),
    Statement(
        "response/data/items/b64_json/base64",
        "b64_json is valid base64",
        _CONTENT,
        _THE_CONTENT,
        "The base64-encoded content",
        Level.CORE,
        _always(base64, "response_format"),
    ),
    Statement(
        "response/data/items/b64_json/image",
        "b64_json holds an image",
        _CONTENT,
        _THE_CONTENT,
        "content of the generated image",
        Level.CORE,
        _always(b64_image, "response_format"),
    ),
    Statement(
        "response/data/items/distinct",
        "the images of one answer differ from each other",
        _DATA,
        _IMAGES,
        "`n` of them",
        Level.ADVICE,
        _always(_distinct, "n"),
    ),
    Statement(
        "error/error/param/names",
        "error.param names the field that is wrong",
        ("error", "error", "param"),
        _PARAM,
        "",
        Level.ADVICE,
        _names_param,
    ),
    Statement(
        "mask/honoured",
        "an edit changes nothing outside the transparent area",
        ("request", "mask"),
        _AREAS,
        "",
        Level.ADVICE,
        _always(_mask_honoured, "image", "mask", "size"),
    ),
)
