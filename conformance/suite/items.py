"""Drives a run through pytest: one item for each rule id, so that a run reads like any other test run in CI.

The plugin makes the run when the first item asks for its verdict; the items then only look theirs up. pytest writes
junit.xml from them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from conformance.suite.judge import Outcome
from conformance.suite.report import Report, VerdictEntry, counts_against
from conformance.suite.settings import UsageError

_ITEMS = Path(__file__).with_name("test_rules.py")
_INI = Path(__file__).with_name("pytest.ini")


class RulesPlugin:
    """Gives pytest an item for each rule and the verdicts of one run."""

    def __init__(self, rules: tuple[str, ...], run: Callable[[], Report]) -> None:
        """Take the ids of the selected rules and what makes the run; an error of the run is kept for the caller."""
        self._rules = rules
        self._run = run
        self._verdicts: Mapping[str, VerdictEntry] | None = None
        self.report: Report | None = None
        self.error: BaseException | None = None

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one item for each rule."""
        metafunc.parametrize("rule", self._rules)

    def verdict(self, rule: str) -> VerdictEntry:
        """Return the verdict of a rule, making the run first if need be."""
        if self._verdicts is None:
            try:
                self.report = self._run()
            except BaseException as error:  # noqa: BLE001 - raised again by `drive`; pytest must not print it
                self.error = error
                pytest.exit("the run could not be made", returncode=2)
            self._verdicts = {verdict["rule"]: verdict for verdict in self.report["verdicts"]}
        return self._verdicts[rule]

    @pytest.fixture(name="verdict_of")
    def verdict_of(self) -> Callable[[str], VerdictEntry]:
        """Return what looks up the verdict of a rule."""
        return self.verdict


def drive(rules: tuple[str, ...], run: Callable[[], Report], junit: Path) -> Report:
    """Run the items and return the report; what stopped the run is raised."""
    os.environ.pop("PYTEST_ADDOPTS", None)
    plugin = RulesPlugin(rules, run)
    arguments = [
        str(_ITEMS),
        *("-c", str(_INI), "--rootdir", str(_ITEMS.parent), "--noconftest", "--disable-plugin-autoload"),
        *("-p", "no:cacheprovider", "-p", "no:terminal", "--junitxml", str(junit)),
    ]
    try:
        pytest.main(arguments, plugins=[plugin])
    except OSError as error:
        # Where the report can't be written, junit.xml can't either, and the report's error says more.
        if plugin.error is None:
            raise UsageError(f"{junit} can't be written: {error.strerror}; name another folder with OUT.") from error
    if plugin.error is not None:
        raise plugin.error
    if plugin.report is None:
        raise RuntimeError("pytest ended before the run was made")
    return plugin.report


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
            f"try: {verdict['curl']}",
        ]
        pytest.fail("\n".join(lines), pytrace=False)
    if verdict["outcome"] == Outcome.FAIL:
        pytest.skip(f"known: {verdict['known']}" if verdict["known"] else f"advice: {verdict['message']}")
    if verdict["outcome"] != Outcome.PASS:
        pytest.skip(message)
