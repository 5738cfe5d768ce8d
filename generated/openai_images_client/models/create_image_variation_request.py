from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..models.image_form_model_name import ImageFormModelName, check_image_form_model_name
from ..models.image_form_size import ImageFormSize, check_image_form_size
from ..models.image_response_format import ImageResponseFormat, check_image_response_format
from ..types import UNSET, File, Unset

T = TypeVar("T", bound="CreateImageVariationRequest")


@_attrs_define
class CreateImageVariationRequest:
    """
    Attributes:
        image (File): The image to make variations of. It must be a valid PNG file, less than 4MB, and square.
        model (ImageFormModelName | str | Unset): The model that generates the images. Only `dall-e-2` is supported. It
            defaults to `dall-e-2`. Example: dall-e-2.
        n (int | Unset): How many images to generate. It must be between 1 and 10. It defaults to 1. Example: 1.
        response_format (ImageResponseFormat | Unset): The form in which the images are returned. It must be one of
            `url` or `b64_json`. A URL is valid for only 60 minutes after the image was generated. It defaults to `url`.
            Example: url.
        size (ImageFormSize | Unset): The size of the generated images in pixels, width first. It must be one of
            `256x256`, `512x512`, or `1024x1024`. It defaults to `1024x1024`. Example: 1024x1024.
        user (str | Unset): A unique identifier of your end user, which can help the provider to monitor and detect
            abuse. Example: user-1234.
    """

    image: File
    model: ImageFormModelName | str | Unset = UNSET
    n: int | Unset = UNSET
    response_format: ImageResponseFormat | Unset = UNSET
    size: ImageFormSize | Unset = UNSET
    user: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        image = self.image.to_tuple()

        model: str | Unset
        if isinstance(self.model, Unset):
            model = UNSET
        else:
            model = self.model

        n = self.n

        response_format: str | Unset = UNSET
        if not isinstance(self.response_format, Unset):
            response_format = self.response_format

        size: str | Unset = UNSET
        if not isinstance(self.size, Unset):
            size = self.size

        user = self.user

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "image": image,
            }
        )
        if model is not UNSET:
            field_dict["model"] = model
        if n is not UNSET:
            field_dict["n"] = n
        if response_format is not UNSET:
            field_dict["response_format"] = response_format
        if size is not UNSET:
            field_dict["size"] = size
        if user is not UNSET:
            field_dict["user"] = user

        return field_dict

    def to_multipart(self) -> types.RequestFiles:
        files: types.RequestFiles = []

        files.append(("image", self.image.to_part()))

        if not isinstance(self.model, Unset):
            files.append(("model", (None, str(self.model).encode(), "text/plain")))

        if not isinstance(self.n, Unset):
            files.append(("n", (None, str(self.n).encode(), "text/plain")))

        if not isinstance(self.response_format, Unset):
            files.append(("response_format", (None, str(self.response_format).encode(), "text/plain")))

        if not isinstance(self.size, Unset):
            files.append(("size", (None, str(self.size).encode(), "text/plain")))

        if not isinstance(self.user, Unset):
            files.append(("user", (None, str(self.user).encode(), "text/plain")))

        for prop_name, prop in self.additional_properties.items():
            files.append((prop_name, (None, str(prop).encode(), "text/plain")))

        return files

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = {**src_dict}
        image = File.from_value(d.pop("image"))

        def _parse_model(data: object) -> ImageFormModelName | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_image_form_model_type_1 = check_image_form_model_name(data)

                return componentsschemas_image_form_model_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ImageFormModelName | str | Unset, data)

        model = _parse_model(d.pop("model", UNSET))

        n = d.pop("n", UNSET)

        _response_format = d.pop("response_format", UNSET)
        response_format: ImageResponseFormat | Unset
        if isinstance(_response_format, Unset):
            response_format = UNSET
        else:
            response_format = check_image_response_format(_response_format)

        _size = d.pop("size", UNSET)
        size: ImageFormSize | Unset
        if isinstance(_size, Unset):
            size = UNSET
        else:
            size = check_image_form_size(_size)

        user = d.pop("user", UNSET)

        create_image_variation_request = cls(
            image=image,
            model=model,
            n=n,
            response_format=response_format,
            size=size,
            user=user,
        )

        create_image_variation_request.additional_properties = d
        return create_image_variation_request

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
