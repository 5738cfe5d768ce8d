from typing import Literal

ImageModelName = Literal["dall-e-2", "dall-e-3"]

IMAGE_MODEL_NAME_VALUES: set[ImageModelName] = {
    "dall-e-2",
    "dall-e-3",
}


def check_image_model_name(value: str) -> ImageModelName:
    if value in IMAGE_MODEL_NAME_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {IMAGE_MODEL_NAME_VALUES!r}")
