from typing import Literal

ImageFormModelName = Literal["dall-e-2"]

IMAGE_FORM_MODEL_NAME_VALUES: set[ImageFormModelName] = {
    "dall-e-2",
}


def check_image_form_model_name(value: str) -> ImageFormModelName:
    if value in IMAGE_FORM_MODEL_NAME_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {IMAGE_FORM_MODEL_NAME_VALUES!r}")
