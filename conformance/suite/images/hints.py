"""How servers usually mend what their answers lack, by a pattern of rule ids without the operation."""

from __future__ import annotations

from collections.abc import Mapping

HINTS: Mapping[str, str] = {
    "response/created/*": "Answer whole seconds since 1970, a number: int(time.time()).",
    "response/data/items/*/null": "Leave out what is not there: exclude_none, omitempty.",
    "response/data/items/url/*": "Answer an absolute URL that clients can fetch without a key.",
    "response/data/items/b64_json/*": "Answer the file in plain base64, no prefix, no line breaks.",
    "response/data/items/distinct": "Take a new seed for each image of a request.",
    "response/data/items/dimensions": "Make the size asked for; refuse what the model can't make.",
    "size/default": "Make the default size where none is named.",
    "response/data/count": "Make as many images as asked for, in turn, or refuse that many.",
    "n/default": "Make one image where their number is not named.",
    "response_format/*": "Answer in the form asked for, and with url where none is named.",
}
"""The hints; the first pattern that matches counts."""
