"""What make was given on its command line: a variable that the Makefile doesn't read must not be ignored in silence.

make takes any variable, so that ``url=...`` or ``BASE_URL=...`` would check the embedded server instead of the user's.
Only variables of its command line are judged: what else stands in an environment is nobody's mistake.
"""

from __future__ import annotations

import difflib
import re

from conformance.suite.settings import UsageError

GIVEN = "IMAGES_MAKE_VARIABLES"
"""The environment variable in which the Makefile hands over what stands on its command line."""
TAKEN = (
    "URL",
    "MODEL",
    "MODELS",
    "SIZES",
    "ONLY",
    "EXCLUDE",
    "LEVEL",
    "IMAGES",
    "MAX_SIZE",
    "CONCURRENCY",
    "OUT",
    "KNOWN",
    "HEADERS",
    "OPTS",
)
"""The variables that ``make conformance`` hands on."""
_BESIDE = (
    *("PYTHON", "BIN", "PORT", "UV_VERSION", "SHELL", "MAKE", "MAKEFLAGS", "VPATH"),
    *("OPENAI_API_KEY", "OPENAI_BASE_URL", "IMAGES_HEADERS"),
)
_MEANT = {
    **dict.fromkeys(("SERVER", "HOST", "ENDPOINT", "TARGET", "BASE", "ADDRESS", "BASEURL", "URI"), "URL"),
    **dict.fromkeys(("OUTPUT", "REPORT", "DIR"), "OUT"),
    **dict.fromkeys(("RULE", "RULES", "FILTER"), "ONLY"),
    **dict.fromkeys(("KEY", "APIKEY", "TOKEN"), "OPENAI_API_KEY"),
    **dict.fromkeys(("OPTIONS", "ARGS", "FLAGS"), "OPTS"),
    **{
        name: f"OPTS='--{name.lower()} ...'"
        for name in ("SEED", "EXAMPLES", "TIMEOUT", "DEADLINE", "RATE", "REQUESTS", "PRICE", "CONTRACT", "JUDGE")
    },
}
"""Which variable is meant by a name, or by a part of one, that looks unlike it."""
_WORD = re.compile(r"(?:\\.|[^\\ ])+", re.DOTALL)


def check(given: str) -> None:
    """Raise UsageError if a variable is given under a name that only resembles one of those that are taken.

    ``given`` is what GNU make makes of its command line, with spaces in values escaped. A value may be a secret, so
    none is repeated.
    """
    names = [word.partition("=")[0].rstrip(":+?!") for word in _WORD.findall(given) if "=" in word]
    for name in names:
        meant = None if name in (*TAKEN, *_BESIDE) else _meant(name.upper())
        if meant:
            raise UsageError(f"make conformance takes {meant}, not {name}.")


def _meant(name: str) -> str | None:
    """Return the variable that a name in capitals stands for, or None if it resembles none."""
    known = {**{taken: taken for taken in (*TAKEN, *_BESIDE)}, **_MEANT}
    for part in (name, *reversed(re.split(r"[_-]", name))):
        if part in known:
            return known[part]
    near = difflib.get_close_matches(name, [*TAKEN, *_MEANT], n=1, cutoff=0.7)
    return known[near[0]] if near else None
