"""Which keyword a request breaks: by example, and against the other validator."""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.selftest.suite.runs import contract, operation
from conformance.suite.contract.constraints import is_valid, of_answer, of_request, violated
from conformance.suite.contract.inside import fitting_texts, overlong_texts
from conformance.suite.contract.places import ABSENT, instances, plain
from conformance.suite.images.files import CLEAR

IMAGE = {"image": CLEAR}
EDIT = {"image": CLEAR, "prompt": "otter"}
OTTER = {"prompt": "otter"}
THREE = {**OTTER, "model": "dall-e-3"}
OWN = {**OTTER, "model": "own"}
LONG = 1000 * "a"

# operation, fields, what they break
BROKEN: list[tuple[str, Mapping[str, object], list[str]]] = [
    ("createImage", OTTER, []),
    ("createImage", {}, ["prompt/required"]),
    ("createImage", {"prompt": None}, ["prompt/type"]),
    ("createImage", {"prompt": 7}, ["prompt/type"]),
    ("createImage", {"prompt": ""}, []),
    ("createImage", {"prompt": LONG}, []),
    ("createImage", {"prompt": f"{LONG}a"}, ["prompt/maxLength@dall-e-2"]),
    ("createImage", {"prompt": "\N{OTTER}" * 1000}, []),
    ("createImage", {"prompt": "\N{OTTER}" * 1001}, ["prompt/maxLength@dall-e-2"]),
    ("createImage", {"prompt": f"{LONG}a", "model": "dall-e-2"}, ["prompt/maxLength@dall-e-2"]),
    ("createImage", {"prompt": 4 * LONG, "model": "dall-e-3"}, []),
    ("createImage", {"prompt": f"{4 * LONG}a", "model": "dall-e-3"}, ["prompt/maxLength@dall-e-3"]),
    ("createImage", {"prompt": 9 * LONG, "model": "own"}, []),
    ("createImage", {**OTTER, "model": 7}, ["model/type"]),
    ("createImage", {**OTTER, "model": None}, ["model/type"]),
    ("createImage", OWN, []),
    *(("createImage", {**OTTER, "n": n}, []) for n in (1, 10, 1.0, None)),
    *(("createImage", {**OTTER, "n": n}, ["n/minimum"]) for n in (0, -1, -0.0)),
    ("createImage", {**OTTER, "n": 11}, ["n/maximum"]),
    # A value of the wrong type is beyond every other limit as well; the type is what is wrong with it.
    *(("createImage", {**OTTER, "n": n}, ["n/type"]) for n in ("1", "11", 1.5, 10.5, True, [1])),
    ("createImage", {**THREE, "n": 1}, []),
    ("createImage", {**THREE, "n": None}, []),
    ("createImage", {**THREE, "n": 2}, ["n/maximum@dall-e-3"]),
    # What is beyond the general limit is not held against the narrower one of a model too.
    ("createImage", {**THREE, "n": 11}, ["n/maximum"]),
    ("createImage", {**THREE, "n": 0}, ["n/minimum"]),
    ("createImage", {**OTTER, "size": "1792x1024"}, ["size/enum@dall-e-2"]),
    ("createImage", {**THREE, "size": "256x256"}, ["size/enum@dall-e-3"]),
    ("createImage", {**OWN, "size": "1792x1024"}, []),
    ("createImage", {**OWN, "size": "1x1"}, ["size/enum"]),
    ("createImage", {**OTTER, "size": "1x1"}, ["size/enum"]),
    ("createImage", {**OTTER, "size": 256}, ["size/type"]),
    *(("createImage", {**model, "size": None}, []) for model in (OTTER, THREE, OWN)),
    ("createImage", {**OTTER, "quality": "hd"}, ["quality/type@dall-e-2"]),
    ("createImage", {**OTTER, "quality": "best"}, ["quality/enum", "quality/type@dall-e-2"]),
    ("createImage", {**OTTER, "quality": None}, ["quality/type"]),
    ("createImage", {**THREE, "quality": "hd"}, []),
    ("createImage", {**THREE, "quality": "best"}, ["quality/enum"]),
    ("createImage", {**OTTER, "style": "vivid"}, ["style/type@dall-e-2"]),
    ("createImage", {**OTTER, "style": None}, []),
    ("createImage", {**THREE, "style": "Vivid"}, ["style/enum"]),
    ("createImage", {**OTTER, "response_format": "png"}, ["response_format/enum"]),
    ("createImage", {**OTTER, "response_format": None}, []),
    ("createImage", {**OTTER, "user": None}, ["user/type"]),
    ("createImage", {**OTTER, "other": object}, []),
    ("createImage", {"n": 0, "size": 1, "user": []}, ["prompt/required", "n/minimum", "size/type", "user/type"]),
    ("createImageEdit", EDIT, []),
    ("createImageEdit", {}, ["image/required", "prompt/required"]),
    ("createImageEdit", {**EDIT, "mask": CLEAR}, []),
    ("createImageEdit", {**EDIT, "prompt": f"{LONG}a"}, ["prompt/maxLength"]),
    ("createImageEdit", {**EDIT, "model": "dall-e-3"}, ["model/not"]),
    ("createImageEdit", {**EDIT, "model": "own"}, []),
    ("createImageEdit", {**EDIT, "n": "many"}, ["n/type"]),
    ("createImageEdit", {**EDIT, "n": 0}, ["n/minimum"]),
    ("createImageEdit", {**EDIT, "size": "1792x1024"}, ["size/enum"]),
    ("createImageVariation", IMAGE, []),
    ("createImageVariation", {}, ["image/required"]),
    ("createImageVariation", {**IMAGE, "n": 11}, ["n/maximum"]),
    ("createImageVariation", {**IMAGE, "response_format": "URL"}, ["response_format/enum"]),
]


def broken(name: str, fields: Mapping[str, object]) -> list[str]:
    found = violated(of_request(contract(), operation(name)), fields)
    return [constraint.id.removeprefix(f"{name}/") for constraint in found]


@pytest.mark.parametrize(("name", "fields", "expected"), BROKEN)
def test_violated(name: str, fields: Mapping[str, object], expected: list[str]) -> None:
    assert sorted(broken(name, fields)) == sorted(expected)


@pytest.mark.parametrize("name", ["createImage", "createImageEdit", "createImageVariation"])
def test_ids_are_unique(name: str) -> None:
    ids = [constraint.id for constraint in of_request(contract(), operation(name))]
    assert len(set(ids)) == len(ids)


@cache
def reference(name: str) -> jsonschema.Draft202012Validator:
    """Return the other validator for the whole request schema, untouched."""
    component = operation(name).request.pointer
    return jsonschema.Draft202012Validator(
        {"$ref": f"#{component}", "components": cast("Any", contract().document)["components"]}
    )


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 13), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5)
)
LENGTHS = st.sampled_from([text for limit in (1000, 4000) for text in (*fitting_texts(limit), *overlong_texts(limit))])
VALUES: dict[str, st.SearchStrategy[object]] = {
    "prompt": st.one_of(st.text(max_size=5), LENGTHS, ANYTHING),
    "model": st.one_of(st.sampled_from(["dall-e-2", "dall-e-3", "own"]), ANYTHING),
    "n": st.one_of(st.sampled_from([0, 1, 2, 10, 11, 1.0, 2.0, 1.5, "1"]), ANYTHING),
    "quality": st.one_of(st.sampled_from(["standard", "hd", "HD"]), ANYTHING),
    "response_format": st.one_of(st.sampled_from(["url", "b64_json", "png"]), ANYTHING),
    "size": st.one_of(st.sampled_from(["256x256", "512x512", "1024x1024", "1792x1024", "1024x1792", "0x0"]), ANYTHING),
    "style": st.one_of(st.sampled_from(["vivid", "natural", ""]), ANYTHING),
    "user": ANYTHING,
    "image": st.just("file"),
    "mask": st.just("file"),
    "other": ANYTHING,
}
BODIES = st.fixed_dictionaries({}, optional=VALUES)
WITH_PROMPT = BODIES.map(lambda fields: {**fields, "prompt": "otter"})
QUICK = settings(max_examples=100, deadline=None, database=None, derandomize=True)


@QUICK
@given(st.one_of(BODIES, WITH_PROMPT))
def test_agrees_with_jsonschema_on_json(fields: dict[str, object]) -> None:
    assert (broken("createImage", fields) == []) is validity("createImage", fields)


@QUICK
@given(st.sampled_from(["createImageEdit", "createImageVariation"]), st.one_of(BODIES, WITH_PROMPT))
def test_agrees_with_jsonschema_on_forms(name: str, fields: dict[str, object]) -> None:
    # Every plain value of a form is text, apart from the numbers that a server reads from it.
    sent = {key: value if key == "n" or isinstance(value, str) else str(value) for key, value in fields.items()}
    assert (broken(name, cast("dict[str, object]", sent)) == []) is validity(name, sent)


def validity(name: str, fields: object) -> bool:
    return reference(name).is_valid(cast("Any", fields))  # pyright: ignore[reportUnknownMemberType]


def test_a_file_is_seen_as_a_short_text() -> None:
    assert plain(EDIT) == {"image": "file", "prompt": "otter"}


@pytest.mark.parametrize(
    ("schema", "value", "valid"),
    [
        ({"type": "integer"}, 1.0, True),
        ({"type": "integer"}, True, False),
        ({"type": "integer"}, 10**400, True),
        ({"maxLength": 1}, "\N{OTTER}", True),
        ({"enum": ["a", None]}, None, True),
        ({"format": "uri"}, "not a uri", False),
        ({"format": "uri"}, "http://127.0.0.1/a.png", True),
        ({"type": "array"}, [[["a"]]], True),
    ],
)
def test_is_valid(*, schema: dict[str, object], value: object, valid: bool) -> None:
    assert is_valid(schema, value) is valid


DEEP = {"data": [{"url": "a"}, {}, 7, {"url": None}]}


@pytest.mark.parametrize(
    ("place", "required", "expected"),
    [
        ((), False, [("the body", DEEP)]),
        (("data",), False, [("data", DEEP["data"])]),
        (("data", "*"), False, [(f"data[{index}]", item) for index, item in enumerate(DEEP["data"])]),
        (("data", "*", "url"), False, [("data[0].url", "a"), ("data[3].url", None)]),
        (("data", "*", "url"), True, [("data[0].url", "a"), ("data[1].url", ABSENT), ("data[3].url", None)]),
        (("created",), False, []),
        (("created",), True, [("created", ABSENT)]),
        (("error", "code"), True, []),
    ],
)
def test_instances(*, place: tuple[str, ...], required: bool, expected: list[tuple[str, object]]) -> None:
    assert list(instances(DEEP, place, required=required)) == expected


def test_every_keyword_of_an_answer_is_a_constraint() -> None:
    answer = operation().answer
    assert answer is not None
    ids = {c.id for c in of_answer(contract(), operation(), answer, "response")}
    assert {
        "createImage/response/type",
        "createImage/response/created/required",
        "createImage/response/created/type",
        "createImage/response/data/items/url/format",
    } <= ids
