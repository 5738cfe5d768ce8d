"""The power and the precision of the suite, one mutant or correct server for each test.

One mutant of sixteen does, and one correct server of four, since they take minutes: CI tries all by
``make mutants``.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from conformance.mutants import catalogue
from conformance.mutants.measure import survivors
from conformance.mutants.measure.matrix import MOST_UNRELATED, try_benign_by_id, try_mutant_by_id


def _one_of(number: int, ids: Iterable[str]) -> list[str]:
    """Return one of so many in a row, not always that at the same place, for the mutants there are one operation's."""
    return [id_ for place, id_ in enumerate(ids) if (place + place // number) % number == 0]


@pytest.mark.parametrize("mutant", _one_of(16, catalogue.mutants()))
def test_a_rule_about_the_lie_finds_the_mutant_and_no_other(mutant: str) -> None:
    outcome = try_mutant_by_id(mutant)
    assert (*outcome.complaints, *outcome.tolerable) == ()


@pytest.mark.parametrize("server", _one_of(4, catalogue.benign_servers()))
def test_a_correct_server_is_not_accused(server: str) -> None:
    assert try_benign_by_id(server).complaints == ()


def test_few_mutants_are_also_found_by_unrelated_rules() -> None:
    listed = [id_ for id_ in catalogue.mutants() if survivors.reason(survivors.besides(), id_) is not None]
    assert len(listed) <= MOST_UNRELATED * len(catalogue.mutants())
