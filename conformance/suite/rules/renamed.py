"""Rules that had another id in an earlier version: whoever names one by that id still means it.

Ids stand in files of known failures, in reports and in jobs of CI, and so outlive the version that they were written
with. An API says in one table which ids are gone and what they became.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path


def read(path: Path) -> Mapping[str, str]:
    """Return a table of ids that are gone, each with that of today: a TOML document of ``"old" = "new"``."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {old: str(new) for old, new in table.items()}


def today(pattern: str, renamed: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ids of today of rules that a pattern names by an earlier one."""
    return tuple(dict.fromkeys(new for old, new in renamed.items() if fnmatchcase(old, pattern)))


def naming(pattern: str, renamed: Mapping[str, str]) -> Callable[[str], bool]:
    """Return whether an id is of a rule that a pattern names, by what it is called or by what it was."""
    meant = today(pattern, renamed)
    return lambda rule: fnmatchcase(rule, pattern) or rule in meant
