"""What a request of the Images API asks for, and what the documents leave open about one.

Nothing is tested where the documents leave it open, because a correct server may go either way.
"""

from __future__ import annotations

import math
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import evolve

from conformance.suite.contract.nodes import as_list, as_map, is_map
from conformance.suite.contract.operation import Operation
from conformance.suite.contract.places import Fields
from conformance.suite.exchange.upload import Upload
from conformance.suite.images.files import is_edited
from conformance.suite.images.pictures import Picture
from conformance.suite.rules.api import Cost

MODEL: Final = "model"
"""The field that chooses the model."""
SIZE: Final = "size"
"""The field that says how large an image is."""
SHOWN: Final[Mapping[str, Fields]] = {SIZE: {"response_format": "b64_json"}}
"""How large an image is can be seen in the answer itself, also where its URL leads to a host out of reach."""
NULL_MODEL = "one document calls the field a plain string, another shows that such a label can hide a nullable field"
EMPTY_TEXT = "no document gives a minimal length"
EMPTY_PART = "form parsers differ on whether an empty part is a value or an absent one"
CONTROL = "no document says which characters are text; servers and proxies refuse control characters"
OTHER_FIELD = "no document says what happens to a parameter that it doesn't name"

DEFAULT_SIZE: Final = "1024x1024"
_PIXELS = re.compile(r"(\d+)x(\d+)")
_CLEAR_TEXT = "otter"
_MOST_IMAGES = 2
_NOT_SURELY_TEXT = ("Cc", "Cs", "Cn", "Co", "Cf", "Zl", "Zp")


def cost(operation: Operation, fields: Fields) -> Cost:
    """Return the number of images that a request asks for, their pixels in all, and how many it may bring at most.

    A server that checks nothing may read the number of a text, and none at all as one; more than the documented maximum
    and one more is asked for only by numbers that no server can fulfil.
    """
    if operation.answer is None or "data" not in operation.answer.properties or operation.media_type is None:
        return Cost()
    n = fields.get("n")
    count = n if isinstance(n, int) and not isinstance(n, bool) else 1
    size = _PIXELS.fullmatch(str(fields.get(SIZE) or DEFAULT_SIZE))
    most = operation.request.properties["n"].keyword("maximum") if "n" in operation.request.properties else None
    bound = most + 1 if isinstance(most, int) else count
    return Cost(count, count * int(size[1]) * int(size[2]) if size else 0, max(1, min(_read(n), bound)))


def _read(n: object) -> int:
    """Return the number that a server may read in a value, however it is written."""
    try:
        return math.ceil(float(str(n)))
    except OverflowError:
        return sys.maxsize
    except ValueError:
        return 1


def undecided(operation: Operation, fields: Fields) -> str | None:
    """Return why the documents don't say whether a request with these fields is valid, or None if they do."""
    if MODEL in fields and fields[MODEL] is None:
        return NULL_MODEL
    for name, value in fields.items():
        if name not in operation.request.properties:
            return OTHER_FIELD
        if not isinstance(value, str):
            continue
        if not value.strip():
            return EMPTY_PART if operation.is_text(name) else EMPTY_TEXT
        if clear(value) != value:
            return CONTROL
    return None


def listed(answer: object) -> Iterator[str]:
    """Yield the names in a list of models."""
    entries = as_map(answer).get("data") if is_map(answer) else None
    for entry in as_list(entries):
        name = as_map(entry).get("id") if is_map(entry) else None
        if isinstance(name, str):
            yield name


def clear(text: str) -> str:
    """Return the text with every character that is not surely text replaced by a letter, its length unchanged."""
    return "".join("x" if unicodedata.category(character) in _NOT_SURELY_TEXT else character for character in text)


def settle(operation: Operation, fields: Fields, *, valid: bool) -> Fields:
    """Return the fields of a random request with what is undecided replaced and files that fit each other.

    A valid request asks for few images. Where an image is edited it has a hole, and a mask beside it has its size.
    """
    settled = {
        name: (clear(value) or _CLEAR_TEXT) if isinstance(value, str) else value for name, value in fields.items()
    }
    n = settled.get("n")
    if valid and isinstance(n, int | float):
        # 2.0 is an integer in JSON Schema, but not to every JSON reader, and the documents don't say.
        settled["n"] = min(int(n), _MOST_IMAGES)
    image = settled.get("image")
    if is_edited(operation) and isinstance(image, Upload) and isinstance(image.content, Picture):
        fitting = evolve(image, content=evolve(image.content, hole=True))
        settled |= {name: fitting for name in ("image", "mask") if isinstance(settled.get(name), Upload)}
    return settled
