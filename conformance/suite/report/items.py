"""Shows a report as pytest items, one for each rule, so that a run reads like any other test run in CI.

The items look their verdicts up and nothing else: the run was made before.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from conformance.suite.report.report import Report, VerdictEntry, also, counts_against
from conformance.suite.settings import UsageError
from conformance.suite.verdicts.verdict import Outcome

_HERE = Path(__file__).parent
_INI = _HERE / "pytest.ini"
_FOREIGN = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
_ENDED = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


class RuleItem(pytest.Item):
    """One rule; ``verdict_of`` looks up its verdict when the item is run."""

    def __init__(self, *, verdict_of: Callable[[str], VerdictEntry], **keywords: Any) -> None:  # noqa: ANN401 - pytest's own
        """Take what looks a verdict up."""
        super().__init__(**keywords)  # pyright: ignore[reportUnknownMemberType] - pytest leaves its keywords untyped
        self._verdict_of = verdict_of

    def runtest(self) -> None:
        """End the way the verdict says."""
        settle(self._verdict_of(self.name))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Say what pytest shows of the item."""
        return self.path, None, self.name


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
        *("-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:unraisableexception", "--junitxml", str(junit)),
    ]
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            ended = pytest.main(arguments, plugins=[_Shown(report)])
    except OSError as error:
        raise UsageError(f"{junit} can't be written: {error.strerror}; name another folder with OUT.") from error
    finally:
        os.environ.update(kept)
    if ended not in _ENDED or not junit.is_file():
        raise UsageError(f"{junit} can't be written; name another folder with OUT.")


def settle(verdict: VerdictEntry) -> None:
    """End a pytest item the way its verdict says."""
    message = f"{verdict['outcome']}: {verdict['message']}"
    if verdict["outcome"] == Outcome.BROKEN:
        raise RuntimeError(message)
    if counts_against(verdict):
        source = verdict["source"]
        lines = [
            verdict["message"],
            f"contract: line {source['line']}: {source['text']}",
            f"expected: {verdict['expected']}",
            f"actual: {verdict['actual']}",
            *(f"also: {line}" for line in also(verdict)),
            *([f"try: {verdict['curl']}"] if verdict["curl"] else []),
        ]
        pytest.fail("\n".join(lines), pytrace=False)
    if verdict["outcome"] == Outcome.FAIL:
        pytest.skip(f"known: {verdict['known']}" if verdict["known"] else f"advice: {verdict['message']}")
    if verdict["outcome"] != Outcome.PASS:
        pytest.skip(message)
