from typing import Literal

ImageFormSize = Literal["1024x1024", "256x256", "512x512"]

IMAGE_FORM_SIZE_VALUES: set[ImageFormSize] = {
    "1024x1024",
    "256x256",
    "512x512",
}


def check_image_form_size(value: str) -> ImageFormSize:
    if value in IMAGE_FORM_SIZE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {IMAGE_FORM_SIZE_VALUES!r}")
