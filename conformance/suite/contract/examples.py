"""Plain values to start from: of each type, of each format, of a length, of a pattern."""

from __future__ import annotations

import re
from functools import lru_cache

from conformance.suite.contract.scratch import out_of_the_way

OTHER_TYPES: dict[str, tuple[object, ...]] = {
    "string": (7, ["text"]),
    "integer": ("1", "one", 1.5, True),
    "number": ("1", True, [1]),
    "boolean": ("true", 1),
    "array": ("text", {"0": "text"}),
    "object": ("text", ["text"]),
    "null": ("text", 7),
}
"""For each type values that are of another one: what looks alike, and what a careless server falls over."""
ONE_OF_TYPE: dict[str, tuple[object, ...]] = {
    "string": ("text", "otter"),
    "integer": (1, 0, 2),
    "number": (0.5, 1.5),
    "boolean": (False, True),
    "array": ([], ["text"]),
    "object": ({}, {"key": "text"}),
    "null": (None,),
}
"""For each type values that are of it."""
FORMATS: dict[str, tuple[str, str]] = {
    "date": ("2024-02-29", "2024-13-01"),
    "date-time": ("2024-02-29T12:00:00Z", "yesterday at noon"),
    "time": ("12:00:00Z", "25:61"),
    "duration": ("P1D", "one day"),
    "email": ("otter@example.com", "otter at example.com"),
    "hostname": ("example.com", "-example-.com"),
    "ipv4": ("192.0.2.1", "192.0.2.999"),
    "ipv6": ("2001:db8::1", "2001:db8:::1"),
    "uri": ("https://example.com/a", "not a uri"),
    "uri-reference": ("/a", "\\\\a b"),
    "iri": ("https://example.com/a", "not an iri"),
    "uuid": ("2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2eb8aa08"),
    "json-pointer": ("/a", "a/b"),
    "regex": ("^a$", "("),
}
"""For each format a text that is of it and one that is not; of any other format nothing is known."""
_WORDS = "A cute baby sea otter floats on calm water and looks at the evening sky. "


def text(length: int) -> str:
    """Return plain English of exactly this length, so that no content filter has a reason to refuse it."""
    return (_WORDS * (length // len(_WORDS) + 1))[:length]


@lru_cache(maxsize=64)
def like(pattern: str) -> list[str]:
    """Return the simplest text of a pattern as a list of one; of a pattern that Python can't read none."""
    # Few contracts have a pattern, and Hypothesis takes a quarter of a second to import.
    from hypothesis import HealthCheck, find, settings  # noqa: PLC0415 - as above
    from hypothesis import strategies as st  # noqa: PLC0415 - as above
    from hypothesis.errors import HypothesisException  # noqa: PLC0415 - as above

    letters = st.characters(codec="ascii", categories=("L", "N", "P"))
    unhealthy = (HealthCheck.too_slow, HealthCheck.filter_too_much)
    quiet = settings(database=None, deadline=None, derandomize=True, suppress_health_check=unhealthy)
    try:
        with out_of_the_way():
            return [find(st.from_regex(re.compile(pattern), alphabet=letters), lambda _: True, settings=quiet)]
    except (re.error, HypothesisException, ValueError):
        return []
