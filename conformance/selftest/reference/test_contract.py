"""The rules are read from the contract: one keyword less is one rule less, one more is enforced at once."""

import copy
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from conformance.reference import Behaviour, Limits, create_app, load_contract
from conformance.selftest.reference.server import (
    app_with,
    contents,
    edit,
    form,
    generate,
    generate_raw,
    images,
    opened,
    png,
    refusal,
    refused_param,
    send,
    vary,
)

Change = Callable[[dict[str, Any]], object]
Ask = Callable[[ASGIApp], httpx.Response]

D3 = "dall-e-3"


def server(change: Change, **behaviour: Any) -> ASGIApp:  # noqa: ANN401 - the fields of a behaviour
    """Make a server of a changed contract."""
    contract = copy.deepcopy(dict(load_contract()))
    change(contract)
    return create_app(Behaviour(contract=contract, **behaviour))


def schema(contract: dict[str, Any], name: str) -> dict[str, Any]:
    return contract["components"]["schemas"][name]


def condition(contract: dict[str, Any], label: str) -> dict[str, Any]:
    blocks = schema(contract, "CreateImageRequest")["allOf"]
    return next(block["then"]["properties"] for block in blocks if block["x-condition"] == label)


REMOVALS: dict[str, tuple[Change, Ask]] = {
    "prompt required": (
        lambda c: schema(c, "CreateImageRequest").pop("required"),
        lambda app: generate_raw({"size": "256x256"}, app),
    ),
    "prompt type": (
        lambda c: schema(c, "CreateImageRequest")["properties"]["prompt"].pop("type"),
        lambda app: generate(app, prompt=5),
    ),
    "prompt maxLength": (
        lambda c: condition(c, "dall-e-2").pop("prompt"),
        lambda app: generate(app, prompt="a" * 9999),
    ),
    "prompt maxLength of dall-e-3": (
        lambda c: condition(c, D3)["prompt"].pop("maxLength"),
        lambda app: generate(app, prompt="a" * 9999, model=D3, size="1024x1024"),
    ),
    "n maximum": (lambda c: schema(c, "ImageCount").pop("maximum"), lambda app: generate(app, n=11)),
    "n minimum": (lambda c: schema(c, "ImageCount").pop("minimum"), lambda app: generate(app, n=0)),
    "n type": (lambda c: schema(c, "ImageCount").pop("type"), lambda app: generate(app, n="some")),
    "n type of a form": (lambda c: schema(c, "ImageCount").pop("type"), lambda app: vary(app, n="1.5")),
    "n maximum of dall-e-3": (
        lambda c: condition(c, D3).pop("n"),
        lambda app: generate(app, n=2, model=D3, size="1024x1024"),
    ),
    "size enum": (lambda c: condition(c, "dall-e-2").pop("size"), lambda app: generate(app, size="1792x1024")),
    "size enum of any model": (
        lambda c: schema(c, "ImageSize").pop("enum"),
        lambda app: generate(app, size="large", model="another"),
    ),
    "size enum of a form": (lambda c: schema(c, "ImageFormSize").pop("enum"), lambda app: edit(app, size="100x50")),
    "response_format enum": (
        lambda c: schema(c, "ImageResponseFormat").pop("enum"),
        lambda app: generate(app, response_format="file"),
    ),
    "quality enum": (
        lambda c: schema(c, "ImageQuality").pop("enum"),
        lambda app: generate(app, quality="best", model=D3, size="1024x1024"),
    ),
    "style of dall-e-2": (lambda c: condition(c, "dall-e-2").pop("style"), lambda app: generate(app, style="vivid")),
    "model of a form": (lambda c: schema(c, "ImageFormModel").pop("not"), lambda app: vary(app, model=D3)),
    "user type": (
        lambda c: schema(c, "CreateImageRequest")["properties"]["user"].pop("type"),
        lambda app: generate(app, user=None),
    ),
    "conditions": (lambda c: schema(c, "CreateImageRequest").pop("allOf"), lambda app: generate(app, style="vivid")),
    "image required": (
        lambda c: schema(c, "CreateImageVariationRequest").pop("required"),
        lambda app: form(("size", b"256x256", None), app=app, url="/images/variations"),
    ),
    "prompt of an edit required": (
        lambda c: schema(c, "CreateImageEditRequest")["required"].remove("prompt"),
        lambda app: form(("image", png(), "i"), app=app),
    ),
}


@pytest.mark.parametrize(("change", "ask"), REMOVALS.values(), ids=REMOVALS)
def test_a_keyword_less_is_a_rule_less(change: Change, ask: Ask) -> None:
    refusal(ask(create_app()))
    images(ask(server(change)))


def test_without_its_enum_any_size_is_drawn_as_far_as_it_can_be_read() -> None:
    app = server(REMOVALS["size enum of a form"][0])
    sizes = [opened(contents(edit(app, size=size), app)[0]).size for size in ("100x50", "large", "9999x9999")]
    assert sizes == [(100, 50), (1024, 1024), (1024, 1024)]


def test_without_its_bounds_the_number_of_images_is_still_bounded() -> None:
    app = server(REMOVALS["n maximum"][0], limits=Limits(images=12))
    assert len(images(generate(app, n=12))) == 12
    assert refused_param(generate(app, n=13)) == "n"
    assert images(generate(server(REMOVALS["n minimum"][0]), n=-3)) == []


def test_without_security_no_key_is_needed() -> None:
    def open_up(contract: dict[str, Any]) -> None:
        del contract["paths"]["/images/generations"]["post"]["security"]

    app = server(open_up, api_key="k")
    images(generate(app))
    refusal(edit(app), 401)


ADDITIONS: dict[str, tuple[Change, Ask, str | None]] = {
    "minLength": (
        lambda c: schema(c, "CreateImageRequest")["properties"]["prompt"].update(minLength=30),
        generate,
        "prompt",
    ),
    "pattern": (
        lambda c: schema(c, "CreateImageEditRequest")["properties"]["prompt"].update(pattern="^x"),
        edit,
        "prompt",
    ),
    "required": (lambda c: schema(c, "CreateImageVariationRequest")["required"].append("user"), vary, "user"),
    "additionalProperties": (
        lambda c: schema(c, "CreateImageRequest").update(additionalProperties=False),
        lambda app: generate(app, extra=1),
        "extra",
    ),
    "maxLength of a file": (
        lambda c: schema(c, "CreateImageVariationRequest")["properties"]["image"].update(maxLength=50),
        vary,
        "image",
    ),
    "minProperties": (lambda c: schema(c, "CreateImageRequest").update(minProperties=9), generate, None),
}


@pytest.mark.parametrize(("change", "ask", "field"), ADDITIONS.values(), ids=ADDITIONS)
def test_a_keyword_more_is_enforced_at_once(change: Change, ask: Ask, field: str | None) -> None:
    images(ask(create_app()))
    assert refused_param(ask(server(change))) == field


def test_a_default_is_read_from_the_contract() -> None:
    def shrink(contract: dict[str, Any]) -> None:
        schema(contract, "ImageCount")["default"] = 3
        schema(contract, "ImageResponseFormat")["default"] = "b64_json"

    assert [set(item) for item in images(generate(server(shrink)))] == [{"b64_json"}] * 3


def test_an_operation_that_the_contract_lacks_is_not_there() -> None:
    app = server(lambda contract: contract["paths"].pop("/images/edits"))
    refusal(edit(app), 404)
    images(vary(app))


def test_a_server_leaves_the_contract_as_it_was() -> None:
    before = copy.deepcopy(load_contract())
    app = app_with()
    for ask in (generate, edit, vary):
        images(ask(app))
    assert load_contract() == before
    refusal(send(app, "GET", "/images/edits"), 405)
