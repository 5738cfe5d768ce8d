"""Compares reports: which rules servers, or versions of one, keep and break, and what a gateway does to its upstream.

Only what became of a rule is compared, never a message, an id or a time, so that two runs on one server are equal. The
reports are files from anywhere: each is bounded, and held to the published schema before it is looked at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import jsonschema_rs
from attrs import field, frozen

from conformance.suite.report.record import SCHEMA, Exit, Report, VerdictEntry, counts_against
from conformance.suite.rules.rule import Level
from conformance.suite.settings import UsageError
from conformance.suite.verdicts.verdict import Outcome

_MOST_BYTES = 32 * 1024 * 1024
_SINGLE = 2
"""Fewer reports than this leave nothing to compare."""
_FOUND = (Outcome.PASS, Outcome.FAIL)


@frozen
class Server:
    """One report: its file, what it is called among the others, and its verdicts by rule."""

    path: Path
    name: str
    report: Report = field(repr=False)
    verdicts: Mapping[str, VerdictEntry] = field(repr=False, hash=False)


@frozen
class Row:
    """One rule: its verdict in each report, None where the report has none."""

    rule: str
    title: str
    level: Level
    operation: str
    cells: tuple[VerdictEntry | None, ...]

    @property
    def differs(self) -> bool:
        """Whether not the same became of it in all reports."""
        return len({cell["outcome"] if cell else None for cell in self.cells}) > 1


@frozen
class Change:
    """What the last report has otherwise than the first: the rule, and what became of it in the two."""

    row: Row
    before: str
    after: str


@frozen
class Comparison:
    """Reports side by side.

    ``breaks`` are failures of the last that count against it and that the first has not, ``mends`` those of the first
    that the last keeps, and ``hides`` what was found out in the first and not in the last.
    """

    servers: tuple[Server, ...]
    rows: tuple[Row, ...]
    breaks: tuple[Change, ...]
    mends: tuple[Change, ...]
    hides: tuple[Change, ...]

    @property
    def exit_code(self) -> Exit:
        """Whether the last is worse than the first."""
        return Exit.NOT_CONFORMANT if self.breaks else Exit.CONFORMANT

    @property
    def one_contract(self) -> bool:
        """Whether all servers were held to the same contract."""
        return len({server.report["contract"]["sha256"] for server in self.servers}) == 1

    @property
    def differing(self) -> tuple[Row, ...]:
        """The rules that differ, those first that the last breaks."""
        broken = {change.row.rule for change in self.breaks}
        rows = (row for row in self.rows if row.differs)
        return tuple(sorted(rows, key=lambda row: (row.rule not in broken, list(Level).index(row.level))))

    @property
    def same(self) -> tuple[Row, ...]:
        """The rules that don't differ."""
        return tuple(row for row in self.rows if not row.differs)


def read(paths: Sequence[Path], renamed: Mapping[str, str] | None = None) -> tuple[Server, ...]:
    """Read reports; raises UsageError for one that is none, and for fewer than two.

    What one has on a rule that was ``renamed`` since stands under the id of today.
    """
    if len(paths) < _SINGLE:
        raise UsageError("compare needs two reports or more, such as old/report.json new/report.json.")
    reports = [_read(path) for path in paths]
    names = _names(paths)
    return tuple(
        Server(path, name, report, _by_rule(report, renamed or {}))
        for path, name, report in zip(paths, names, reports, strict=True)
    )


def compare(servers: Sequence[Server]) -> Comparison:
    """Put reports side by side, and say what the last has otherwise than the first."""
    every: dict[str, VerdictEntry] = {}
    for server in servers:
        for rule, verdict in server.verdicts.items():
            every.setdefault(rule, verdict)
    rows = tuple(
        Row(
            rule,
            verdict["title"],
            Level(verdict["level"]),
            verdict["operation"],
            tuple(server.verdicts.get(rule) for server in servers),
        )
        for rule, verdict in every.items()
    )
    graver = [row for row in rows if row.level is not Level.ADVICE]
    return Comparison(
        tuple(servers),
        rows,
        breaks=tuple(_change(row) for row in graver if _breaks(row)),
        mends=tuple(_change(row) for row in graver if _outcomes(row) == (Outcome.FAIL, Outcome.PASS)),
        hides=tuple(_change(row) for row in graver if _hides(row)),
    )


def _read(path: Path) -> Report:
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"the report {path} can't be read: {error.strerror}.") from error
    if len(text) > _MOST_BYTES:
        raise UsageError(f"the report {path} is larger than {_MOST_BYTES} bytes.")
    try:
        value: object = json.loads(text, parse_constant=_no_number)
        # Half of a surrogate pair is no character, and nothing that a validator or a page takes.
        value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        fits = jsonschema_rs.Draft202012Validator(schema).is_valid(value)
    except (ValueError, RecursionError):
        fits, value = False, None
    report = cast("Report", value)
    if not fits or len({verdict["rule"] for verdict in report["verdicts"]}) != len(report["verdicts"]):
        raise UsageError(f"{path} is no report.json of this version of the tool; judge its recording again.")
    return report


def _by_rule(report: Report, renamed: Mapping[str, str]) -> Mapping[str, VerdictEntry]:
    """Return the verdicts by rule; one that stands under the id of today is never displaced."""
    made = {verdict["rule"]: verdict for verdict in report["verdicts"]}
    return {renamed[rule] if renamed.get(rule, rule) not in made else rule: verdict for rule, verdict in made.items()}


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _names(paths: Sequence[Path]) -> list[str]:
    """Return a short name for each report: that of its folder, or its path where two folders are called the same."""
    folders = [path.absolute().parent.name for path in paths]
    return [name if name and folders.count(name) == 1 else str(path) for name, path in zip(folders, paths, strict=True)]


def _outcomes(row: Row) -> tuple[str | None, str | None]:
    first, last = row.cells[0], row.cells[-1]
    return first["outcome"] if first else None, last["outcome"] if last else None


def _change(row: Row) -> Change:
    before, after = _outcomes(row)
    return Change(row, before or "not in the report", after or "not in the report")


def _breaks(row: Row) -> bool:
    """Whether the last fails in a way that counts against it, and the first doesn't fail."""
    last = row.cells[-1]
    return last is not None and counts_against(last) and _outcomes(row)[0] != Outcome.FAIL


def _hides(row: Row) -> bool:
    """Whether it was found out in the first, and though it was looked for not in the last."""
    before, after = _outcomes(row)
    return before in _FOUND and after is not None and after not in _FOUND
