"""A run that the user narrows: no image over a size, some rules excluded, one rule alone. What is left out is told."""

import asyncio
from functools import cache

import httpx
import pytest

from conformance.mutants.benign.sizes import OWN, making
from conformance.reference import Behaviour, Operation, Values, create_app
from conformance.selftest.suite.runs import KEY, TARGET, by_rule, rules
from conformance.suite import run
from conformance.suite.images import IMAGES
from conformance.suite.images.requests import cost
from conformance.suite.report import report
from conformance.suite.report.report import Result
from conformance.suite.rules.rule import Level, RuleError, select
from conformance.suite.settings import Limits, Settings, UsageError, parse_size
from conformance.suite.verdicts.verdict import Outcome

SMALL = Limits(size="512x512")


def made(chosen: Settings, server: httpx.AsyncBaseTransport | None = None) -> Result:
    transport = server or httpx.ASGITransport(create_app(Behaviour(api_key=KEY)))
    return asyncio.run(run.run(chosen, run.prepare(chosen, IMAGES), transport=transport))


def work(result: Result) -> set[int]:
    """Return how many pixels each image has that was asked for."""
    exchanges = [one for one in result.recording.exchanges.values() if not one.left_out]
    costs = [cost(result.prepared.contract.operations[e.request.operation], e.request.fields) for e in exchanges]
    return {one.effort // max(1, one.images) for one in costs}


@cache
def small() -> Result:
    """Check the reference server once, without large images."""
    only = ("createImage/*", "createImageVariation/size/*")
    return made(Settings(TARGET, only=only, exclude=("*/property/*",), limits=SMALL))


def test_no_image_is_asked_for_that_is_larger() -> None:
    assert max(work(small())) == 512 * 512
    assert {256 * 256, 512 * 512} <= work(small())


def test_no_random_image_is_larger() -> None:
    random = made(Settings(TARGET, only=("createImageVariation/property/valid",), limits=SMALL, examples=3))
    sent = [one for one in random.recording.exchanges.values() if one.random]
    assert sent
    assert not any(one.left_out for one in sent)
    assert max(work(random)) <= 512 * 512


def test_what_is_left_out_is_not_judged_and_says_why() -> None:
    found = by_rule(small())
    outcomes = {verdict.outcome for verdict in found.values()}
    assert outcomes == {Outcome.PASS, Outcome.NOT_JUDGED, Outcome.UNSUPPORTED}
    why = "not sent: it asks for an image that is larger than --max-size"
    for rule, case in {
        "createImageVariation/size/accepted": ' (size = "1024x1024")',
        "createImage/size/accepted@dall-e-2": ' (size = "1024x1024" and 1 more)',
        "createImage/size/optional": "",
        "createImage/size/nullable": "",
        "createImage/quality/accepted": "",
        "createImage/size/enum@dall-e-3": "",
    }.items():
        assert found[rule].outcome is Outcome.NOT_JUDGED
        assert found[rule].message == f"could not find out: {why}{case}"
    assert found["createImage/size/default"].outcome is Outcome.NOT_JUDGED
    assert found["createImage/size/default"].message == f"could not find out: {why.removeprefix('not sent: ')}"
    for rule in ("prompt/accepted@dall-e-2", "n/maximum", "response/data/items/dimensions", "stable"):
        assert found[f"createImage/{rule}"].outcome is Outcome.PASS


def test_what_is_left_out_is_not_green() -> None:
    built = report.build(small())
    assert (built["outcome"], built["complete"], built["options"]["max_size"]) == ("pass", False, "512x512")


def test_the_plan_has_nothing_that_is_left_out() -> None:
    sizes = [planned.request.fields.get("size", "absent") for planned in small().prepared.plan.least()]
    assert all(size in sizes for size in ("256x256", "512x512"))
    assert not any(size in sizes for size in ("1024x1024", "1792x1024", "1024x1792", "absent", None))


def test_a_fault_is_found_within_the_limit() -> None:
    def tiny(operation: Operation, values: Values, limits: object) -> tuple[int, int]:
        del operation, values, limits
        return (128, 128)

    lax = Behaviour(api_key=KEY, choose_size=tiny)
    rule = "createImageVariation/response/data/items/dimensions"
    chosen = Settings(TARGET, only=(rule,), limits=SMALL, examples=0)
    assert made(chosen, httpx.ASGITransport(create_app(lax))).verdicts[0].outcome is Outcome.FAIL


def test_sizes_of_its_own_are_held_to_the_limit_too() -> None:
    limits = Limits(size=OWN[0])
    chosen = Settings(TARGET, sizes=OWN, only=("createImage/n/*", "createImage/size/*"), limits=limits, examples=0)
    found = made(chosen, httpx.ASGITransport(making(*OWN)()))
    assert max(work(found)) == 64 * 64
    assert by_rule(found)["createImage/n/maximum"].outcome is Outcome.PASS
    assert by_rule(found)["createImage/size/accepted@dall-e-2"].outcome is Outcome.NOT_JUDGED
    assert {verdict.outcome for verdict in found.verdicts} <= {Outcome.PASS, Outcome.NOT_JUDGED, Outcome.UNSUPPORTED}


def test_a_limit_that_leaves_nothing_is_told() -> None:
    with pytest.raises(UsageError, match=r"^every valid request asks for an image larger than 64x64; raise [^\n]+\.$"):
        run.prepare(Settings(TARGET, limits=Limits(size="64x64")), IMAGES)


@pytest.mark.parametrize(("text", "size"), [("", None), (" 512x512 ", "512x512")])
def test_a_largest_size(text: str, size: str | None) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["512", "512x512,64x64", "0x0"])
def test_what_is_no_largest_size_is_told(text: str) -> None:
    with pytest.raises(UsageError, match=r"^MAX_SIZE must look like '512x512', [^\n]+\.$"):
        parse_size(text)


def test_what_is_excluded_sends_nothing() -> None:
    only = Settings(TARGET, only=("createImage/n/m*",), examples=0)
    least = Settings(TARGET, only=("createImage/n/*",), exclude=("*/accepted", "*/n/[!m]*"), examples=0)
    plans = [run.prepare(chosen, IMAGES).plan for chosen in (only, least)]
    assert plans[0] == plans[1]
    assert {rule.id for rule in run.prepare(least, IMAGES).rules} == {
        rule.id for rule in run.prepare(only, IMAGES).rules
    }


def test_a_pattern_of_excluded_rules_that_means_none_is_told() -> None:
    with pytest.raises(RuleError, match=r"^no rule matches 'nothing';"):
        select(rules(), (), Level.ADVICE, ("nothing",))


def test_that_every_rule_is_excluded_is_told() -> None:
    with pytest.raises(RuleError, match=r"^every chosen rule is excluded; exclude fewer\.$"):
        select(rules(), ("createImage/*",), Level.ADVICE, ("createImage/*",))


def test_one_rule_of_a_small_request_asks_for_one_small_image() -> None:
    made_alone = made(Settings(TARGET, only=("createImage/prompt/required",)))
    assert (made_alone.requests, made_alone.images_requested) == (2, 1)
    assert work(made_alone) == {256 * 256}
