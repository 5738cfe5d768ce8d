"""Sizes of the server's own: sent where any size would do; the documented ones are tried, and may all be refused."""

import asyncio
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from starlette.types import ASGIApp

from conformance.mutants.benign.sizes import OWN, making
from conformance.reference import RefusedError, Values
from conformance.reference.validation import validate
from conformance.selftest.suite.runs import TARGET, by_rule
from conformance.suite import command, run
from conformance.suite.exchange import recording
from conformance.suite.images import IMAGES
from conformance.suite.options import Options
from conformance.suite.report.report import Result
from conformance.suite.sending.ending import Ending
from conformance.suite.settings import Settings, UsageError, parse_sizes
from conformance.suite.verdicts.verdict import Outcome

DOCUMENTED = ("256x256", "512x512", "1024x1024", "1792x1024", "1024x1792")
ABOUT_DOCUMENTED = ("size/accepted", "size/accepted@dall-e-2", "size/accepted@dall-e-3", "size/default")


def judged(make: Callable[[], ASGIApp], *only: str, examples: int = 0, record: Path | None = None) -> Result:
    settings = Settings(TARGET, sizes=OWN, only=only, examples=examples)
    transport = httpx.ASGITransport(make())
    return asyncio.run(run.run(settings, run.prepare(settings, IMAGES), transport=transport, record=record))


@cache
def correct() -> Result:
    """Judge a server with no documented size once."""
    return judged(making(*OWN), "createImage/*", "createImageEdit/*")


def test_a_server_that_refuses_each_documented_size_is_not_accused() -> None:
    found = by_rule(correct())
    outcomes = {rule: found[f"createImage/{rule}"].outcome for rule in ABOUT_DOCUMENTED if rule != "size/accepted"}
    assert set(outcomes.values()) == {Outcome.UNSUPPORTED}
    assert found["createImageEdit/size/accepted"].outcome is Outcome.UNSUPPORTED
    assert found["createImageEdit/size/accepted"].message.startswith("the server has values of its own")
    for rule in ("size/enum", "size/optional", "size/nullable", "response/data/items/dimensions"):
        assert found[f"createImage/{rule}"].outcome is Outcome.PASS
    assert not [rule for rule, verdict in found.items() if verdict.outcome is Outcome.FAIL]


def test_where_any_size_would_do_the_smallest_is_sent() -> None:
    valid = [exchange.request for exchange in correct().recording.exchanges.values() if exchange.valid]
    sizes = [request.fields.get("size", "absent") for request in valid]
    assert OWN[1] not in sizes
    assert {*DOCUMENTED} <= {*sizes}
    assert sizes.count(OWN[0]) > len(sizes) / 2


@pytest.mark.parametrize("sizes", [("2048x2048",), ("2048x2048", "1536x1536", "512x512")])
def test_sizes_of_its_own_may_be_large(sizes: tuple[str, ...]) -> None:
    plan = run.prepare(Settings(TARGET, sizes=sizes, only=("createImage/prompt/required",)), IMAGES).plan
    smallest = min(sizes, key=lambda size: int(size.partition("x")[0]))
    assert {planned.request.fields["size"] for planned in plan.least()} == {smallest}


@pytest.mark.parametrize("status", [500, 429])
def test_a_documented_size_that_is_not_refused_is_no_excuse(status: int) -> None:
    def strict(made: object, values: Values) -> Values:
        if values.get("size") == "512x512":
            raise RefusedError("No.", status=status, headers={"retry-after": "0"})
        return validate(made, values)  # pyright: ignore[reportArgumentType]

    rule = "createImageEdit/size/accepted"
    verdict = by_rule(judged(making(*OWN, validate=strict), rule))[rule]
    assert verdict.outcome is (Outcome.FAIL if status == 500 else Outcome.BLOCKED)


def test_random_requests_give_a_size_of_its_own() -> None:
    made = judged(making(*OWN), "createImage/property/valid", examples=4)
    assert made.verdicts[0].outcome is Outcome.PASS
    sizes = {one.request.fields.get("size") for one in made.recording.exchanges.values() if one.random}
    assert sizes <= {OWN[0], None}
    assert OWN[0] in sizes


def test_a_recording_knows_the_sizes(tmp_path: Path) -> None:
    file = tmp_path / "recording.ndjson"
    made = judged(making(*OWN), "createImageEdit/size/*", record=file)
    assert recording.read(file, IMAGES.contents).header.sizes == OWN
    again = Settings(TARGET, only=("createImageEdit/size/*",), out=tmp_path / "report")
    options = Options(again, embedded=False, plan=False, rules=False, judge=file)
    report = command.check(options, Console(stderr=True), command.Interruption(Ending()))
    outcomes = {verdict["rule"]: verdict["outcome"] for verdict in report["verdicts"]}
    assert outcomes == {rule: verdict.outcome for rule, verdict in by_rule(made).items()}
    assert json.loads((tmp_path / "report/report.json").read_text())["target"]["sizes"] == [*OWN]


@pytest.mark.parametrize(("text", "sizes"), [("", ()), (" 64x64, 1x99999 ,64x64", ("64x64", "1x99999"))])
def test_sizes(text: str, sizes: tuple[str, ...]) -> None:
    assert parse_sizes(text) == sizes


@pytest.mark.parametrize("text", ["64", "64X64", "64x", "0x1", "64x64;1x1", "64x64x64", "-1x1", "\uff11x1", "100000x1"])
def test_what_is_no_size_is_told(text: str) -> None:
    with pytest.raises(UsageError, match=r"^SIZES must look like '64x64,512x512', [^\n]+\.$"):
        parse_sizes(text)


def test_sizes_of_an_api_without_them_are_told() -> None:
    with pytest.raises(UsageError, match=r"^SIZES names sizes of the server's own, but no request [^\n]+\.$"):
        run.prepare(Settings(TARGET, sizes=OWN), IMAGES.__class__())
