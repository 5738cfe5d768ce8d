"""The acid test: the whole suite on a contract of other names, of an API of which it knows nothing beyond it."""

import asyncio
import json
from functools import cache
from pathlib import Path

import httpx
import pytest
from attrs import frozen

from conformance.selftest.acid.server import FAULTS, create_app
from conformance.suite import run
from conformance.suite.plan.prepared import Prepared
from conformance.suite.report import items, pages, record, report
from conformance.suite.report.record import Report
from conformance.suite.report.report import Result
from conformance.suite.rules.api import Api
from conformance.suite.settings import Settings, Target
from conformance.suite.verdicts.verdict import Outcome

KEY = "greenhouse-key"
CONTRACT = Path(__file__).with_name("openapi.yaml")
KINDS = {
    "sowBed/crop/minLength",
    "sowBed/rows/maximum@arid",
    "sowBed/spacing/multipleOf",
    "sowBed/labels/uniqueItems",
    "sowBed/labels/items/maxLength",
    "sowBed/gardener/additionalProperties",
    "sowBed/gardener/name/required",
    "sowBed/gardener/role/enum",
    "sowBed/companions/maxItems",
    "sowBed/bed/pattern",
    "sowBed/sow_on/format",
    "sowBed/soil/nullable",
    "sowBed/mulched/accepted",
    "sowBed/rows/accepted@arid",
    "sowBed/body/malformed",
    "sowBed/security",
    "sowBed/response/plots/items/due/required",
    "sowBed/error/fault/code/type",
    "listPlots/state/required",
    "listPlots/limit/maximum",
    "listPlots/property/invalid",
}
"""One rule of each kind that the contract has; there are many more."""


@frozen
class Made:
    """A run, and what it was about."""

    prepared: Prepared
    result: Result

    def outcomes(self) -> dict[str, Outcome]:
        return {verdict.rule.id: verdict.outcome for verdict in self.result.verdicts}

    def report(self) -> Report:
        return report.build(self.result)


@cache
def made(fault: str | None = None, examples: int = 0) -> Made:
    """Run the suite on the greenhouse's server."""
    settings = Settings(Target("http://greenhouse.test/v1", KEY), contract=CONTRACT, examples=examples)
    prepared = run.prepare(settings, Api())
    app = create_app(frozenset({fault} if fault else ()), KEY)
    server = httpx.ASGITransport(app, raise_app_exceptions=False)
    return Made(prepared, asyncio.run(run.run(settings, prepared, transport=server)))


def test_the_contract_gives_rules_of_every_kind() -> None:
    assert set(made(examples=4).outcomes()) >= KINDS


def test_the_correct_server_keeps_every_rule() -> None:
    assert {rule for rule, outcome in made(examples=4).outcomes().items() if outcome is not Outcome.PASS} == set()


def test_every_rule_about_requests_has_a_sharp_case() -> None:
    assert made().prepared.plan.left_out == {}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_by_its_rule(fault: str) -> None:
    failed = {rule for rule, outcome in made(fault).outcomes().items() if outcome is Outcome.FAIL}
    assert failed >= {*FAULTS[fault].rules}
    # A soil of null is also among the values that the condition allows.
    assert failed - {*FAULTS[fault].rules} <= ({"sowBed/soil/accepted@arid"} if fault == "soil-not-null" else set())
    assert Outcome.BROKEN not in made(fault).outcomes().values()


def test_what_is_selected_alone_is_judged_alike() -> None:
    for only in ("sowBed/rows/maximum@arid", "listPlots/limit/maximum", "sowBed/error/*", "listPlots/response/*"):
        settings = Settings(Target("http://greenhouse.test/v1", KEY), contract=CONTRACT, only=(only,), examples=0)
        prepared = run.prepare(settings, Api())
        result = asyncio.run(run.run(settings, prepared, transport=httpx.ASGITransport(create_app(key=KEY))))
        assert {verdict.outcome for verdict in result.verdicts} == {Outcome.PASS}
        assert result.requests < made().result.requests


def test_a_run_makes_no_images() -> None:
    assert made().result.images_requested == 0
    assert made().report()["images_received"] == 0


def test_the_report_has_every_view(tmp_path: Path) -> None:
    run_made = made("arid-crowded")
    built = run_made.report()
    record.write(built, tmp_path)
    pages.write(built, run_made.result.shown, run_made.result.prepared, tmp_path)
    items.write(built, tmp_path / "junit.xml")
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["outcome"] == "fail"
    for name in ("report.html", "junit.xml"):
        assert "sowBed/rows/maximum@arid" in (tmp_path / name).read_text(encoding="utf-8")
    (failed,) = [verdict for verdict in built["verdicts"] if verdict["outcome"] == "fail"]
    assert "climate" in str(failed["curl"])
    assert failed["source"]["text"] == "maximum: 6"
