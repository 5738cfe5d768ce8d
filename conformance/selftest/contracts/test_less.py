"""A contract that says less: what it lacks has no rules, and a server that keeps the rest is not accused."""

import asyncio
import copy
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
import yaml

from conformance import CONTRACT
from conformance.reference import Behaviour, create_app
from conformance.suite import run
from conformance.suite.images import IMAGES
from conformance.suite.report.report import Result
from conformance.suite.settings import Settings, Target
from conformance.suite.verdicts.verdict import Outcome

KEY = "sk-selftest-0123456789abcdef"
DOCUMENT: dict[str, Any] = yaml.safe_load(CONTRACT.read_bytes())


def without_field(name: str) -> Callable[[dict[str, Any]], None]:
    """Take a field out of every request."""

    def change(document: dict[str, Any]) -> None:
        for schema in document["components"]["schemas"].values():
            if name not in ("size", "n", "response_format", "mask", "model", "user") or "required" not in schema:
                continue
            schema["properties"].pop(name, None)
            for block in schema.get("allOf", []):
                block["then"]["properties"].pop(name, None)
        for item in document["paths"].values():
            for media_type in item["post"]["requestBody"]["content"].values():
                media_type.get("encoding", {}).pop(name, None)

    return change


def without_model(document: dict[str, Any]) -> None:
    without_field("model")(document)
    # Without a model there is nothing on which a limit could depend.
    document["components"]["schemas"]["CreateImageRequest"].pop("allOf")


def without_default_model(document: dict[str, Any]) -> None:
    for name in ("ImageModel", "ImageFormModel"):
        del document["components"]["schemas"][name]["default"]
    # An absent model stands for none that is known, so no limit depends on it.
    document["components"]["schemas"]["CreateImageRequest"]["allOf"][0]["if"]["required"] = ["model"]


def without_operation(path: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        del document["paths"][path]

    return change


def without_errors(document: dict[str, Any]) -> None:
    for item in document["paths"].values():
        for status in ("4XX", "5XX"):
            del item["post"]["responses"][status]


def without_security(document: dict[str, Any]) -> None:
    for item in document["paths"].values():
        del item["post"]["security"]


def without_descriptions(document: dict[str, Any]) -> None:
    def strip(node: object) -> None:
        if isinstance(node, dict):
            found: dict[str, Any] = node  # pyright: ignore[reportUnknownVariableType]
            found.pop("description", None)
            for value in found.values():
                strip(value)
        elif isinstance(node, list):
            for item in node:  # pyright: ignore[reportUnknownVariableType]
                strip(item)  # pyright: ignore[reportUnknownArgumentType]

    strip(document["components"]["schemas"])


LESS: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "n": (without_field("n"), "*/n/*"),
    "size": (without_field("size"), "*/size/*"),
    "response_format": (without_field("response_format"), "*/response_format/*"),
    "mask": (without_field("mask"), "*/mask/*"),
    "user": (without_field("user"), "*/user/*"),
    "the model": (without_model, "*/model/*"),
    "a default model": (without_default_model, "*/model/default"),
    "generations": (without_operation("/images/generations"), "createImage/*"),
    "edits": (without_operation("/images/edits"), "createImageEdit/*"),
    "errors": (without_errors, "*/error/*"),
    "keys": (without_security, "*/security"),
    "descriptions": (without_descriptions, "*/image/square"),
}
WHOLE = {rule.id for rule in run.prepare(Settings(Target("http://reference.test/v1")), IMAGES).rules}


def judged(document: dict[str, Any], folder: Path, *only: str) -> Result:
    """Run the suite under a contract against the reference server under the same one."""
    file = folder / "contract.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    settings = Settings(Target("http://reference.test/v1", KEY), contract=file, examples=2, only=only)
    app = create_app(attrs.evolve(Behaviour(contract=document), api_key=KEY))
    server = httpx.ASGITransport(app, raise_app_exceptions=False)
    return asyncio.run(run.run(settings, run.prepare(settings, IMAGES), transport=server))


@pytest.mark.parametrize("lacking", LESS)
def test_what_a_contract_lacks_has_no_rules_and_the_rest_is_judged(lacking: str, tmp_path: Path) -> None:
    change, gone = LESS[lacking]
    document = copy.deepcopy(DOCUMENT)
    change(document)
    made = judged(document, tmp_path)
    found = {verdict.rule.id: verdict for verdict in made.verdicts}
    missing = {rule for rule in WHOLE if fnmatchcase(rule, gone)}
    assert missing
    assert not missing & found.keys()
    wrong = {
        rule: v.message for rule, v in found.items() if v.outcome in (Outcome.FAIL, Outcome.BROKEN, Outcome.BLOCKED)
    }
    assert wrong == {}
    assert sum(verdict.outcome is Outcome.PASS for verdict in found.values()) > len(found) * 0.9
