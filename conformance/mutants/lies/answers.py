"""Lies about accepted requests: what an answer says around its images, and how many and how large those are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import attrs
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from conformance.mutants.mutant import Lie, behaving
from conformance.reference import JsonValue, Limits, Operation, Order, Values
from conformance.reference.answers import build_answer, build_response
from conformance.reference.drawing import draw
from conformance.reference.errors import encode_json
from conformance.reference.orders import choose_size, count_images
from conformance.reference.values import Size

_RECENT = ("response/created/recent",)
_TIME = ("response/created/type",)
_COUNT = ("response/data/count", "n/default")
_SIZE = ("response/data/items/dimensions", "size/default")
_NO_DATA = ("response/data/required",)
_DATA = ("response/data/type",)
_ITEMS = ("response/data/items/type",)
_NEITHER = ("response/created/required", "response/data/required")


def lies() -> tuple[Lie, ...]:
    """Return the lies of this module."""
    return (*_created(), *_envelope(), *_counts(), *_sizes())


def _answer(change: Callable[[dict[str, JsonValue]], JsonValue]) -> Callable[[], Any]:
    def build(now: float, items: Sequence[JsonValue]) -> JsonValue:
        return change(cast("dict[str, JsonValue]", build_answer(now, items)))

    return behaving(build_answer=build)


def _time(change: Callable[[int], JsonValue]) -> Callable[[], Any]:
    return _answer(lambda answer: {**answer, "created": change(cast("int", answer["created"]))})


def _created() -> tuple[Lie, ...]:
    return (
        Lie("created-in-milliseconds", "created is in milliseconds", _time(lambda t: t * 1000), _RECENT),
        Lie("created-fraction", "created has a fraction of a second", _time(lambda t: t + 0.25), _TIME),
        Lie("created-text", "created is a text of digits", _time(str), _TIME),
        Lie("created-zero", "created is 0", _time(lambda _: 0), _RECENT),
        Lie("created-one", "created is 1", _time(lambda _: 1), _RECENT),
        Lie("created-negative", "created is negative", _time(lambda t: -t), _RECENT),
        Lie("created-long-ago", "created is a year ago", _time(lambda t: t - 366 * 86400), _RECENT),
        Lie("created-in-future", "created is two days ahead", _time(lambda t: t + 2 * 86400), _RECENT),
        Lie("created-iso", "created is a date in ISO 8601", _time(lambda _: "2024-01-01T00:00:00Z"), _TIME),
        Lie("created-null", "created is null", _time(lambda _: None), _TIME),
        Lie(
            "created-missing",
            "created is missing",
            _answer(lambda a: {"data": a["data"]}),
            ("response/created/required",),
        ),
    )


def _envelope() -> tuple[Lie, ...]:
    def with_data(change: Callable[[list[JsonValue]], JsonValue]) -> Callable[[], Any]:
        return _answer(lambda a: {**a, "data": change(cast("list[JsonValue]", a["data"]))})

    def responding(respond: Callable[[JsonValue], Response]) -> Callable[[], Any]:
        return behaving(respond=respond)

    def urls(items: list[JsonValue]) -> JsonValue:
        return [next(iter(cast("dict[str, JsonValue]", item).values())) for item in items]

    error: JsonValue = {"error": {"message": "No.", "type": "server_error", "param": None, "code": None}}
    json_type = "application/json"
    return (
        Lie("data-missing", "data is missing", _answer(lambda a: {"created": a["created"]}), _NO_DATA),
        Lie("data-null", "data is null", with_data(lambda _: None), _DATA),
        Lie("data-empty", "data is an empty list", with_data(lambda _: []), _COUNT),
        Lie("data-object", "data is the only item instead of a list", with_data(lambda d: d[0] if d else {}), _DATA),
        Lie("data-texts", "data is a list of texts", with_data(urls), _ITEMS),
        Lie("data-nested", "data is a list in a list", with_data(lambda d: [d]), _ITEMS, consequences=_COUNT),
        Lie("bare-list", "the answer is the bare list", _answer(lambda a: a["data"]), ("response/type",)),
        Lie("images-not-data", "the images are under another name", _answer(_renamed), _NO_DATA),
        Lie("wrapped", "the answer is wrapped in another object", _answer(lambda a: {"result": a}), _NEITHER),
        Lie(
            "status-201",
            "an accepted request is answered with 201",
            responding(lambda a: Response(encode_json(a), 201, media_type=json_type)),
            ("response/status",),
        ),
        Lie(
            "status-202",
            "an accepted request is answered with 202",
            responding(lambda a: Response(encode_json(a), 202, media_type=json_type)),
            ("response/status",),
        ),
        Lie(
            "labelled-html",
            "the answer is labelled as HTML",
            responding(lambda a: HTMLResponse(encode_json(a))),
            ("response/content-type",),
        ),
        Lie(
            "labelled-text",
            "the answer is labelled as text",
            responding(lambda a: PlainTextResponse(encode_json(a))),
            ("response/content-type",),
        ),
        Lie(
            "labelled-nothing",
            "the answer has no media type",
            responding(lambda a: Response(encode_json(a))),
            ("response/content-type",),
        ),
        Lie(
            "answer-cut",
            "the answer is JSON that is cut off",
            responding(lambda a: Response(encode_json(a)[:-2], media_type=json_type)),
            ("response/json",),
        ),
        Lie(
            "answer-utf-16",
            "the answer is JSON in UTF-16",
            responding(lambda a: Response(encode_json(a).decode().encode("utf-16"), media_type=json_type)),
            ("response/json",),
        ),
        Lie(
            "answer-empty",
            "the answer is empty",
            responding(lambda _: Response(b"", media_type=json_type)),
            ("response/json",),
        ),
        Lie(
            "answer-python",
            "the answer is written the way Python shows an object",
            responding(lambda a: Response(str(a), media_type=json_type)),
            ("response/json",),
        ),
        Lie(
            "error-with-200",
            "every request gets 200 with an error body",
            responding(lambda _: build_response(error)),
            _NEITHER,
        ),
    )


def _renamed(answer: dict[str, JsonValue]) -> JsonValue:
    return {"created": answer["created"], "images": answer["data"]}


def _counts() -> tuple[Lie, ...]:
    def counting(change: Callable[[int, Values], int]) -> Callable[[], Any]:
        def count(operation: Operation, values: Values, limits: Limits) -> int:
            return change(count_images(operation, values, limits), values)

        return behaving(count_images=count)

    def repeat(order: Order, _: int) -> bytes:
        return draw(order, 0)

    def same_item(now: float, items: Sequence[JsonValue]) -> JsonValue:
        return build_answer(now, [items[0]] * len(items) if items else [])

    return (
        Lie("n-ignored", "there is one image whatever n is", counting(lambda _, __: 1), _COUNT),
        Lie("n-clamped-to-4", "there are at most 4 images", counting(lambda n, _: min(n, 4)), _COUNT),
        Lie("n-clamped-to-9", "there are at most 9 images", counting(lambda n, _: min(n, 9)), _COUNT),
        Lie("n-one-more", "there is one image too many", counting(lambda n, _: n + 1), _COUNT),
        Lie("n-one-less", "there is one image too few", counting(lambda n, _: n - 1), _COUNT),
        Lie(
            "n-one-less-of-many", "the last of several images is missing", counting(lambda n, _: max(1, n - 1)), _COUNT
        ),
        Lie(
            "n-default-2", "without n there are two images", counting(lambda n, v: n if "n" in v else 2), ("n/default",)
        ),
        Lie("n-default-0", "without n there is no image", counting(lambda n, v: n if "n" in v else 0), ("n/default",)),
        Lie("same-url", "the same image object is given n times", behaving(build_answer=same_item), ("*/distinct",)),
        Lie("same-image", "the same image is given n times", behaving(draw=repeat), ("*/distinct",)),
    )


def _sizes() -> tuple[Lie, ...]:
    def sizing(change: Callable[[Size, Values], Size]) -> Callable[[], Any]:
        def choose(operation: Operation, values: Values, limits: Limits) -> Size:
            return change(choose_size(operation, values, limits), values)

        return behaving(choose_size=choose)

    def only_first(order: Order, index: int) -> bytes:
        return draw(attrs.evolve(order, size=(512, 512)) if index else order, index)

    return (
        Lie("size-ignored", "every image is 1024x1024", sizing(lambda _, __: (1024, 1024)), _SIZE),
        Lie("size-always-small", "every image is 256x256", sizing(lambda _, __: (256, 256)), _SIZE),
        Lie("size-one-less", "an image is one pixel too narrow", sizing(lambda s, _: (s[0] - 1, s[1])), _SIZE),
        Lie("size-padded", "an image is one pixel too high", sizing(lambda s, _: (s[0], s[1] + 1)), _SIZE),
        Lie(
            "size-swapped",
            "width and height are swapped",
            sizing(lambda s, _: (s[1], s[0])),
            _SIZE,
            ("createImage",),
        ),
        Lie(
            "size-squared",
            "an oblong image comes as a square one",
            sizing(lambda s, _: (min(s), min(s))),
            _SIZE,
            ("createImage",),
        ),
        Lie(
            "size-clamped",
            "an image has at most 512 pixels a side",
            sizing(lambda s, _: (min(s[0], 512), min(s[1], 512))),
            _SIZE,
        ),
        Lie(
            "size-default-small",
            "without size an image is 512x512",
            sizing(lambda s, v: s if "size" in v else (512, 512)),
            ("size/default",),
        ),
        Lie(
            "size-of-first-only",
            "only the first image has the size, the others are 512x512",
            behaving(draw=only_first),
            _SIZE,
        ),
    )
