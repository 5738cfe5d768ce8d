"""Stated rules about answers: each a small function beside the sentence of the contract that it enforces.

A check gets the view of one answer to a valid request and returns what it found wrong, nothing if all is right, or
None where the rule doesn't apply, so that the number of answers that a verdict rests on can be counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

from attrs import frozen

from conformance.suite import answer_images
from conformance.suite.constraints import Constraint, of_request, violated
from conformance.suite.contract import Contract, ContractError, Operation, Schema, Source
from conformance.suite.demand import Level
from conformance.suite.show import show
from conformance.suite.view import Check, View

_DAY = 24 * 60 * 60


@frozen
class Stated:
    """A stated rule about answers: its id, level and source, and the check that judges one answer."""

    id: str
    level: Level
    source: Source
    check: Check


def stated(contract: Contract, operation: Operation) -> Iterator[Stated]:
    """Yield each stated rule about the operation's answers."""
    answer, request = operation.answer, operation.request.properties
    ok = f"{operation.pointer}/responses/200"
    item = cast("Schema", answer.properties["data"].items)

    def rule(name: str, source: Source, check: Check, level: Level = Level.CORE) -> Stated:
        return Stated(f"{operation.id}/{name}", level, source, check)

    yield rule("response/status", contract.source(ok, "responses: '200'"), _status)
    json_type = f"{ok}/content/application~1json"
    yield rule("response/content-type", contract.source(json_type, "content: application/json"), _content_type)
    yield rule("response/json", contract.source(json_type, "content: application/json"), _json)
    yield rule("response/created/recent", quote(contract, answer.properties["created"], "in whole seconds"), _recent)
    count = quote(contract, answer.properties["data"], "`n` of them")
    yield rule("response/data/count", count, _when("n", given=True, check=_count))
    yield rule("n/default", quote(contract, request["n"], "It defaults to 1."), _default(request["n"], "n", _count))
    size = quote(contract, request["size"], "The size of the generated images in pixels")
    yield rule("response/data/items/dimensions", size, _when("size", given=True, check=answer_images.dimensions))
    default = quote(contract, request["size"], "It defaults to `1024x1024`.")
    yield rule("size/default", default, _default(request["size"], "size", answer_images.dimensions))
    form = request["response_format"]
    honoured = quote(contract, form, "The form in which the images are returned.")
    yield rule("response_format/honoured", honoured, _when("response_format", given=True, check=_form))
    by_default = quote(contract, form, "It defaults to `url`.")
    yield rule("response_format/default", by_default, _default(form, "response_format", _form))
    url, content = item.properties["url"], item.properties["b64_json"]
    the_url = quote(contract, url, "The URL of the generated image")
    yield rule("response/data/items/url/absolute", the_url, answer_images.absolute)
    yield rule("response/data/items/url/fetchable", the_url, answer_images.fetchable)
    yield rule("response/data/items/url/image", the_url, answer_images.url_image)
    yield rule(
        "response/data/items/b64_json/base64",
        quote(contract, content, "base64-encoded"),
        _base64,
    )
    image = quote(contract, content, "content of the generated image")
    yield rule("response/data/items/b64_json/image", image, answer_images.b64_image)
    yield rule("response/data/items/distinct", count, _distinct, Level.ADVICE)
    refusal = f"{operation.pointer}/responses/4XX"
    error_type = contract.source(f"{refusal}/content/application~1json", "content: application/json")
    yield rule("error/json", error_type, _refusal_json, Level.ADVICE)
    yield rule("error/status", contract.source(refusal, "responses: 4XX"), _refusal_status, Level.ADVICE)
    param = quote(contract, operation.error.properties["error"].properties["param"], "The name of the parameter")
    yield rule("error/error/param/names", param, _names_param(of_request(contract, operation)), Level.ADVICE)
    if "mask" in request:
        mask = quote(contract, request["mask"], "show where `image` is to be edited")
        yield rule("mask/honoured", mask, answer_images.mask_honoured, Level.ADVICE)


def quote(contract: Contract, schema: Schema, words: str) -> Source:
    """Return the source of a sentence in a schema's description; raises ContractError once the words have left it."""
    described = schema.description
    if described is None or words not in str(described.value):
        raise ContractError(f"the contract no longer says {words!r} at {schema.pointer}")
    return contract.source(described.pointer, words)


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


def _base64(view: View) -> list[str] | None:
    return answer_images.strict_base64(view)[0]


def _distinct(view: View) -> list[str] | None:
    """Find a picture that stands twice in one answer, and so was generated once."""
    items = view.items
    if view.refused or items is None or len(items) < 2:  # noqa: PLR2004 - one item has nothing to differ from
        return None
    seen: dict[str, int] = {}
    findings: list[str] = []
    for index, item in enumerate(items):
        content = str(item.get("url") or item.get("b64_json"))
        if content in seen:
            findings.append(f"data[{index}] is the same as data[{seen[content]}]")
        seen.setdefault(content, index)
    return findings


def _refusal_status(view: View) -> list[str] | None:
    if not view.exchange.refused or view.exchange.valid:
        return None
    usual = (400, 401, 403, 404, 405, 413, 415)
    return [] if view.status in usual else [f"the status is {view.status} where 400 is usual"]


def _refusal_json(view: View) -> list[str] | None:
    if not view.refused:
        return None
    if view.media_type != "application/json":
        return [f"the media type is {show(view.media_type)}"]
    answer = view.exchange.answer
    return [] if view.is_json else [f"the body is not JSON; it begins with {(answer.body if answer else b'')[:40]!r}"]


def _names_param(constraints: tuple[Constraint, ...]) -> Check:
    """Return the check that a refusal for one field names it."""

    def check(view: View) -> list[str] | None:
        broken = violated(constraints, view.fields)
        error = cast("dict[str, object]", view.json).get("error") if isinstance(view.json, dict) else None
        plain = view.exchange.request.raw.is_plain
        if not view.exchange.refused or not plain or len(broken) != 1 or not isinstance(error, dict):
            return None
        param, name = cast("dict[str, object]", error).get("param"), broken[0].place[0]
        return [] if param == name else [f"error.param is {show(param)} where {name} is wrong"]

    return check
