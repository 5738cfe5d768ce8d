"""What random requests find alone: told apart from what the planned ones find, and said with its price."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from conformance.mutants import __main__ as program
from conformance.mutants import catalogue
from conformance.mutants.measure.bars import Outcome
from conformance.mutants.measure.matrix import TOGETHER, Matrix
from conformance.mutants.measure.trial import BY_DEFAULT, Finding, Sent, matches, try_mutant
from conformance.suite.settings import Settings, Target

FAILED = ("createImage/property/valid",)


def test_what_the_plan_finds_is_not_owed_to_random_requests() -> None:
    planned = attrs.evolve(catalogue.mutants()["createImage/n-clamped"], examples=BY_DEFAULT)
    finding = try_mutant(planned)
    assert finding.killers
    assert finding.examples == 0
    assert finding.random.requests > 0


def test_what_only_random_requests_find_is_owed_to_them() -> None:
    finding = try_mutant(catalogue.mutants()["createImage/text-short-refused"])
    assert finding.failed == FAILED
    assert finding.examples == BY_DEFAULT == Settings(Target("")).examples


def test_there_are_thirty_mutants_in_which_two_things_come_together() -> None:
    found = [mutant for id_, mutant in catalogue.mutants().items() if matches(id_, (TOGETHER,))]
    assert len(found) == 30
    assert all(mutant.examples > BY_DEFAULT for mutant in found)


def test_the_share_and_the_price_are_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    outcomes = (
        Outcome("createImage/together-a", Finding(failed=FAILED, examples=BY_DEFAULT)),
        Outcome("createImage/together-b", Finding(failed=FAILED, examples=BY_DEFAULT + 1)),
        Outcome("createImage/c", Finding(failed=FAILED)),
    )
    reference = Outcome("reference", Finding(planned=Sent(160, 36), random=Sent(33, 12)))
    lie = next(iter(catalogue.mutants().values()))

    def measure(_: str, __: int | None) -> Matrix:
        return Matrix(outcomes, (reference,))

    monkeypatch.setattr(program, "measure", measure)
    monkeypatch.setattr(catalogue, "mutants", lambda: {outcome.id: lie for outcome in outcomes})
    program.main(["--json", str(tmp_path / "matrix.json")])
    printed = capsys.readouterr().out
    assert "random requests alone find 1 of 3 mutants, 1 of 2 in which two things come together" in printed
    assert "the reference gets 160 planned requests for 36 images and 33 random ones for 12" in printed
