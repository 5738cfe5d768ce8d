"""Says in a few plain words what a rule asks for: ``n above 10 must be refused``."""

from __future__ import annotations

from conformance.suite.rules.rule import Rule


def title(rule: Rule) -> str:
    """Return the title of a rule, without its operation."""
    return rule.id.partition("/")[2]
