"""Measures the suite: ``python -m conformance.mutants [--json FILE] [--only GLOB] [--workers N]``.

Prints which rules find which mutant and whether a correct server is accused. Ends with 0 if all bars hold, with 1 if
one doesn't, and with 2 if the arguments make no sense.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from conformance.mutants import catalogue
from conformance.mutants.measure.bars import Outcome
from conformance.mutants.measure.matrix import MOST_CAUSES, TOGETHER, Matrix, measure
from conformance.mutants.measure.trial import BY_DEFAULT, matches

_REFERENCE = "reference"
"""The correct server that has no peculiarity at all."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m conformance.mutants", description="Measures the suite.")
    parser.add_argument("--json", type=Path, default=Path("mutants.json"), help="where the whole matrix goes")
    parser.add_argument("--only", default="*", help="pattern of the ids to try out")
    parser.add_argument("--workers", type=int, help="processes (default: one for each core)")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    matrix = measure(options.only, options.workers)
    if not matrix.mutants and not matrix.benign:
        parser.error(f"nothing matches {options.only!r}")
    options.json.write_text(json.dumps(_as_json(matrix), indent=1) + "\n", encoding="utf-8")
    _print(matrix, time.monotonic() - started)
    return 0 if matrix.holds else 1


def _print(matrix: Matrix, seconds: float) -> None:
    lines = [_line(outcome) for outcome in matrix.mutants]
    complaints = [
        f"{outcome.id}: {complaint}"
        for outcome in (*matrix.mutants, *matrix.benign)
        for complaint in (*outcome.complaints, *outcome.tolerable)
    ]
    lines += ["", *complaints] if complaints else [""]
    lines += [f"survivors.toml names {entry}" for entry in matrix.stale]
    lines += [f"no mutant breaks {rule}" for rule in matrix.unbroken]
    lines += [", ".join(f"{name.replace('_', ' ')} {count}" for name, count in matrix.counts.items())]
    few = f"no more than {MOST_CAUSES} in {matrix.few_causes:.1%} of the mutants found"
    lines += [f"one fault shows {matrix.median_causes:g} cause in the median, {few}"]
    lines += list(_random(matrix))
    lines += [f"{'all bars hold' if matrix.holds else 'NOT ALL BARS HOLD'}, in {seconds:.0f} s"]
    sys.stdout.write("\n".join(lines) + "\n")


def _random(matrix: Matrix) -> Iterator[str]:
    """Say what the random requests of a run by default are worth, and what they take."""
    alone = [outcome for outcome in matrix.mutants if outcome.finding.examples == BY_DEFAULT]

    def counted(pattern: str) -> str:
        found, every = (sum(matches(one.id, (pattern,)) for one in ones) for ones in (alone, matrix.mutants))
        return f"{found} of {every}"

    yield f"random requests alone find {counted('*')} mutants, {counted(TOGETHER)} in which two things come together"
    for reference in (one.finding for one in matrix.benign if one.id == _REFERENCE):
        planned, random = reference.planned, reference.random
        yield (
            f"the reference gets {planned.requests} planned requests for {planned.images} images"
            f" and {random.requests} random ones for {random.images}"
        )


def _line(outcome: Outcome) -> str:
    if outcome.reason is not None and not outcome.finding.killers:
        return f"{outcome.id} -> none: {outcome.reason}"
    operation = outcome.id.split("/")[0] + "/"
    killers = [rule.removeprefix(operation) for rule in (*outcome.fitting, *outcome.unrelated)]
    more = f" +{len(killers) - 3}" if len(killers) > 3 else ""  # noqa: PLR2004 - as many as fit on a line
    return f"{outcome.id} -> {', '.join(killers[:3]) or 'none'}{more}"


def _as_json(matrix: Matrix) -> dict[str, object]:
    lies = {id_: mutant.lie for id_, mutant in catalogue.mutants().items()}
    return {
        "holds": matrix.holds,
        "counts": dict(matrix.counts),
        "causes": {"median": matrix.median_causes, f"at most {MOST_CAUSES}": matrix.few_causes},
        "mutants": [{"lie": lies[outcome.id], **attrs.asdict(outcome)} for outcome in matrix.mutants],
        "benign": [attrs.asdict(outcome) for outcome in matrix.benign],
        "rules_that_no_mutant_breaks": [*matrix.unbroken, *matrix.excused],
        "stale_entries": list(matrix.stale),
    }


if __name__ == "__main__":
    sys.exit(main())
