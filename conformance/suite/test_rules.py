"""The one test function of a run; ``items`` makes an item of it for each rule."""

from __future__ import annotations

from collections.abc import Callable

from conformance.suite.items import settle
from conformance.suite.report import VerdictEntry


def test_rule(rule: str, verdict_of: Callable[[str], VerdictEntry]) -> None:
    """The server keeps the rule."""
    settle(verdict_of(rule))
