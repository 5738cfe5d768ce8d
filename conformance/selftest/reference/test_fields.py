"""Every rule of the contract's request schemas, at its boundary on both sides."""

from typing import Any

import pytest

from conformance.selftest.reference.server import (
    PROMPT,
    SMALL,
    edit,
    form,
    generate,
    generate_raw,
    images,
    png,
    refused_param,
    vary,
)

D2, D3 = "dall-e-2", "dall-e-3"
ACCEPTED = [
    {},
    {"prompt": ""},
    {"prompt": "a" * 1000},
    {"prompt": "é" * 1000},
    {"prompt": "\U0001f9a6" * 1000, "model": D2},
    {"prompt": "\U0001f9a6" * 4000, "model": D3, "size": "1024x1024"},
    {"prompt": "a" * 5000, "model": "another-model"},
    {"n": 1},
    {"n": 10},
    {"n": 2.0},
    {"n": 1e0},
    {"n": None},
    {"n": 1, "model": D3, "size": None},
    {"size": "512x512"},
    {"size": None},
    {"size": "1792x1024", "model": D3},
    {"size": "1024x1792", "model": D3},
    {"size": "256x256", "model": "another-model"},
    {"response_format": "url"},
    {"response_format": "b64_json"},
    {"response_format": None},
    {"quality": "standard", "model": D3, "size": "1024x1024"},
    {"quality": "hd", "model": D3, "size": "1024x1024"},
    {"style": "vivid", "model": D3, "size": "1024x1024"},
    {"style": "natural", "model": D3, "size": "1024x1024"},
    {"style": None},
    {"style": "natural", "quality": "hd", "model": "another-model"},
    {"user": "user-1234"},
    {"something": [1, {"else": 10**400}]},
]
REFUSED = [
    ("prompt", {"prompt": None}),
    ("prompt", {"prompt": 5}),
    ("prompt", {"prompt": ["a"]}),
    ("prompt", {"prompt": "a" * 1001}),
    ("prompt", {"prompt": "é" * 1001, "model": D2}),
    ("prompt", {"prompt": "a" * 4001, "model": D3, "size": "1024x1024"}),
    ("model", {"model": 2}),
    ("model", {"model": None}),
    ("n", {"n": 0}),
    ("n", {"n": 11}),
    ("n", {"n": -1}),
    ("n", {"n": 1.5}),
    ("n", {"n": "2"}),
    ("n", {"n": True}),
    ("n", {"n": [1]}),
    ("n", {"n": 10**400}),
    ("n", {"n": 2, "model": D3, "size": "1024x1024"}),
    ("n", {"n": 11, "model": "another-model"}),
    ("size", {"size": ""}),
    ("size", {"size": "255x256"}),
    ("size", {"size": "256X256"}),
    ("size", {"size": 256}),
    ("size", {"size": "1792x1024"}),
    ("size", {"size": "256x256", "model": D3}),
    ("size", {"size": "512x512", "model": D3}),
    ("size", {"size": "1000x1000", "model": "another-model"}),
    ("response_format", {"response_format": "png"}),
    ("response_format", {"response_format": 1}),
    ("quality", {"quality": "hd"}),
    ("quality", {"quality": "standard", "model": D2}),
    ("quality", {"quality": "best", "model": D3, "size": "1024x1024"}),
    ("quality", {"quality": None}),
    ("style", {"style": "vivid"}),
    ("style", {"style": "natural", "model": D2}),
    ("style", {"style": "loud", "model": D3, "size": "1024x1024"}),
    ("user", {"user": 7}),
    ("user", {"user": None}),
]


@pytest.mark.parametrize("fields", ACCEPTED, ids=str)
def test_a_generation_within_the_rules_is_accepted(fields: dict[str, Any]) -> None:
    assert len(images(generate(**fields))) == int(str(fields.get("n") or 1).removesuffix(".0"))


@pytest.mark.parametrize(("field", "fields"), REFUSED, ids=lambda value: str(value)[:60])
def test_a_generation_beyond_a_rule_is_refused_for_its_field(field: str, fields: dict[str, Any]) -> None:
    assert refused_param(generate(**fields)) == field


def test_a_prompt_is_required() -> None:
    assert refused_param(generate_raw({"size": SMALL})) == "prompt"


def test_of_several_faults_the_first_in_the_order_of_the_contract_is_told() -> None:
    faults = {"user": 1, "size": "x", "n": 99, "model": 3}
    assert refused_param(generate_raw(faults)) == "prompt"
    assert refused_param(generate_raw({"prompt": PROMPT} | faults)) == "model"
    assert refused_param(generate_raw({"prompt": PROMPT} | faults | {"model": D2})) == "n"


def test_the_message_says_what_would_be_right_and_repeats_nothing() -> None:
    message = generate(n="secret").json()["error"]["message"]
    assert message == "'n' must be of type integer or null."
    assert generate(n=11).json()["error"]["message"] == "'n' must be at most 10."
    assert "secret" not in generate(size="secret").text


FORM_ACCEPTED = [
    {},
    {"n": "1"},
    {"n": "10"},
    {"n": "2.0"},
    {"n": "2e0"},
    {"size": "512x512"},
    {"size": "1024x1024"},
    {"response_format": "b64_json"},
    {"model": D2},
    {"model": "another-model"},
    {"user": "1234"},
    {"quality": "anything"},
]
FORM_REFUSED = [
    ("n", {"n": "0"}),
    ("n", {"n": "11"}),
    ("n", {"n": "1.5"}),
    ("n", {"n": "abc"}),
    ("n", {"n": " 2"}),
    ("n", {"n": "+2"}),
    ("n", {"n": "02"}),
    ("n", {"n": "1_0"}),
    ("n", {"n": "٣"}),
    ("n", {"n": ""}),
    ("n", {"n": "null"}),
    ("n", {"n": "true"}),
    ("n", {"n": "9" * 6000}),
    ("n", {"n": "1e400"}),
    ("n", {"n": "NaN"}),
    ("size", {"size": "1792x1024"}),
    ("size", {"size": ""}),
    ("response_format", {"response_format": "file"}),
    ("model", {"model": D3}),
]


@pytest.mark.parametrize("fields", FORM_ACCEPTED, ids=str)
def test_a_form_within_the_rules_is_accepted(fields: dict[str, Any]) -> None:
    expected = int(float(fields.get("n", "1")))
    assert len(images(edit(**fields))) == expected
    assert len(images(vary(**fields))) == expected


@pytest.mark.parametrize(("field", "fields"), FORM_REFUSED, ids=lambda value: str(value)[:60])
def test_a_form_beyond_a_rule_is_refused_for_its_field(field: str, fields: dict[str, Any]) -> None:
    assert refused_param(edit(**fields)) == field
    assert refused_param(vary(**fields)) == field


def test_the_prompt_of_an_edit_has_at_most_1000_characters() -> None:
    assert images(edit(prompt="\U0001f9a6" * 1000))
    assert refused_param(edit(prompt="\U0001f9a6" * 1001)) == "prompt"
    assert images(edit(prompt=""))


def test_an_edit_requires_an_image_and_a_prompt() -> None:
    assert refused_param(form(("prompt", b"a", None))) == "image"
    assert refused_param(form(("image", png(), "i.png"))) == "prompt"


def test_a_variation_requires_an_image_and_knows_no_prompt() -> None:
    assert refused_param(form(("n", b"1", None), url="/images/variations")) == "image"
    assert images(vary(prompt="a" * 2000))
