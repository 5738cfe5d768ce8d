"""What the contract says in words of the images that are answered: how many, how large, in which form, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import cast

from conformance.suite.contract.constraints import of_request, violated
from conformance.suite.contract.nodes import is_map
from conformance.suite.exchange.view import Check, View
from conformance.suite.exchange.words import show
from conformance.suite.images.checks import (
    absolute,
    count_due,
    dimensions,
    distinct,
    fetchable,
    form_beside,
    form_missing,
    mask_honoured,
    recent,
)
from conformance.suite.images.items import (
    b64_image,
    base64,
    is_absolute,
    items_of,
    url_image,
)
from conformance.suite.rules.rule import Answers, Level
from conformance.suite.rules.statement import Maker, Scope, Statement

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


def _one_form(scope: Scope) -> Answers | None:
    """Make the rule that images come in the form that was asked for, and by default too in no other one beside it.

    That the default form is missing is for the rule about the default to say, so that each fault is told once.
    """
    name, default = "response_format", scope.schema.default

    def applied(view: View) -> list[str] | None:
        form = view.fields.get(name)
        if form is None:
            return None if default is None else form_beside(view, default.value)
        missing, beside = form_missing(view, form), form_beside(view, form)
        return None if missing is None or beside is None else [*missing, *beside]

    return Answers(applied, fields=(name,)) if name in scope.operation.request.properties else None


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
        _always(recent),
    ),
    Statement(
        "response/data/count",
        "as many images are answered as n says",
        _DATA,
        _IMAGES,
        "`n` of them",
        Level.CORE,
        _as_asked("n", count_due),
    ),
    Statement(
        "n/default",
        "one image is made where n is left out",
        ("request", "n"),
        "It defaults to 1.",
        "",
        Level.CORE,
        _by_default("n", count_due),
    ),
    Statement(
        "response/data/items/dimensions",
        "the images have the size that was asked for",
        ("request", "size"),
        _SIZES,
        "",
        Level.CORE,
        _as_asked("size", dimensions),
    ),
    Statement(
        "size/default",
        "the images are 1024x1024 where size is left out",
        ("request", "size"),
        "It defaults to `1024x1024`.",
        "",
        Level.CORE,
        _by_default("size", dimensions),
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
        _by_default("response_format", form_missing),
    ),
    Statement(
        "response/data/items/url/absolute",
        "a URL in the answer is absolute",
        _URL,
        _THE_URL,
        "The URL of the generated image",
        Level.CORE,
        _always(absolute, "response_format"),
    ),
    Statement(
        "response/data/items/url/fetchable",
        "a URL in the answer can be fetched without the key",
        _URL,
        _THE_URL,
        "The URL of the generated image",
        Level.CORE,
        _always(fetchable, "response_format"),
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
        _always(distinct, "n"),
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
        _always(mask_honoured, "image", "mask", "size"),
    ),
)
