"""Writes ``docs/rules.md``: every rule with its place in the contract, what is tried, and the mutants that break it.

    python -m scripts.rules_page

Nothing is sent or measured for it: what is tried stands in the plan, and which mutants are about a rule in their
catalogue, of which those are left out that no rule can tell from a correct server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from conformance import CONTRACT
from conformance.mutants import catalogue
from conformance.mutants.measure import survivors
from conformance.mutants.measure.trial import matches
from conformance.suite import run
from conformance.suite.exchange.words import count, cut, visible
from conformance.suite.images import IMAGES
from conformance.suite.report.markdown import code
from conformance.suite.rules import ledger
from conformance.suite.rules.catalogue import all_rules
from conformance.suite.rules.rule import Answers, Level, Random, Rule
from conformance.suite.rules.titles import title
from conformance.suite.settings import Settings, Target

DOCUMENT = Path(__file__).parents[1] / "docs" / "rules.md"
_ABOUT = """\
# Rules

Every rule of the suite, by operation: what it asks for, the words of the contract that it rests on, what a run tries to
find out about it, and how many servers with one fault (*mutants*, see [README.md](../README.md#how-far-to-trust-it))
are there to be found by it. What a rule about answers looks at comes with the requests of the others. This page is made
by `make rules-page`."""
_SENTENCE, _CASE = 140, 60
_CASES, _MUTANTS = 4, 2


def main() -> None:
    """Write the page."""
    DOCUMENT.write_text(page(), encoding="utf-8")


def page() -> str:
    """Return the page."""
    return "\n".join((*_lines(), ""))


def _lines() -> Iterator[str]:
    prepared = run.prepare(Settings(Target("http://localhost", "key")), IMAGES)
    rules = all_rules(prepared.contract, IMAGES)
    cases = {rule: [case.what for case in found] for rule, found in prepared.plan.cases.items()}
    broken = _mutants([rule.id for rule in rules])
    levels = ", ".join(f"{sum(rule.level is level for rule in rules)} `{level}`" for level in Level)
    yield _ABOUT
    yield ""
    yield f"{count(len(rules), 'rule')}: {levels}."
    for operation in prepared.contract.operations.values():
        yield ""
        yield f"## {operation.id}"
        yield ""
        yield "| rule | level | the contract | what is tried | mutants |"
        yield "| --- | --- | --- | --- | --- |"
        for rule in rules:
            if rule.operation == operation.id:
                yield _row(rule, cases.get(rule.id, ()), broken[rule.id])
    yield ""
    yield "## What can't be tested"
    yield ""
    for entry in ledger.read(prepared.contract, rules, IMAGES.ledger).rows:
        if entry.reason is not None and not entry.rules:
            yield f'- {_place(entry.line)} "{_words(entry.text)}" ({_words(entry.reason)})'


def _mutants(rules: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the mutants by the rules that are about their lie."""
    found: dict[str, list[str]] = {rule: [] for rule in rules}
    for mutant in catalogue.mutants().values():
        if survivors.reason(survivors.survivors(), mutant.id) is None:
            for rule in rules:
                if matches(rule, mutant.fits) and (not mutant.only or matches(rule, mutant.only)):
                    found[rule].append(mutant.id.partition("/")[2])
    return found


def _row(rule: Rule, cases: Sequence[str], mutants: Sequence[str]) -> str:
    says = f"{_place(rule.source.line)} {_words(cut(' '.join(rule.source.text.split()), _SENTENCE))}"
    # Those with a name of their own say more than those that a walk over the contract makes.
    named = sorted(mutants, key=lambda name: "/" in name)
    proof = f"{len(mutants)}: {_folded(named, _MUTANTS)}"
    return f"| {_words(title(rule))}<br>{_code(rule.id)} | {rule.level} | {says} | {_tried(rule, cases)} | {proof} |"


def _folded(texts: Sequence[str], most: int) -> str:
    """Return texts of which the first stand open and the others are folded."""
    shown = ", ".join(map(_code, texts[:most]))
    rest = ", ".join(map(_code, texts[most:]))
    return f"{shown}<details><summary>{len(texts) - most} more</summary>{rest}</details>" if rest else shown


def _tried(rule: Rule, cases: Sequence[str]) -> str:
    match rule.about:
        case Answers(to_errors=True):
            return "every error"
        case Answers():
            return "every answer to a valid request"
        case Random():
            return "requests that are chosen at random"
        case _ if cases:
            return _folded([cut(visible(what), _CASE) for what in cases], _CASES)
        case _:
            return "whatever is sent again"


def _place(line: int) -> str:
    return f"[{CONTRACT.name}:{line}](../{CONTRACT.name}#L{line})"


def _words(text: str) -> str:
    """Return words of the contract, which are Markdown themselves, for the cell of a table."""
    return " ".join(text.split()).replace("|", r"\|").replace("<", "&lt;")


def _code(text: str) -> str:
    return code(text).replace("|", r"\|")


if __name__ == "__main__":
    main()
