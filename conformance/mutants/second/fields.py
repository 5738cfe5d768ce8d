"""The documented rules about parameters, written out by hand: one function for each operation, one for each kind.

The functions look at one parameter after the other and stop at the first that is wrong. A form has texts where JSON has
values, and an empty text in it stands for a parameter that was left out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from PIL import Image

from conformance.mutants.second import png
from conformance.mutants.second.errors import RequestError
from conformance.mutants.second.order import Order

_GENERATION = ("prompt", "model", "n", "quality", "response_format", "size", "style", "user")
_EDIT = ("image", "prompt", "mask", "model", "n", "size", "response_format", "user")
_VARIATION = ("image", "model", "n", "response_format", "size", "user")

_SMALL = ("256x256", "512x512", "1024x1024")
_LARGE = ("1024x1024", "1792x1024", "1024x1792")
_DEFAULT_SIZE = "1024x1024"
_MOST_IMAGES = 10
_PROMPT = {"dall-e-2": 1000, "dall-e-3": 4000}
_EDIT_PROMPT = 1000
_FILE_BYTES = 4_000_000
_OPAQUE = 255
_WHOLE = re.compile(r"[0-9]{1,9}(?:\.0+)?")


def generation(body: Mapping[str, object]) -> Order:
    """Return what a generation asks for; raises RequestError."""
    _known(body, _GENERATION)
    # Null stands for the default where the documents say so, and for `model` they can be read either way.
    given = {name: value for name, value in body.items() if value is not None or name in ("prompt", "quality", "user")}
    prompt = _text(given, "prompt", needed=True)
    model = _text(given, "model") or "dall-e-2"
    most = _PROMPT.get(model)
    if most is not None and len(prompt) > most:
        raise RequestError(f"At most {most} characters are allowed for {model}.", "prompt")
    count = _count(given.get("n", 1))
    if model == "dall-e-3" and count > 1:
        raise RequestError("dall-e-3 makes one image at a time.", "n")
    quality = _one_of(given, "quality", ("standard", "hd"), "standard")
    form = _one_of(given, "response_format", ("url", "b64_json"), "url")
    sizes = {"dall-e-2": _SMALL, "dall-e-3": _LARGE}.get(model, (*_SMALL, *_LARGE))
    size = _one_of(given, "size", sizes, _DEFAULT_SIZE)
    style = _one_of(given, "style", ("vivid", "natural"), "vivid")
    for name in ("quality", "style"):
        if model == "dall-e-2" and name in given:
            raise RequestError("Only dall-e-3 has this parameter.", name)
    _text(given, "user")
    return Order(count, _pixels(size), form == "url", fine=quality == "hd", muted=style == "natural")


def edit(form: Mapping[str, bytes]) -> Order:
    """Return what an edit asks for; raises RequestError."""
    _known(form, _EDIT)
    image = _square(form)
    texts = _texts(form)
    prompt = _text(texts, "prompt", needed=True)
    if len(prompt) > _EDIT_PROMPT:
        raise RequestError(f"At most {_EDIT_PROMPT} characters are allowed.", "prompt")
    if "mask" in form:
        mask = _file(form, "mask")
        if mask.size != image.size:
            raise RequestError("The mask must be as wide and as high as the image.", "mask")
    elif image.getchannel("A").getextrema()[0] == _OPAQUE:
        raise RequestError("Without a mask the image must be transparent somewhere.", "image")
    else:
        mask = image
    count, size, as_url = _common(texts)
    return Order(count, size, as_url, edit=(image, mask))


def variation(form: Mapping[str, bytes]) -> Order:
    """Return what a variation asks for; raises RequestError."""
    _known(form, _VARIATION)
    image = _square(form)
    count, size, as_url = _common(_texts(form))
    return Order(count, size, as_url, source=image)


def _common(texts: Mapping[str, str]) -> tuple[int, tuple[int, int], bool]:
    """Return count, size and whether URLs are wanted, as edits and variations have them alike."""
    if _text(texts, "model") == "dall-e-3":
        raise RequestError("Only dall-e-2 is supported here.", "model")
    written = texts.get("n", "1")
    count = _count(float(written) if _WHOLE.fullmatch(written) else written)
    size = _one_of(texts, "size", _SMALL, _DEFAULT_SIZE)
    response_format = _one_of(texts, "response_format", ("url", "b64_json"), "url")
    _text(texts, "user")
    return count, _pixels(size), response_format == "url"


def _known(names: Collection[str], documented: tuple[str, ...]) -> None:
    for name in names:
        if name not in documented:
            raise RequestError("There is no such parameter.", name.encode("ascii", "replace").decode("ascii")[:64])


def _texts(form: Mapping[str, bytes]) -> dict[str, str]:
    """Return the parts of a form that are no files, without those that are empty."""
    texts: dict[str, str] = {}
    for name, content in form.items():
        if name not in ("image", "mask") and content:
            try:
                texts[name] = content.decode("utf-8")
            except UnicodeDecodeError:
                raise RequestError("This is not UTF-8.", name) from None
    return texts


def _text(given: Mapping[str, object], name: str, *, needed: bool = False) -> str:
    """Return a text, empty if it is absent."""
    if name not in given and not needed:
        return ""
    value = given.get(name)
    if not isinstance(value, str):
        raise RequestError("A text is required." if name in given else "This parameter is required.", name)
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise RequestError("Half of a surrogate pair is no text.", name)
    if not value.strip() and name != "user":
        raise RequestError("The text is empty.", name)
    return value


def _count(value: object) -> int:
    """Return how many images are wanted; 2.0 is the integer 2 (JSON Schema 2020-12, core, section 4.2.3)."""
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not isinstance(value, int | float) or not whole:
        raise RequestError("An integer is required.", "n")
    if not 1 <= value <= _MOST_IMAGES:
        raise RequestError(f"From 1 to {_MOST_IMAGES} images can be made at once.", "n")
    return int(value)


def _one_of(given: Mapping[str, object], name: str, members: Collection[str], default: str) -> str:
    value = given.get(name, default)
    # Asked of a text alone: other values may have no equal among the members and yet not be comparable.
    if not isinstance(value, str) or value not in members:
        raise RequestError(f"One of {', '.join(dict.fromkeys(members))} is required.", name)
    return value


def _pixels(size: str) -> tuple[int, int]:
    width, _, height = size.partition("x")
    return int(width), int(height)


def _square(form: Mapping[str, bytes]) -> Image.Image:
    image = _file(form, "image")
    if image.width != image.height:
        raise RequestError("The image must be as wide as high.", "image")
    return image


def _file(form: Mapping[str, bytes], name: str) -> Image.Image:
    if name not in form:
        raise RequestError("This parameter is required.", name)
    if len(form[name]) >= _FILE_BYTES:
        raise RequestError("The file must have less than 4 MB.", name, code="file_too_large")
    try:
        return png.read(form[name])
    except png.NotPngError as reason:
        raise RequestError(f"The file is not a valid PNG file: {reason}.", name, code="invalid_image") from None
