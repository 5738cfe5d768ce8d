"""One server for each stated rule that only its own fault breaks: that rule fails on it and no other one does."""

from collections.abc import Sequence
from functools import cache

import attrs
import httpx
import pytest
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response

from conformance.reference import (
    Behaviour,
    JsonValue,
    Limits,
    Operation,
    Order,
    Part,
    Picture,
    RefusedError,
    Values,
    create_app,
)
from conformance.selftest.suite.runs import KEY, outcomes, run_on, settings

CORRECT = Behaviour()
EMPTY: JsonValue = {"created": 1, "data": []}
PUT = ("accepted", "security", "path", "method", "body/*", "n/*", "prompt/required", "model/*")
TEXT = tuple(f"createImage/{rule}" for rule in PUT)
ANSWERS = tuple(f"createImage/{rule}" for rule in ("accepted", "error/*", "response/*", "n/m*", "prompt/*"))
FORM = tuple(f"createImageEdit/{rule}" for rule in ("accepted", "body/part-order", "image/label", "mask/honoured"))

MASK = tuple(f"createImageEdit/{rule}" for rule in ("accepted", "image/*", "mask/dimensions", "mask/opaque-image"))


def any_key(key: str | None, headers: Headers) -> None:
    if "authorization" not in headers:
        CORRECT.check_credentials(key, headers)


def crash_without_a_scheme(key: str | None, headers: Headers) -> None:
    _, token = headers.get("authorization", "Bearer -").split(" ")
    CORRECT.check_credentials(key, Headers({"authorization": f"Bearer {token}"}))


def any_path(refusal: RefusedError) -> Response:
    return JSONResponse(EMPTY) if refusal.code == "unknown_url" else CORRECT.refuse(refusal)


def any_method(refusal: RefusedError) -> Response:
    return JSONResponse(EMPTY) if refusal.code == "method_not_allowed" else CORRECT.refuse(refusal)


def mend(body: bytes, limits: Limits) -> Values:
    try:
        return CORRECT.parse_json(body, limits)
    except RefusedError:
        return {"prompt": "otter", "size": "256x256"}


def crash_on_depth(body: bytes, limits: Limits) -> Values:
    if b"[" * 1000 in body:
        raise RecursionError
    return CORRECT.parse_json(body, limits)


def whole_numbers_only(body: bytes, limits: Limits) -> Values:
    values = CORRECT.parse_json(body, limits)
    if isinstance(values.get("n"), float):
        raise RefusedError("No.", "n")
    return values


def texts_first(content_type: str, body: bytes, limits: Limits) -> tuple[Part, ...]:
    parts = CORRECT.parse_form(content_type, body, limits)
    if parts[0].is_file:
        raise RefusedError("No.", parts[0].name)
    return parts


def label_of_png_only(content_type: str, body: bytes, limits: Limits) -> tuple[Part, ...]:
    if b"octet-stream" in body:
        raise RefusedError("No.", "image")
    return CORRECT.parse_form(content_type, body, limits)


def odd_status(refusal: RefusedError) -> Response:
    return CORRECT.refuse(attrs.evolve(refusal, status=418))


def no_param(refusal: RefusedError) -> Response:
    return CORRECT.refuse(attrs.evolve(refusal, param=None))


def same_image(now: float, items: Sequence[JsonValue]) -> JsonValue:
    return CORRECT.build_answer(now, [items[0]] * len(items))


def without_mask(order: Order, index: int) -> bytes:
    return CORRECT.draw(attrs.evolve(order, image=None, mask=None), index)


def clear_beside_a_mask_too(image: Picture, mask: Picture) -> None:
    CORRECT.check_mask_size(image, mask)
    if "A" not in image.pixels.getbands() or image.pixels.getchannel("A").getextrema()[0] == 255:
        raise RefusedError("No.", "image")


def no_limits_without_a_model(operation: Operation, values: Values) -> Values:
    if "model" in values or operation.kind != "generations":
        return CORRECT.validate(operation, values)
    accepted = CORRECT.validate(operation, {**values, "model": "other"})
    return {name: value for name, value in accepted.items() if name != "model"}


FAULTS: list[tuple[Behaviour, tuple[str, ...], str]] = [
    (Behaviour(check_credentials=any_key), TEXT, "createImage/security"),
    (Behaviour(check_credentials=crash_without_a_scheme), TEXT, "createImage/security"),
    (Behaviour(refuse=any_path), TEXT, "createImage/path"),
    (Behaviour(refuse=any_method), TEXT, "createImage/method"),
    (Behaviour(parse_json=mend), TEXT, "createImage/body/malformed"),
    (Behaviour(parse_json=crash_on_depth), TEXT, "createImage/body/survived"),
    (Behaviour(parse_json=whole_numbers_only), TEXT, "createImage/n/integer-form"),
    (Behaviour(validate=no_limits_without_a_model), TEXT, "createImage/model/default"),
    (Behaviour(refuse=odd_status), ANSWERS, "createImage/error/status"),
    (Behaviour(refuse=no_param), ANSWERS, "createImage/error/error/param/names"),
    (Behaviour(build_answer=same_image), ANSWERS, "createImage/response/data/items/distinct"),
    (Behaviour(parse_form=texts_first), FORM, "createImageEdit/body/part-order"),
    (Behaviour(parse_form=label_of_png_only), FORM, "createImageEdit/image/label"),
    (Behaviour(draw=without_mask), FORM, "createImageEdit/mask/honoured"),
    (Behaviour(check_mask_size=clear_beside_a_mask_too), MASK, "createImageEdit/mask/opaque-image"),
]


def judged(server: Behaviour, only: tuple[str, ...]) -> dict[str, str]:
    """Judge a server that asks for the key and answers 500 where it crashes."""
    app = create_app(attrs.evolve(server, api_key=KEY))
    return outcomes(run_on(httpx.ASGITransport(app, raise_app_exceptions=False), settings(*only)))


@cache
def judged_correct(only: tuple[str, ...]) -> dict[str, str]:
    return judged(CORRECT, only)


@pytest.mark.parametrize(("server", "only", "rule"), FAULTS)
def test_a_fault_breaks_its_rule_alone(server: Behaviour, only: tuple[str, ...], rule: str) -> None:
    assert [each for each, outcome in judged(server, only).items() if outcome in ("fail", "broken")] == [rule]
    assert judged_correct(only)[rule] == "pass"


@pytest.mark.parametrize("only", [TEXT, ANSWERS, FORM, MASK])
def test_the_correct_server_breaks_none(only: tuple[str, ...]) -> None:
    found = judged_correct(only)
    assert {rule for rule, outcome in found.items() if outcome != "pass"} <= {
        "createImage/response/data/items/revised_prompt/type",
        "createImageEdit/response/data/items/revised_prompt/type",
    }
