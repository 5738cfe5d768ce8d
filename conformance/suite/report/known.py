"""Failures that the user expects: read from a file, and held to name rules that there are, or were called so before."""

from __future__ import annotations

import difflib
import glob
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from attrs import evolve, frozen
from cattrs import Converter
from cattrs.errors import BaseValidationError

from conformance.suite.exchange.codec import as_it_is
from conformance.suite.rules.renamed import today
from conformance.suite.rules.rule import Rule
from conformance.suite.settings import UsageError

_MOST_BYTES = 1_000_000


@frozen
class _Entry:
    """What stands in the file."""

    rule: str
    reason: str


@frozen
class Known:
    """A failure that the user expects: a pattern of rule ids, and why.

    ``today`` are the ids of rules that it names by an earlier one; where it names no rule else it is ``outdated``.
    """

    rule: str
    reason: str
    today: tuple[str, ...] = ()
    outdated: bool = False

    def names(self, rule: str) -> bool:
        """Whether it is about the rule of this id."""
        return fnmatchcase(rule, self.rule) or rule in self.today

    def renewed(self) -> tuple[Known, ...]:
        """Return the entries that say the same with the ids of today."""
        new = tuple(Known(glob.escape(id_), self.reason) for id_ in self.today if not fnmatchcase(id_, self.rule))
        return new if self.outdated else (Known(self.rule, self.reason), *new)


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
        given = tomllib.loads(text.decode("utf-8"))
        if "known" not in given:
            raise UsageError(f"{path} must hold [[known]] tables, or `known = []` if nothing is known to fail.")
        tables = given["known"]
        known = tuple(Known(one.rule, one.reason) for one in _STRICT.structure(tables, tuple[_Entry, ...]))
    except OSError as error:
        raise UsageError(f"the known-failures file {path} can't be read: {error.strerror}.") from error
    except RecursionError:
        raise UsageError(f"{path} must hold [[known]] tables, and nothing that is nested so deep.") from None
    except (ValueError, KeyError, TypeError, BaseValidationError) as error:
        raise UsageError(f"{path} must hold [[known]] tables, each with a rule and a reason: {error}.") from error
    if not all(text.strip() for one in known for text in (one.rule, one.reason)):
        raise UsageError(f"every rule and every reason in {path} must be a text that is not empty.")
    return known


def settle(known: Iterable[Known], rules: Sequence[Rule], renamed: Mapping[str, str]) -> tuple[Known, ...]:
    """Return the entries with what they name by the ids of an earlier version."""
    return tuple(
        evolve(one, today=ids, outdated=not any(fnmatchcase(rule.id, one.rule) for rule in rules))
        if (ids := today(one.rule, renamed))
        else one
        for one in known
    )


def notices(known: Iterable[Known]) -> list[str]:
    """Say for each entry that names rules by earlier ids what they are called now."""
    return [
        f"the known failure {one.rule} names what is called {' and '.join(one.today)} now; write that"
        f" {'in its place' if one.outdated else 'beside it'}."
        for one in known
        if one.today
    ]


def check(known: tuple[Known, ...], rules: Sequence[Rule]) -> None:
    """Raise UsageError if an entry names no rule at all: it would never be missed, nor excuse anything."""
    ids = [rule.id for rule in rules]
    for one in known:
        if not any(one.names(id_) for id_ in ids):
            near = difflib.get_close_matches(one.rule, ids, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "`make rules` lists them."
            raise UsageError(f"no rule matches the known failure {one.rule!r}; {hint}")
