"""The GPT-image revision of the same API: read, planned and judged without code for any of its fields."""

import asyncio
from functools import cache

import httpx
import pytest

from conformance.selftest.contracts.gpt_server import CONTRACT, KEY, create_app
from conformance.suite import run
from conformance.suite.contract import document
from conformance.suite.images import IMAGES
from conformance.suite.plan.prepared import Prepared
from conformance.suite.report.report import Result
from conformance.suite.rules.api import Api
from conformance.suite.settings import Settings, Target
from conformance.suite.verdicts.verdict import Outcome

APIS = {"unknown": Api(), "images": IMAGES}
NO_FORM_ON_THE_WIRE = {"createImageEdit/image/minItems"}


@cache
def prepared(api: str) -> Prepared:
    return run.prepare(Settings(Target("http://gpt.test/v1", KEY), contract=CONTRACT), APIS[api])


@cache
def made(api: str, fault: str | None = None) -> Result:
    settings = Settings(Target("http://gpt.test/v1", KEY), contract=CONTRACT, examples=0 if fault else 2)
    server = httpx.ASGITransport(create_app(frozenset({fault} if fault else ())), raise_app_exceptions=False)
    return asyncio.run(run.run(settings, prepared(api), transport=server))


def test_an_operation_with_two_media_types_is_two_ways_to_ask() -> None:
    operations = document.load(CONTRACT).operations
    assert {id_: operation.media_type for id_, operation in operations.items()} == {
        "createImage": "application/json",
        "createImageEdit": "multipart/form-data",
        "createImageEdit+json": "application/json",
        "listModels": None,
    }
    assert operations["createImage"].answer_types == ("application/json", "text/event-stream")
    assert (operations["createImageEdit"].error, operations["listModels"].refusal) == (None, None)


@pytest.mark.parametrize("api", APIS)
def test_every_rule_has_a_case_or_the_true_reason(api: str) -> None:
    assert set(prepared(api).plan.left_out) == NO_FORM_ON_THE_WIRE
    assert "no form on the wire" in prepared(api).plan.left_out["createImageEdit/image/minItems"]


@pytest.mark.parametrize("api", APIS)
def test_a_condition_on_another_field_than_the_model_has_its_context(api: str) -> None:
    (context,) = [one for one in prepared(api).plan.contexts if one.name == "transparent"]
    assert context.fields["background"] == "transparent"
    assert all(base.request.fields["background"] == "transparent" for base in context.bases)
    assert {"createImage/output_format/enum@transparent", "createImage/output_format/accepted@transparent"} <= set(
        prepared(api).plan.cases
    )


def test_several_files_are_sent_as_parts_of_one_name() -> None:
    case = prepared("images").plan.cases["createImageEdit/image/maxItems"][0]
    (bad,) = [p for p in prepared("images").plan.exchanges if p.id == case.attempts[0].exchange]
    images = bad.request.fields["image"]
    assert isinstance(images, list)
    assert len(images) == 17  # pyright: ignore[reportUnknownArgumentType]


@pytest.mark.parametrize("api", APIS)
def test_a_correct_server_is_not_accused(api: str) -> None:
    found = {verdict.rule.id: verdict for verdict in made(api).verdicts}
    accused = {id_: v.message for id_, v in found.items() if v.outcome in (Outcome.FAIL, Outcome.BROKEN)}
    assert accused == {}
    unclear = {id_ for id_, verdict in found.items() if verdict.outcome in (Outcome.BLOCKED, Outcome.UNSUPPORTED)}
    # Optional members that this server never answers, and what has no form on the wire.
    assert all(id_ in NO_FORM_ON_THE_WIRE or "/response/" in id_ for id_ in unclear), unclear


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("many-images", "createImageEdit/image/maxItems"),
        ("condition-ignored", "createImage/output_format/enum@transparent"),
        ("unknown-member", "createImageEdit+json/mask/additionalProperties"),
    ],
)
def test_a_fault_is_named_by_its_rule(fault: str, rule: str) -> None:
    assert {v.rule.id for v in made("images", fault).verdicts if v.outcome is Outcome.FAIL} == {rule}
