"""The facts of the documents that the contract was made from, typed in again: a table to read beside them."""

from typing import Any

import pytest

from conformance.selftest.suite.runs import contract, operation
from conformance.suite.contract.schema import Schema

SIZES_2 = ["256x256", "512x512", "1024x1024"]
SIZES_3 = ["1024x1024", "1792x1024", "1024x1792"]
ALL_SIZES = [*SIZES_2, *SIZES_3[1:]]
FORMS = ["url", "b64_json"]
TEXT: dict[str, Any] = {"type": "string"}
FILE: dict[str, Any] = {"type": "string", "format": "binary"}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 10}
FORM: dict[str, Any] = {"type": "string", "enum": FORMS}
ONLY_2: dict[str, Any] = {"type": "string", "not": {"enum": ["dall-e-3"]}}

# operation, parameter, required, takes null, limits, default
PARAMETERS: list[tuple[str, str, bool, bool, dict[str, Any], object]] = [
    ("createImage", "prompt", True, False, TEXT, None),
    ("createImage", "model", False, False, TEXT, "dall-e-2"),
    ("createImage", "n", False, True, COUNT, 1),
    ("createImage", "quality", False, False, {"type": "string", "enum": ["standard", "hd"]}, "standard"),
    ("createImage", "response_format", False, True, FORM, "url"),
    ("createImage", "size", False, True, {"type": "string", "enum": ALL_SIZES}, "1024x1024"),
    ("createImage", "style", False, True, {"type": "string", "enum": ["vivid", "natural"]}, "vivid"),
    ("createImage", "user", False, False, TEXT, None),
    # A form has no null, so its fields are not nullable whatever the documents call them.
    ("createImageEdit", "image", True, False, FILE, None),
    ("createImageEdit", "prompt", True, False, {"type": "string", "maxLength": 1000}, None),
    ("createImageEdit", "mask", False, False, FILE, None),
    ("createImageEdit", "model", False, False, ONLY_2, "dall-e-2"),
    ("createImageEdit", "n", False, False, COUNT, 1),
    ("createImageEdit", "size", False, False, {"type": "string", "enum": SIZES_2}, "1024x1024"),
    ("createImageEdit", "response_format", False, False, FORM, "url"),
    ("createImageEdit", "user", False, False, TEXT, None),
    ("createImageVariation", "image", True, False, FILE, None),
    ("createImageVariation", "model", False, False, ONLY_2, "dall-e-2"),
    ("createImageVariation", "n", False, False, COUNT, 1),
    ("createImageVariation", "response_format", False, False, FORM, "url"),
    ("createImageVariation", "size", False, False, {"type": "string", "enum": SIZES_2}, "1024x1024"),
    ("createImageVariation", "user", False, False, TEXT, None),
]
CALLS = {
    "createImage": ("POST", "/images/generations", "application/json"),
    "createImageEdit": ("POST", "/images/edits", "multipart/form-data"),
    "createImageVariation": ("POST", "/images/variations", "multipart/form-data"),
}
# What holds for one model of createImage only; null is let through, because it stands for an absent field.
MODELS: dict[str, dict[str, dict[str, Any]]] = {
    "dall-e-2": {
        "prompt": {"maxLength": 1000},
        "size": {"enum": [*SIZES_2, None]},
        "quality": {"type": "null"},
        "style": {"type": "null"},
    },
    "dall-e-3": {"prompt": {"maxLength": 4000}, "n": {"maximum": 1}, "size": {"enum": [*SIZES_3, None]}},
}
ANSWER = {
    "created": ("integer", True),
    "data": ("array", True),
}
IMAGE = {"url": {"type": "string", "format": "uri"}, "b64_json": TEXT, "revised_prompt": TEXT}


def limits(schema: Schema) -> dict[str, object]:
    return {keyword.name: keyword.value for keyword in schema.keywords}


@pytest.mark.parametrize(("name", "parameter", "required", "null", "expected", "default"), PARAMETERS)
def test_parameter(  # noqa: PLR0913 - the columns of the table
    *, name: str, parameter: str, required: bool, null: bool, expected: dict[str, Any], default: object
) -> None:
    request = operation(name).request
    schema = request.properties[parameter]
    assert (parameter in request.required, schema.nullable is not None) == (required, null)
    assert limits(schema) == expected
    assert (schema.default.value if schema.default else None) == default
    assert schema.description is not None
    assert str(schema.description.value).strip()


@pytest.mark.parametrize("name", CALLS)
def test_nothing_beside_the_table(name: str) -> None:
    assert set(operation(name).request.properties) == {parameter for at, parameter, *_ in PARAMETERS if at == name}


@pytest.mark.parametrize("name", CALLS)
def test_call(name: str) -> None:
    found = operation(name)
    assert (found.method, found.path, found.media_type) == CALLS[name]


def test_three_operations() -> None:
    assert set(contract().operations) == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_each_operation_wants_the_key(name: str) -> None:
    assert contract().at(f"{operation(name).pointer}/security") == [{"ApiKeyAuth": []}]


def test_limits_that_depend_on_the_model() -> None:
    blocks = operation().request.blocks
    found = {b.condition.label: {name: limits(s) for name, s in b.properties.items()} for b in blocks}
    assert not any(block.required for block in blocks)
    assert found == MODELS


@pytest.mark.parametrize("name", ["createImageEdit", "createImageVariation"])
def test_no_limit_of_a_form_depends_on_the_model(name: str) -> None:
    assert operation(name).request.blocks == ()


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("createImage", ("dall-e-2", "dall-e-3")),
        ("createImageEdit", ("dall-e-2",)),
        ("createImageVariation", ("dall-e-2",)),
    ],
)
def test_models_known_by_name(name: str, known: tuple[str, ...]) -> None:
    assert operation(name).request.properties["model"].known == known


@pytest.mark.parametrize("name", CALLS)
def test_answer(name: str) -> None:
    answer = operation(name).answer
    assert answer is not None
    found = {field: (s.keyword("type"), field in answer.required) for field, s in answer.properties.items()}
    assert found == ANSWER
    item = answer.properties["data"].items
    assert item is not None
    assert {field: limits(schema) for field, schema in item.properties.items()} == IMAGE
    assert not item.required
