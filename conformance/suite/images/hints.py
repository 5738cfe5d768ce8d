"""How servers usually mend what their answers lack, by a pattern of rule ids without the operation."""

from __future__ import annotations

from collections.abc import Mapping

HINTS: Mapping[str, str] = {
    "response/created/*": "Answer the time in whole seconds since 1970, as a number: int(time.time()) in Python.",
    "response/data/items/*/null": "Leave out what is not there: exclude_none in Pydantic, omitempty in Go.",
    "response/data/items/url/*": "Answer an absolute URL that a client can fetch without a key, from where it stands.",
    "response/data/items/b64_json/*": "Answer the bytes of the file in plain base64, without prefix or line breaks.",
    "response/data/items/distinct": "Take a new seed for each image of a request.",
    "response/data/items/dimensions": "Make each image in the size asked for, and refuse what the model can't make.",
    "size/default": "Make each image in the size asked for, in the default size if none is, and refuse other sizes.",
    "response/data/count": "Make as many images as asked for, one after the other if need be, or refuse that many.",
    "n/default": "Make one image where nothing is said of their number.",
    "response_format/*": "Answer in the form asked for, with url where none is named, and refuse what isn't supported.",
}
"""The hints; the first pattern that matches counts."""
