"""What the documents leave open: nothing there is tested, because a correct server may go either way."""

from __future__ import annotations

import unicodedata

from conformance.suite.constraints import Fields
from conformance.suite.contract import Operation
from conformance.suite.pictures import Upload

NULL_MODEL = "one document calls the field a plain string, another shows that such a label can hide a nullable field"
EMPTY_TEXT = "no document gives a minimal length"
EMPTY_PART = "form parsers differ on whether an empty part is a value or an absent one"
CONTROL = "no document says which characters are text; servers and proxies refuse control characters"
CLEAR_TEXT = "otter"
"""A text that every reading of the documents allows."""
OTHER_FIELD = "no document says what happens to a parameter that it doesn't name"


_NOT_SURELY_TEXT = ("Cc", "Cs", "Cn", "Co", "Cf", "Zl", "Zp")


def undecided(operation: Operation, fields: Fields) -> str | None:
    """Return why the documents don't say whether a request with these fields is valid, or None if they do."""
    if "model" in fields and fields["model"] is None:
        return NULL_MODEL
    for name, value in fields.items():
        if name not in operation.request.properties:
            return OTHER_FIELD
        if isinstance(value, Upload) or not isinstance(value, str):
            continue
        if not value.strip():
            return EMPTY_PART if operation.is_form else EMPTY_TEXT
        if clear(value) != value:
            return CONTROL
    return None


def clear(text: str) -> str:
    """Return the text with every character that is not surely text replaced by a letter, its length unchanged."""
    return "".join("x" if unicodedata.category(character) in _NOT_SURELY_TEXT else character for character in text)
