"""A pytest plugin for the tests of a server: ``pytest -p conformance.pytest_plugin --images-url http://host:8000/v1``.

It adds one item for each rule to whatever else pytest collected. The run is made once, before the first item, with its
progress bar; the items then only look their verdicts up. The report is written as by the command.
"""

from __future__ import annotations

import os
import shlex
from contextlib import nullcontext
from typing import Any

import pytest
from rich.console import Console

from conformance.suite import command
from conformance.suite.options import Options, parse
from conformance.suite.report import items
from conformance.suite.report.record import VerdictEntry

_VERDICTS = pytest.StashKey[dict[str, VerdictEntry]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the plugin."""
    group = parser.getgroup("images-conformance", "rules of the OpenAI Images endpoints")
    group.addoption("--images-url", default=None, help="base URL of the server to check, such as http://host:8000/v1")
    group.addoption(
        "--images-options", default="", help="options of `python -m conformance`, such as '--model a --level core'"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Have the rules told with the words and the time of their verdicts."""
    config.pluginmanager.register(items.Telling())


def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Add an item for each selected rule."""
    options = _options(session.config)
    if options is not None:
        try:
            rules = [(rule.operation, rule.id) for rule in command.prepare(options.settings).rules]
        except command.CANNOT as error:
            raise pytest.UsageError(str(error)) from error
        items += _items(session, rules)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Make the run before the first item."""
    options = _options(session.config)
    wanted = any(isinstance(item, items.RuleItem) for item in session.items)
    if options is not None and wanted and not session.config.option.collectonly:
        # pytest captures what is printed between items too, and so would hide the progress bar.
        capture: Any = session.config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            try:
                errors = Console(stderr=True, highlight=False, markup=False)
                with command.interruptible(errors) as interruption:
                    built = command.check(options, errors, interruption)
            except command.CANNOT as error:
                raise pytest.UsageError(str(error)) from error
        if built["outcome"] == "interrupted":
            raise KeyboardInterrupt
        session.config.stash[_VERDICTS] = {verdict["rule"]: verdict for verdict in built["verdicts"]}


def _options(config: pytest.Config) -> Options | None:
    """Return the options of the run, or None if no server was named."""
    url: str | None = config.getoption("--images-url")
    if url is None:
        return None
    if hasattr(config, "workerinput") or config.getoption("numprocesses", None):
        raise pytest.UsageError("one run serves all rules, so it can't be spread over processes; leave out -n.")
    try:
        return parse([url, *shlex.split(str(config.getoption("--images-options")))], os.environ)
    except (*command.CANNOT, ValueError) as error:
        raise pytest.UsageError(str(error)) from error


def _items(session: pytest.Session, rules: list[tuple[str, str]]) -> list[pytest.Item]:
    return items.make(session, rules, lambda rule: session.config.stash[_VERDICTS][rule])
