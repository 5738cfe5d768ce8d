"""Models of the server's own in the place of documented ones, in all operations or in one."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from conformance.mutants.benign import offers
from conformance.mutants.mutant import OPERATIONS
from conformance.reference import Behaviour, Operation, RefusedError, Values, create_app
from conformance.reference.validation import validate
from conformance.selftest.suite.runs import TARGET, by_rule
from conformance.suite import run
from conformance.suite.exchange import recording
from conformance.suite.exchange.encoding import names_in
from conformance.suite.images import IMAGES
from conformance.suite.report import report
from conformance.suite.report.report import Result
from conformance.suite.settings import Settings, UsageError
from conformance.suite.verdicts.verdict import Outcome

MODELS = {"dall-e-2": "sdxl", "createImageEdit:dall-e-2": "flux"}


def judged(transport: httpx.AsyncBaseTransport, *only: str, out: Path, models: dict[str, str] = MODELS) -> Result:
    chosen = Settings(TARGET, models=models, only=only, examples=0, out=out)
    prepared = run.prepare(chosen, IMAGES)
    return asyncio.run(run.run(chosen, prepared, transport=transport, record=out / "recording.ndjson"))


def own_names() -> httpx.AsyncBaseTransport:
    (server,) = [one for one in offers.servers() if one.id == "own-models-by-operation"]
    with server.serve() as (_, transport):
        return transport


def test_an_operation_has_its_own_name_for_a_model(tmp_path: Path) -> None:
    made = judged(own_names(), "*/model/accepted", "*/n/default", out=tmp_path)
    assert {verdict.outcome for verdict in made.verdicts} == {Outcome.PASS}


def test_the_name_for_all_is_not_that_of_the_one(tmp_path: Path) -> None:
    made = judged(own_names(), "createImageEdit/model/accepted", out=tmp_path, models={"dall-e-2": "sdxl"})
    assert made.verdicts[0].outcome is Outcome.UNSUPPORTED


def test_names_in_an_operation() -> None:
    assert names_in("createImageEdit", MODELS)["dall-e-2"] == "flux"
    assert names_in("createImage", MODELS)["dall-e-2"] == "sdxl"
    assert names_in("createImage", {"createImageEdit:dall-e-2": "flux"}).get("dall-e-2") is None


def without_flux(operation: Operation, values: Values) -> Values:
    """Take the model that plays dall-e-2, but not the one that does so in edits."""
    if values.get("model") not in ("sdxl", None):
        raise RefusedError("There is no such model.", "model", 404)
    return validate(operation, {**values, "model": "dall-e-2"})


@pytest.mark.parametrize("models", [MODELS, {"dall-e-2": "sdxl", "createImageEdit:dall-e-2": "sdxl"}])
def test_another_model_is_not_one_that_another_operation_accepts(models: dict[str, str], tmp_path: Path) -> None:
    transport = httpx.ASGITransport(create_app(Behaviour(validate=without_flux)))
    found = by_rule(judged(transport, "*/model/accepted", out=tmp_path, models=models))
    edits = found["createImageEdit/model/accepted"].outcome
    assert edits is (Outcome.UNSUPPORTED if models is MODELS else Outcome.PASS)
    assert found["createImage/model/accepted"].outcome is Outcome.PASS


def test_the_recording_and_the_curl_command_have_the_name(tmp_path: Path) -> None:
    lax = Behaviour(validate=lambda operation, values: validate(operation, {**values, "model": "dall-e-2", "n": 1}))
    transport = httpx.ASGITransport(create_app(lax))
    made = judged(transport, "createImage/n/maximum", "createImageEdit/n/maximum", out=tmp_path)
    commands = {verdict["operation"]: str(verdict["curl"]) for verdict in report.build(made)["verdicts"]}
    assert '"model": "sdxl"' in commands["createImage"]
    assert "model=flux" in commands["createImageEdit"]
    kept = recording.read(tmp_path / "recording.ndjson", IMAGES.contents)
    assert kept.header.models == MODELS
    assert json.loads(json.dumps(report.build(made)["target"]))["models"] == MODELS


@pytest.mark.parametrize(
    ("models", "said"),
    [
        (
            {"createEdit:dall-e-2": "a"},
            "MODELS names the operation 'createEdit'; the contract has " + ", ".join(OPERATIONS) + ".",
        ),
        (
            {"createImageEdit:dall-e-3": "a"},
            "MODELS names 'createImageEdit:dall-e-3', which no document does; it knows dall-e-2.",
        ),
        ({"dall-e-4": "a"}, "MODELS names 'dall-e-4', which no document does; it knows dall-e-2, dall-e-3."),
    ],
)
def test_what_no_document_names_is_told(models: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        run.prepare(Settings(TARGET, models=models), IMAGES)
    assert str(caught.value) == said
