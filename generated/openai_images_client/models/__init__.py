"""Contains all the data models used in inputs/outputs"""

from .create_image_edit_request import CreateImageEditRequest
from .create_image_request import CreateImageRequest
from .create_image_variation_request import CreateImageVariationRequest
from .error import Error
from .error_response import ErrorResponse
from .image import Image
from .image_form_model_name import ImageFormModelName
from .image_form_size import ImageFormSize
from .image_model_name import ImageModelName
from .image_quality import ImageQuality
from .image_response_format import ImageResponseFormat
from .image_size import ImageSize
from .image_style import ImageStyle
from .images_response import ImagesResponse

__all__ = (
    "CreateImageEditRequest",
    "CreateImageRequest",
    "CreateImageVariationRequest",
    "Error",
    "ErrorResponse",
    "Image",
    "ImageFormModelName",
    "ImageFormSize",
    "ImageModelName",
    "ImageQuality",
    "ImageResponseFormat",
    "ImageSize",
    "ImagesResponse",
    "ImageStyle",
)
