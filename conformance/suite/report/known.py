"""Failures that the user expects: read from a file, and held to name rules that there are."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from attrs import frozen
from cattrs import Converter
from cattrs.errors import BaseValidationError

from conformance.suite.exchange.codec import as_it_is
from conformance.suite.rules.rule import Rule
from conformance.suite.settings import UsageError

_MOST_BYTES = 1_000_000


@frozen
class Known:
    """A failure that the user expects: a pattern of rule ids, and why."""

    rule: str
    reason: str


_STRICT = Converter(detailed_validation=False)
_STRICT.register_structure_hook(str, as_it_is)


def read(path: Path | None) -> tuple[Known, ...]:
    """Read a known-failures file, ``[[known]]`` tables of ``rule`` and ``reason``; raises UsageError if it is none."""
    if path is None:
        return ()
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
        if len(text) > _MOST_BYTES:
            raise UsageError(f"the known-failures file {path} is larger than {_MOST_BYTES} bytes.")
        tables = tomllib.loads(text.decode("utf-8"))["known"]
        known = _STRICT.structure(tables, tuple[Known, ...])
    except OSError as error:
        raise UsageError(f"the known-failures file {path} can't be read: {error.strerror}.") from error
    except RecursionError:
        raise UsageError(f"{path} must hold [[known]] tables, and nothing that is nested so deep.") from None
    except (ValueError, KeyError, TypeError, BaseValidationError) as error:
        raise UsageError(f"{path} must hold [[known]] tables, each with a rule and a reason: {error}.") from error
    if not all(text.strip() for one in known for text in (one.rule, one.reason)):
        raise UsageError(f"every rule and every reason in {path} must be a text that is not empty.")
    return known


def check(known: tuple[Known, ...], rules: Sequence[Rule]) -> None:
    """Raise UsageError if an entry names no rule at all: it would never be missed, nor excuse anything."""
    ids = [rule.id for rule in rules]
    for one in known:
        if not any(fnmatchcase(id_, one.rule) for id_ in ids):
            near = difflib.get_close_matches(one.rule, ids, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "`make rules` lists them."
            raise UsageError(f"no rule matches the known failure {one.rule!r}; {hint}")
