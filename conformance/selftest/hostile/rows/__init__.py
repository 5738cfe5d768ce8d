"""The tables of hostile servers, by subject."""

from __future__ import annotations

from attrs import frozen

from conformance.selftest.hostile.server import Answer
from conformance.suite.report.record import Exit

PASSES, FAILS, CANNOT = Exit.CONFORMANT, Exit.NOT_CONFORMANT, Exit.COULD_NOT_RUN
ANSWERS = (
    "createImage/accepted",
    "createImage/response/status",
    "createImage/response/type",
    "createImage/response/json",
    "createImage/response/content-type",
    "createImage/response/created/type",
    "createImage/response/created/recent",
    "createImage/response/data/required",
    "createImage/response/data/type",
)
"""Rules that any accepted request feeds, so that a run about them is small."""
FILES = (
    "createImageVariation/response/json",
    "createImageVariation/response/data/items/url/fetchable",
    "createImageVariation/response/data/items/url/image",
    "createImageVariation/response/data/items/url/absolute",
)
"""Rules about the files that an answer points to."""


@frozen
class Hostile:
    """One server, and what is to come of a run: the exit code, a rule that fails, and words that are said of it.

    ``seconds`` is the time that one exchange is given, ``tls`` whether it speaks TLS, ``scheme`` how it is called.
    """

    name: str
    answer: Answer
    code: Exit
    fails: str = ""
    says: str = ""
    rules: tuple[str, ...] = ANSWERS
    seconds: float = 20
    tls: bool = False
    scheme: str = ""
