from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.image_model_name import ImageModelName, check_image_model_name
from ..models.image_quality import ImageQuality, check_image_quality
from ..models.image_response_format import ImageResponseFormat, check_image_response_format
from ..models.image_size import ImageSize, check_image_size
from ..models.image_style import ImageStyle, check_image_style
from ..types import UNSET, Unset

T = TypeVar("T", bound="CreateImageRequest")


@_attrs_define
class CreateImageRequest:
    """
    Attributes:
        prompt (str): The text that describes the wanted images. It has at most 1000 characters for `dall-e-2` and at
            most 4000 characters for `dall-e-3`. The clearer the prompt, the better the image. Example: A cute baby sea
            otter.
        model (ImageModelName | str | Unset): The model that generates the images. `dall-e-3` is the more advanced and
            realistic one. It defaults to `dall-e-2`. Example: dall-e-3.
        n (int | None | Unset): How many images to generate. It must be between 1 and 10. For `dall-e-3`, only `n=1` is
            supported. It defaults to 1. Example: 1.
        quality (ImageQuality | Unset): The quality of the generated images. `hd` gives finer details and greater
            consistency across the image. Only `dall-e-3` supports this parameter. It defaults to `standard`. Example:
            standard.
        response_format (ImageResponseFormat | None | Unset): The form in which the images are returned. It must be one
            of `url` or `b64_json`. A URL is valid for only 60 minutes after the image was generated. It defaults to `url`.
            Example: url.
        size (ImageSize | None | Unset): The size of the generated images in pixels, width first. It must be one of
            `256x256`, `512x512`, or `1024x1024` for `dall-e-2`. It must be one of `1024x1024`, `1792x1024`, or `1024x1792`
            for `dall-e-3`. It defaults to `1024x1024`. A larger image shows more detail. Example: 1024x1024.
        style (ImageStyle | None | Unset): The style of the generated images. It must be one of `vivid` or `natural`.
            `vivid` leans towards hyper-real and dramatic images. `natural` leans towards more natural, less hyper-real
            looking images. Only `dall-e-3` supports this parameter. It defaults to `vivid`. Example: vivid.
        user (str | Unset): A unique identifier of your end user, which can help the provider to monitor and detect
            abuse. Example: user-1234.
    """

    prompt: str
    model: ImageModelName | str | Unset = UNSET
    n: int | None | Unset = UNSET
    quality: ImageQuality | Unset = UNSET
    response_format: ImageResponseFormat | None | Unset = UNSET
    size: ImageSize | None | Unset = UNSET
    style: ImageStyle | None | Unset = UNSET
    user: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        prompt = self.prompt

        model: str | Unset
        if isinstance(self.model, Unset):
            model = UNSET
        else:
            model = self.model

        n: int | None | Unset
        if isinstance(self.n, Unset):
            n = UNSET
        else:
            n = self.n

        quality: str | Unset = UNSET
        if not isinstance(self.quality, Unset):
            quality = self.quality

        response_format: None | str | Unset
        if isinstance(self.response_format, Unset):
            response_format = UNSET
        else:
            response_format = self.response_format

        size: None | str | Unset
        if isinstance(self.size, Unset):
            size = UNSET
        else:
            size = self.size

        style: None | str | Unset
        if isinstance(self.style, Unset):
            style = UNSET
        else:
            style = self.style

        user = self.user

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "prompt": prompt,
            }
        )
        if model is not UNSET:
            field_dict["model"] = model
        if n is not UNSET:
            field_dict["n"] = n
        if quality is not UNSET:
            field_dict["quality"] = quality
        if response_format is not UNSET:
            field_dict["response_format"] = response_format
        if size is not UNSET:
            field_dict["size"] = size
        if style is not UNSET:
            field_dict["style"] = style
        if user is not UNSET:
            field_dict["user"] = user

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = {**src_dict}
        prompt = d.pop("prompt")

        def _parse_model(data: object) -> ImageModelName | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_image_model_type_1 = check_image_model_name(data)

                return componentsschemas_image_model_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ImageModelName | str | Unset, data)

        model = _parse_model(d.pop("model", UNSET))

        def _parse_n(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        n = _parse_n(d.pop("n", UNSET))

        _quality = d.pop("quality", UNSET)
        quality: ImageQuality | Unset
        if isinstance(_quality, Unset):
            quality = UNSET
        else:
            quality = check_image_quality(_quality)

        def _parse_response_format(data: object) -> ImageResponseFormat | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                response_format_type_0 = check_image_response_format(data)

                return response_format_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ImageResponseFormat | None | Unset, data)

        response_format = _parse_response_format(d.pop("response_format", UNSET))

        def _parse_size(data: object) -> ImageSize | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                size_type_0 = check_image_size(data)

                return size_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ImageSize | None | Unset, data)

        size = _parse_size(d.pop("size", UNSET))

        def _parse_style(data: object) -> ImageStyle | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                style_type_0 = check_image_style(data)

                return style_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ImageStyle | None | Unset, data)

        style = _parse_style(d.pop("style", UNSET))

        user = d.pop("user", UNSET)

        create_image_request = cls(
            prompt=prompt,
            model=model,
            n=n,
            quality=quality,
            response_format=response_format,
            size=size,
            style=style,
            user=user,
        )

        create_image_request.additional_properties = d
        return create_image_request

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
