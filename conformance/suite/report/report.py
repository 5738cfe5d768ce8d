"""The report of a run as data: report.json is the record, and every other format is a view of it.

Its shape is published as a JSON Schema beside this module, ``report.schema.json``.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Mapping
from enum import IntEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypedDict

from attrs import field, frozen
from cattrs import Converter
from cattrs.errors import BaseValidationError

from conformance.suite.exchange.recording import Exchange, Recording
from conformance.suite.exchange.view import View
from conformance.suite.plan.prepared import Prepared
from conformance.suite.report.curl import command
from conformance.suite.rules.api import Api
from conformance.suite.rules.rule import Level
from conformance.suite.sending import redaction
from conformance.suite.settings import Settings, UsageError
from conformance.suite.verdicts.verdict import Outcome, Verdict

SCHEMA_VERSION = 1
SCHEMA = Path(__file__).with_name("report.schema.json")


class Exit(IntEnum):
    """The exit code of a run."""

    CONFORMANT = 0
    NOT_CONFORMANT = 1
    COULD_NOT_RUN = 2


class SourceEntry(TypedDict):
    """Where the contract says it."""

    pointer: str
    line: int
    text: str


class VerdictEntry(TypedDict):
    """One verdict in report.json."""

    rule: str
    level: str
    operation: str
    outcome: str
    message: str
    expected: str
    actual: str
    source: SourceEntry
    samples: int
    evidence: list[str]
    curl: str | None
    known: str | None


class Report(TypedDict):
    """report.json."""

    schema_version: int
    outcome: str
    target: dict[str, object]
    contract: dict[str, str]
    counts: dict[str, dict[str, int]]
    requests: int
    images_requested: int
    images_received: int
    seconds: float
    stale_known: list[str]
    verdicts: list[VerdictEntry]


@frozen
class Result:
    """What a run found out."""

    settings: Settings
    prepared: Prepared
    recording: Recording
    verdicts: tuple[Verdict, ...] = field(repr=False)
    seconds: float
    requests: int
    images_requested: int


@frozen
class Known:
    """A failure that the user expects: a pattern of rule ids, and why."""

    rule: str
    reason: str


def _text(value: object, _: type[str]) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


_STRICT = Converter(detailed_validation=False)
_STRICT.register_structure_hook(str, _text)


def read_known(path: Path | None) -> tuple[Known, ...]:
    """Read a known-failures file, ``[[known]]`` tables of ``rule`` and ``reason``; raises UsageError if it is none."""
    if path is None:
        return ()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))["known"]
        known = _STRICT.structure(tables, tuple[Known, ...])
    except OSError as error:
        raise UsageError(f"the known-failures file {path} can't be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, BaseValidationError) as error:
        raise UsageError(f"{path} must hold [[known]] tables, each with a rule and a reason: {error}.") from error
    if not all(text.strip() for one in known for text in (one.rule, one.reason)):
        raise UsageError(f"every rule and every reason in {path} must be a text that is not empty.")
    return known


def build(result: Result, known: tuple[Known, ...] = ()) -> Report:
    """Build the report of a run."""
    verdicts = [_entry(result, verdict, known) for verdict in result.verdicts]
    judged = {entry.rule: False for entry in known}
    for verdict in verdicts:
        for one in known:
            if fnmatchcase(verdict["rule"], one.rule):
                judged[one.rule] = judged[one.rule] or verdict["outcome"] == Outcome.FAIL
    stale = [rule for rule, fails in judged.items() if not fails and _selected(rule, verdicts)]
    return Report(
        schema_version=SCHEMA_VERSION,
        outcome=_outcome(verdicts, stale),
        target={
            "url": redaction.of(result.settings.target).text(result.settings.target.url),
            "model": result.settings.model,
            "models": dict(result.settings.models),
        },
        contract={"sha256": result.prepared.contract.sha256},
        counts=_counts(verdicts),
        requests=result.requests,
        images_requested=result.images_requested,
        images_received=received(result.prepared.api, list(result.recording.exchanges.values())),
        seconds=round(result.seconds, 3),
        stale_known=stale,
        verdicts=verdicts,
    )


def exit_code(report: Report) -> Exit:
    """Return the exit code that a report stands for."""
    codes = {"pass": Exit.CONFORMANT, "fail": Exit.NOT_CONFORMANT}
    return codes.get(report["outcome"], Exit.COULD_NOT_RUN)


def counts_against(verdict: VerdictEntry) -> bool:
    """Whether a verdict makes the server not conformant."""
    return verdict["outcome"] == Outcome.FAIL and verdict["level"] != Level.ADVICE and verdict["known"] is None


def write(report: Report, out: Path) -> Path:
    """Write report.json into the folder, whole or not at all; raises UsageError if that can't be done."""
    path = out / "report.json"
    try:
        out.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".json.new")
        temporary.write_text(json.dumps(report, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
        os.replace(temporary, path)  # noqa: PTH105 - Path.replace says the same in more words
    except OSError as error:
        raise UsageError(
            f"the report folder {out} can't be written: {error.strerror}; name another with OUT."
        ) from error
    return path


def _selected(pattern: str, verdicts: Iterable[VerdictEntry]) -> bool:
    """Whether the run judged a rule of this pattern; what it didn't judge says nothing about a known failure."""
    judged = (Outcome.PASS, Outcome.FAIL)
    return any(fnmatchcase(verdict["rule"], pattern) and verdict["outcome"] in judged for verdict in verdicts)


def _entry(result: Result, verdict: Verdict, known: tuple[Known, ...]) -> VerdictEntry:
    rule = verdict.rule
    fails = verdict.outcome is Outcome.FAIL
    reason = next((one.reason for one in known if fails and fnmatchcase(rule.id, one.rule)), None)
    words = redaction.of(result.settings.target).words
    return VerdictEntry(
        rule=rule.id,
        level=rule.level,
        operation=rule.operation,
        outcome=verdict.outcome,
        message=words(verdict.message),
        expected=words(verdict.expected),
        actual=words(verdict.actual),
        source=SourceEntry(pointer=rule.source.pointer, line=rule.source.line, text=rule.source.text),
        samples=verdict.samples,
        evidence=list(verdict.evidence),
        curl=_curl(result, verdict) if fails else None,
        known=reason,
    )


def _curl(result: Result, verdict: Verdict) -> str | None:
    if not verdict.evidence:
        return None
    settings = result.settings
    request = result.recording.exchanges[verdict.evidence[0]].request
    operation = result.prepared.contract.operations[request.operation]
    aliases = result.prepared.api.aliases(settings.models)
    return command(request, operation, settings.target, aliases, settings.out / "uploads")


def received(api: Api, exchanges: Iterable[Exchange]) -> int:
    """Return how many images the answers to valid requests held or pointed to."""
    accepted = (exchange for exchange in exchanges if exchange.accepted and exchange.valid)
    return sum(api.results(View(exchange, 0.0).json) for exchange in accepted)


def _counts(verdicts: Iterable[VerdictEntry]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {level: dict.fromkeys(Outcome, 0) for level in Level}
    for verdict in verdicts:
        counts[verdict["level"]][verdict["outcome"]] += 1
    return counts


def _outcome(verdicts: list[VerdictEntry], stale: list[str]) -> str:
    outcomes: Mapping[str, int] = {o: sum(v["outcome"] == o for v in verdicts) for o in Outcome}
    if outcomes[Outcome.BROKEN] or not outcomes[Outcome.PASS] + outcomes[Outcome.FAIL]:
        return "error"
    return "fail" if stale or any(counts_against(verdict) for verdict in verdicts) else "pass"
