"""Shows a report as pytest items, one for each rule, so that a run reads like any other test run in CI.

The items look their verdicts up and nothing else: the run was made before. Of a failure viewers of junit.xml show the
message or the text, or both: the message is the finding, the text says what the contract asks for and what came,
and neither repeats the other.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest
from attrs import frozen

from conformance.suite.report.record import Report, VerdictEntry, also, counts_against
from conformance.suite.settings import UsageError
from conformance.suite.verdicts.verdict import Outcome

_HERE = Path(__file__).parent
_INI = _HERE / "pytest.ini"
_FOREIGN = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
_PACKAGE = "openai-images"
"""Stands before the operation in the name of a class, which viewers split at its last dot into package and class."""
_ENDED = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


class _Output(Protocol):
    """Where pytest prints."""

    def line(self, s: str = "") -> None: ...


@frozen
class _Crash:
    """What pytest tells of a failure in one sentence."""

    message: str


@frozen
class _Told:
    """A failure in the form in which pytest passes it on: its sentence, and as text what that doesn't say."""

    reprcrash: _Crash
    text: str

    def __str__(self) -> str:
        """Return what stands beside the sentence."""
        return self.text

    def toterminal(self, out: _Output) -> None:
        """Print all of it."""
        for line in (self.reprcrash.message, *self.text.splitlines()):
            out.line(line)


class RuleItem(pytest.Item):
    """One rule; ``verdict_of`` looks up its verdict when the item is run."""

    def __init__(self, *, verdict_of: Callable[[str], VerdictEntry], **keywords: Any) -> None:  # noqa: ANN401 - pytest's own
        """Take what looks a verdict up."""
        super().__init__(**keywords)  # pyright: ignore[reportUnknownMemberType] - pytest leaves its keywords untyped
        self._verdict_of = verdict_of

    @property
    def verdict(self) -> VerdictEntry:
        """The verdict on the rule."""
        return self._verdict_of(self.name)

    def setup(self) -> None:
        """Say what the rule is; what is broken is an error, and not a failure of the server."""
        verdict = self.verdict
        told = {"title": verdict["title"], "level": verdict["level"], "contract line": str(verdict["source"]["line"])}
        self.user_properties += told.items()
        if verdict["outcome"] == Outcome.BROKEN:
            settle(verdict)

    def runtest(self) -> None:
        """End the way the verdict says."""
        settle(self.verdict)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say what pytest shows of the item; it wants a line where a mark skips one."""
        return self.path, 0, self.name


class Telling:
    """A plugin of pytest that tells of a rule what the run made of it, not what looking that up did."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Give the report of a rule the time that its exchanges took, and the words of its verdict."""
        report = yield
        if isinstance(item, RuleItem):
            verdict = item.verdict
            report.duration = verdict["seconds"] if report.when == "call" or not report.passed else 0.0
            # What else ends an item, such as a mark of the user's own, is told by pytest.
            said = str(call.excinfo.value) if call.excinfo else ""
            if report.skipped and said == _reason(verdict):
                report.longrepr = ("contract", verdict["source"]["line"], said)
            elif report.failed and said == _finding(verdict):
                report.longrepr = _Told(_Crash(said), _details(verdict))  # pyright: ignore[reportAttributeAccessIssue] - pytest asks no more of it
        return report


class OperationCollector(pytest.Collector):
    """The rules of one operation; its items are handed over, not collected."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield nothing: the items are made beside it."""
        return iter(())


def make(
    session: pytest.Session, rules: Sequence[tuple[str, str]], verdict_of: Callable[[str], VerdictEntry]
) -> list[pytest.Item]:
    """Return an item for each pair of operation and rule id."""
    collectors: dict[str, OperationCollector] = {}
    for operation, _ in rules:
        if operation not in collectors:
            collectors[operation] = OperationCollector.from_parent(session, name=operation, nodeid=operation)  # pyright: ignore[reportUnknownMemberType]
    return [
        RuleItem.from_parent(collectors[operation], name=rule, verdict_of=verdict_of)  # pyright: ignore[reportUnknownMemberType]
        for operation, rule in rules
    ]


class _Shown:
    """Gives pytest the verdicts of a report."""

    def __init__(self, report: Report) -> None:
        self._verdicts: Mapping[str, VerdictEntry] = {verdict["rule"]: verdict for verdict in report["verdicts"]}

    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        rules = [(verdict["operation"], rule) for rule, verdict in self._verdicts.items()]
        items[:] = make(session, rules, self._verdicts.__getitem__)


def write(report: Report, junit: Path) -> None:
    """Have pytest write junit.xml of a report; raises UsageError if that can't be done."""
    interrupted = report["outcome"] == "interrupted"
    # What the user's environment says is for the user's own tests.
    kept = {name: os.environ.pop(name) for name in _FOREIGN if name in os.environ}
    arguments = [
        str(_HERE),
        *("-c", str(_INI), "--rootdir", str(_HERE), "--noconftest", "--disable-plugin-autoload"),
        *(("-o", "junit_suite_name=openai-images-conformance (interrupted)") if interrupted else ()),
        *("-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:unraisableexception"),
        *("--junitprefix", _PACKAGE, "--junitxml", str(junit)),
    ]
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            ended = pytest.main(arguments, plugins=[_Shown(report), Telling()])
    except OSError as error:
        raise UsageError(f"{junit} can't be written: {error.strerror}; name another folder with OUT.") from error
    finally:
        os.environ.update(kept)
    if ended not in _ENDED or not junit.is_file():
        raise UsageError(f"{junit} can't be written; name another folder with OUT.")


def settle(verdict: VerdictEntry) -> None:
    """End a pytest item the way its verdict says."""
    if verdict["outcome"] == Outcome.BROKEN:
        raise RuntimeError(_finding(verdict))
    if counts_against(verdict):
        pytest.fail(_finding(verdict), pytrace=False)
    if verdict["outcome"] != Outcome.PASS:
        pytest.skip(_reason(verdict))


def _reason(verdict: VerdictEntry) -> str:
    """Say why a verdict neither passes nor counts against the server."""
    if verdict["outcome"] == Outcome.FAIL:
        return f"known: {verdict['known']}" if verdict["known"] else f"advice: {verdict['message']}"
    return f"{verdict['outcome']}: {verdict['message']}"


def _finding(verdict: VerdictEntry) -> str:
    """Return the sentence of a verdict that fails or is broken."""
    return verdict["message"] if verdict["outcome"] == Outcome.FAIL else f"{verdict['outcome']}: {verdict['message']}"


def _details(verdict: VerdictEntry) -> str:
    """Return all that a person needs beside the finding, in lines."""
    source = verdict["source"]
    lines = [
        verdict["title"],
        f"contract: line {source['line']}: {source['text']}",
        *([f"expected: {verdict['expected']}"] if verdict["expected"] else []),
        *([f"actual: {verdict['actual']}"] if verdict["actual"] else []),
        *(f"also: {line}" for line in also(verdict)),
        *([f"try: {verdict['curl']}"] if verdict["curl"] else []),
    ]
    return "\n".join(lines)
