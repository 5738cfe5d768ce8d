"""Every model survives the way to a dict and back, files among its fields included."""

import inspect
from collections.abc import Callable
from io import BytesIO
from typing import Any, Protocol, Self, get_args

import pytest
from attrs import fields_dict
from hypothesis import given, settings
from hypothesis import strategies as st
from openai_images_client import models
from openai_images_client.models import (
    CreateImageEditRequest,
    CreateImageRequest,
    CreateImageVariationRequest,
    Error,
    ErrorResponse,
    Image,
    ImageFormSize,
    ImageQuality,
    ImageResponseFormat,
    ImagesResponse,
    ImageStyle,
)
from openai_images_client.models.image_size import ImageSize
from openai_images_client.types import UNSET, File


class Model(Protocol):
    """What every generated model can do."""

    additional_properties: dict[str, Any]

    def to_dict(self) -> dict[str, Any]: ...

    @classmethod
    def from_dict(cls, src_dict: dict[str, Any]) -> Self: ...


def _text() -> st.SearchStrategy[str]:
    return st.text(max_size=20)


def _or_unset(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.just(UNSET) | strategy


def _one_of(literal: object) -> st.SearchStrategy[Any]:
    return st.sampled_from(get_args(literal))


def _model(kind: Callable[..., Model], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Model]:
    """Make models with properties of other names too; one of the same name would be the property itself."""

    def add(model: Model, additional: dict[str, Any]) -> Model:
        model.additional_properties = additional
        return model

    names = _text().filter(lambda name: name not in fields and f"{name}_" not in fields)
    return st.builds(add, st.builds(kind, **fields), st.dictionaries(names, st.none() | _text(), max_size=2))


COUNT = st.integers(1, 10)
FORMAT = _one_of(ImageResponseFormat)
FILE = st.builds(File, st.binary().map(BytesIO), st.none() | _text(), st.none() | st.just("image/png"))
ERROR = _model(Error, message=_text(), type_=_text(), param=st.none() | _text(), code=st.none() | _text())
IMAGE = _model(Image, url=_or_unset(_text()), b64_json=_or_unset(_text()), revised_prompt=_or_unset(_text()))
FORM = {
    "model": _or_unset(_text()),
    "n": _or_unset(COUNT),
    "size": _or_unset(_one_of(ImageFormSize)),
    "response_format": _or_unset(FORMAT),
    "user": _or_unset(_text()),
}

MODELS: dict[Callable[..., Model], st.SearchStrategy[Model]] = {
    CreateImageRequest: _model(
        CreateImageRequest,
        prompt=_text(),
        model=_or_unset(_text()),
        n=_or_unset(st.none() | COUNT),
        quality=_or_unset(_one_of(ImageQuality)),
        response_format=_or_unset(st.none() | FORMAT),
        size=_or_unset(st.none() | _one_of(ImageSize)),
        style=_or_unset(st.none() | _one_of(ImageStyle)),
        user=_or_unset(_text()),
    ),
    CreateImageEditRequest: _model(CreateImageEditRequest, image=FILE, prompt=_text(), mask=_or_unset(FILE), **FORM),
    CreateImageVariationRequest: _model(CreateImageVariationRequest, image=FILE, **FORM),
    ImagesResponse: _model(ImagesResponse, created=st.integers(), data=st.lists(IMAGE, max_size=3)),
    Image: IMAGE,
    ErrorResponse: _model(ErrorResponse, error=ERROR),
    Error: ERROR,
}


def test_no_model_and_no_field_is_left_out() -> None:
    classes = {value for _, value in inspect.getmembers(models, inspect.isclass) if hasattr(value, "from_dict")}
    assert MODELS.keys() == classes
    form = fields_dict(CreateImageVariationRequest).keys() - {"image", "additional_properties"}
    assert FORM.keys() == form


@pytest.mark.parametrize("kind", MODELS)
@settings(derandomize=True, deadline=None, database=None)
@given(st.data())
def test_model_survives_a_dict(kind: Callable[..., Model], data: st.DataObject) -> None:
    model = data.draw(MODELS[kind])
    assert type(model).from_dict(model.to_dict()) == model


def test_file_keeps_its_content_and_its_names() -> None:
    body = CreateImageEditRequest(image=File(BytesIO(b"i"), "a.png", "image/png"), prompt="x")
    again = CreateImageEditRequest.from_dict(body.to_dict())
    assert (again.image.payload.read(), again.image.file_name, again.image.mime_type) == (b"i", "a.png", "image/png")


def test_file_from_bytes() -> None:
    assert CreateImageVariationRequest.from_dict({"image": b"i"}).image.payload.read() == b"i"
