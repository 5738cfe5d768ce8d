"""What is sent to the greenhouse's server: values at the edge of every keyword of its contract, and broken bodies."""

from __future__ import annotations

from collections.abc import Mapping

VALUES: Mapping[str, tuple[object, ...]] = {
    "crop": ("ab", "a", "", "a" * 40, "a" * 41, "\N{POTTED PLANT}" * 40, "\N{POTTED PLANT}" * 41, 7, None, ["basil"]),
    "rows": (1, 12, 2.0, 0, 13, 6, 7, -1, 1.5, "4", True, None, [4]),
    "climate": ("temperate", "tropical", "arid", "TROPICAL", "polar", "", None, 1, ["arid"], {}),
    "soil": ("loam", "sand", "peat", None, "clay", "Loam", 0, False, []),
    "mulched": (True, False, "true", 1, 0, None),
    "spacing": (0.5, 7.5, 100, 1e300, 10**300, 0, 0.25, 0.75, -0.5, "7.5", True, None),
    "labels": (
        ["a"],
        list("abcde"),
        [""],
        ["a" * 12],
        [],
        list("abcdef"),
        ["a", "a"],
        ["a" * 13],
        [1],
        [1, 1],
        "a",
        {},
        None,
    ),
    "gardener": (
        *({"name": "A"}, {"name": "A", "role": "staff", "years": 60}, {"name": "A", "years": 0.0}, {}, None, [], "A"),
        *({"name": ""}, {"name": None}, {"name": "A", "role": "chief"}, {"name": "A", "role": None}),
        *({"name": "A", "years": 61}, {"name": "A", "years": -1}, {"name": "A", "age": 7}, {"role": "staff"}),
    ),
    "companions": ("", "a" * 40, "a" * 41, [], ["a"] * 3, ["a"] * 4, ["a" * 41], [1], 7, None, {}),
    "bed": ("A00", "F99", "G00", "a00", "A0", "A000", "A00\n", " A00", "A0\N{ARABIC-INDIC DIGIT ONE}", 7, None),
    "sow_on": (
        *("2031-04-15", "2032-02-29", "2031-02-29", "2031-13-01", "2031-04-31", "2031-4-15", "20310415"),
        *("2031-W16-2", "2031-04-15T00:00:00Z", "0000-02-29", "0000-01-00", "", 20310415, None),
    ),
    "unknown": (7, None, {"deep": [[1]]}),
}
"""For each field of a sowing valid values and invalid ones, the first of them valid."""
LISTINGS: list[tuple[dict[str, str], bool]] = [
    ({"state": "sown"}, True),
    ({"state": "fallow", "limit": "1"}, True),
    ({"state": "planned", "limit": "50", "unknown": "x"}, True),
    ({}, False),
    ({"limit": "7"}, False),
    *(({"state": state}, False) for state in ("", "SOWN", "asleep")),
    *(
        ({"state": "sown", "limit": text}, False)
        for text in ("0", "51", "-1", "", "ten", "1.5", "+5", "\u0665", "9" * 5000)
    ),
]
"""Queries of plots, and whether they are valid."""
UNREADABLE: Mapping[str, bytes] = {
    "empty": b"",
    "cut off": b'{"crop": "Sw',
    "an array": b'["Sweet basil"]',
    "a string": b'"Sweet basil"',
    "null": b"null",
    "deep": b'{"crop": "Basil", "unknown": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "not closed": b"[" * 50_000,
    "5000 digits": b'{"crop": "Basil", "rows": ' + b"9" * 5_000 + b"}",
    "5000 digits in an unknown field": b'{"crop": "Basil", "unknown": -' + b"9" * 5_000 + b"}",
    "too large for a double": b'{"crop": "Basil", "spacing": 1e999}',
    "not a number": b'{"crop": "Basil", "spacing": NaN}',
    "not UTF-8": b'{"crop": "\xff\xfe"}',
    "UTF-16": '{"crop": "Basil"}'.encode("utf-16"),
    "half a surrogate pair": b'{"crop": "Basil \\ud83e"}',
    "half a surrogate pair as a name": b'{"crop": "Basil", "\\ud83e": 1}',
}
"""Bodies that are no JSON object, or none that can be read."""
