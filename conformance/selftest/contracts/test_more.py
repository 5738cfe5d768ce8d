"""A contract that says more: a field of any kind costs no code, neither in the suite nor in the reference server."""

import asyncio
import copy
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

DOCUMENT: dict[str, Any] = yaml.safe_load(CONTRACT.read_bytes())
TEXT = {"type": "string", "maxLength": 12}
FIELDS: dict[str, dict[str, Any]] = {
    "seed": {"type": "integer", "minimum": 0, "exclusiveMaximum": 1000, "multipleOf": 5},
    "strength": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    "upscale": {"type": "boolean"},
    "sampler": {"type": "string", "enum": ["euler", "ddim"]},
    "scheduler": {"const": "karras"},
    "negative": {"type": "string", "minLength": 3, "not": {"enum": ["nothing"]}},
    "colour": {"type": "string", "pattern": "^#[0-9a-f]{6}$"},
    "day": {"type": "string", "format": "date"},
    "labels": {"type": "array", "items": TEXT, "minItems": 2, "maxItems": 4, "uniqueItems": True},
    "styles": {"anyOf": [TEXT, {"type": "array", "items": TEXT, "maxItems": 3}]},
}
IN_JSON: dict[str, dict[str, Any]] = {
    "place": {
        "type": "object",
        "required": ["city"],
        "properties": {"city": TEXT, "floor": {"type": "integer", "minimum": -1}},
        "additionalProperties": False,
    },
    "note": {"anyOf": [TEXT, {"type": "null"}]},
    "weights": {"type": "array", "items": {"type": "number"}, "contains": {"type": "integer"}, "maxItems": 5},
    "extra": {"type": "object", "minProperties": 1, "maxProperties": 3, "properties": {"a": TEXT, "b": TEXT}},
}
BLOCK = {
    "x-condition": "ddim",
    "if": {"required": ["sampler"], "properties": {"sampler": {"enum": ["ddim"]}}},
    "then": {"properties": {"seed": {"maximum": 500}, "labels": {"maxItems": 3}}},
}


def with_fields(operation: str) -> dict[str, Any]:
    """Add the fields to the requests of an operation, and a condition on one of them."""
    document = copy.deepcopy(DOCUMENT)
    schema = document["components"]["schemas"][f"C{operation[1:]}Request"]
    fields = {**FIELDS, **(IN_JSON if operation == "createImage" else {})}
    schema["properties"] |= {name: {"description": f"The {name}.", **field} for name, field in fields.items()}
    schema["allOf"] = [*schema.get("allOf", []), BLOCK]
    return document


def judged(operation: str, folder: Path, strict: dict[str, Any]) -> Result:
    """Hold a server that keeps one contract to the rules of the one with the fields."""
    file = folder / "contract.yaml"
    file.write_text(yaml.safe_dump(with_fields(operation), sort_keys=False), encoding="utf-8")
    only = tuple(f"{operation}/{name}/*" for name in {**FIELDS, **(IN_JSON if operation == "createImage" else {})})
    settings = Settings(Target("http://reference.test/v1"), contract=file, examples=0, only=only)
    app = create_app(attrs.evolve(Behaviour(), contract=strict))
    server = httpx.ASGITransport(app, raise_app_exceptions=False)
    return asyncio.run(run.run(settings, run.prepare(settings, IMAGES), transport=server))


@pytest.mark.parametrize("operation", ["createImage", "createImageEdit", "createImageVariation"])
def test_each_rule_about_a_new_field_is_kept_by_a_server_of_the_same_contract(operation: str, tmp_path: Path) -> None:
    made = judged(operation, tmp_path, with_fields(operation))
    wrong = {v.rule.id: v.message for v in made.verdicts if v.outcome is not Outcome.PASS}
    assert wrong == {}
    assert len(made.verdicts) > 40


@pytest.mark.parametrize("operation", ["createImage", "createImageEdit", "createImageVariation"])
def test_each_limit_of_a_new_field_is_missed_in_a_server_that_does_not_know_it(operation: str, tmp_path: Path) -> None:
    made = judged(operation, tmp_path, DOCUMENT)
    refused = [v for v in made.verdicts if v.rule.want == "refused"]
    assert {v.rule.id for v in refused if v.outcome is not Outcome.FAIL} == set()
    assert {v.outcome for v in made.verdicts if v.rule.want == "accepted"} == {Outcome.PASS}
