"""The contracts that only the tests know are valid OpenAPI documents, and other tools can load them."""

from pathlib import Path
from typing import Any, Final, cast

import pytest
import schemathesis
import yaml
from openapi_spec_validator import validate

SELFTEST: Final = Path(__file__).parents[1]
OPERATIONS: Final = {
    "acid/openapi.yaml": ["POST /sowings", "GET /plots"],
    "contracts/gpt_images.yaml": ["POST /images/generations", "POST /images/edits", "GET /models"],
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_contract_is_a_valid_document(name: str) -> None:
    validate(yaml.safe_load((SELFTEST / name).read_text()))


@pytest.mark.parametrize(("name", "operations"), OPERATIONS.items())
def test_schemathesis_finds_the_operations(name: str, operations: list[str]) -> None:
    schema = cast("Any", schemathesis.openapi).from_path(SELFTEST / name)
    assert [found.ok().label for found in schema.get_all_operations()] == operations
