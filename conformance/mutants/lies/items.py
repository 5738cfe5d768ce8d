"""Lies about the items of an answer: which form an image comes in, and what else an item holds."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any, Final

from conformance.mutants.mutant import Lie, behaving
from conformance.reference import JsonValue, Operation, Order, Values
from conformance.reference.answers import build_item
from conformance.reference.orders import choose_response_format

_HONOURED: Final = ("response_format/honoured",)
_FORM: Final = (*_HONOURED, "response_format/default")


def lies() -> tuple[Lie, ...]:
    """Return the lies of this module."""

    def choosing(change: Callable[[str, Values], str]) -> Callable[[], Any]:
        def choose(operation: Operation, values: Values) -> str:
            return change(choose_response_format(operation, values), values)

        return behaving(choose_response_format=choose)

    def neither(order: Order, _: Callable[[], str], __: Callable[[], str]) -> JsonValue:
        return {"revised_prompt": order.prompt}

    def nulls(order: Order, url: Callable[[], str], b64_json: Callable[[], str]) -> JsonValue:
        plain = order.response_format == "url"
        return {"url": url() if plain else None, "b64_json": None if plain else b64_json()}

    def renamed(order: Order, url: Callable[[], str], b64_json: Callable[[], str]) -> JsonValue:
        return {"image_url": url()} if order.response_format == "url" else {"b64": b64_json()}

    turn = itertools.count()
    lock = threading.Lock()

    def every_other(order: Order, url: Callable[[], str], b64_json: Callable[[], str]) -> JsonValue:
        with lock:
            lie = next(turn) % 2
        wanted = (order.response_format == "url") is not bool(lie)
        return {"url": url()} if wanted else {"b64_json": b64_json()}

    def embedded(order: Order, url: Callable[[], str], b64_json: Callable[[], str]) -> JsonValue:
        del url
        return {"b64_json" if order.response_format != "url" else "url": b64_json()}

    return (
        Lie("format-always-url", "b64_json is ignored", choosing(lambda _, __: "url"), _FORM),
        Lie("format-always-b64", "url is ignored", choosing(lambda _, __: "b64_json"), _FORM),
        Lie("format-swapped", "the other form is given", choosing(_other), _FORM),
        Lie(
            "format-default-b64",
            "without response_format it is b64_json",
            choosing(_b64_by_default),
            ("response_format/default",),
        ),
        Lie("format-both", "an item has both forms", behaving(build_item=_both), _HONOURED),
        Lie(
            "format-both-by-default",
            "without response_format an item has both forms",
            behaving(build_item=_both_unasked, choose_response_format=_no_form),
            _HONOURED,
        ),
        Lie("format-null", "the form that was asked for is null", behaving(build_item=_null), _FORM),
        Lie("format-neither", "an item has neither form", behaving(build_item=neither), _FORM),
        Lie(
            "format-other-is-null",
            "the form not asked for is null instead of absent",
            behaving(build_item=nulls),
            ("response/data/items/url/null", "response/data/items/b64_json/null"),
        ),
        Lie("format-renamed", "the forms have other names", behaving(build_item=renamed), _FORM),
        Lie(
            "format-every-other",
            "every other item has the other form",
            behaving(build_item=every_other),
            _FORM,
            consequences=("stable",),
        ),
        Lie(
            "format-url-is-base64",
            "url holds base64",
            behaving(build_item=embedded),
            ("response/data/items/url/format", "response/data/items/url/absolute"),
        ),
        Lie(
            "revised-null",
            "revised_prompt is null",
            behaving(build_item=_with_revision(None)),
            ("*/revised_prompt/null",),
        ),
        Lie(
            "revised-number",
            "revised_prompt is a number",
            behaving(build_item=_with_revision(7)),
            ("*/revised_prompt/type",),
        ),
    )


def _both(_: Order, url: Callable[[], str], b64_json: Callable[[], str]) -> JsonValue:
    return {"url": url(), "b64_json": b64_json()}


def _both_unasked(order: Order, url: Callable[[], str], b64_json: Callable[[], str]) -> JsonValue:
    return build_item(order, url, b64_json) if order.response_format else _both(order, url, b64_json)


def _no_form(operation: Operation, values: Values) -> str:
    """Choose no form where none was asked for."""
    return choose_response_format(operation, values) if values.get("response_format") else ""


def _null(order: Order, _: Callable[[], str], __: Callable[[], str]) -> JsonValue:
    return {order.response_format: None}


def _other(form: str, _: Values) -> str:
    return "url" if form == "b64_json" else "b64_json"


def _b64_by_default(form: str, values: Values) -> str:
    return form if "response_format" in values else "b64_json"


def _with_revision(value: JsonValue) -> Callable[..., JsonValue]:
    def build(order: Order, url: Callable[[], str], b64_json: Callable[[], str]) -> JsonValue:
        form: dict[str, JsonValue] = {"url": url()} if order.response_format == "url" else {"b64_json": b64_json()}
        return {**form, "revised_prompt": value}

    return build
