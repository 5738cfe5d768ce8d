"""The examples of the documents that the contract was made from, in their own words.

Document E has all six; those of A (the programs) and B (two of the commands) are the same to the letter. C and D have
none, and none of the five has an example for Node.
"""

from pathlib import Path

import pytest

from conformance.selftest.docs.examples import UNCLOSED, Desk

EXAMPLES = Path(__file__).with_name("documented")
IMAGES = {"createImage": 1, "createImageEdit": 2, "createImageVariation": 2}


def text(operation: str, language: str) -> str:
    return (EXAMPLES / f"{operation}.{language}").read_text(encoding="utf-8")


@pytest.mark.parametrize(("operation", "count"), IMAGES.items())
def test_commands(desk: Desk, operation: str, count: int) -> None:
    answer = desk.curl(text(operation, "curl"))
    assert [set(item) >= {"url"} for item in answer["data"]] == [True] * count


@UNCLOSED
@pytest.mark.parametrize("operation", IMAGES)
def test_programs(desk: Desk, operation: str) -> None:
    # The package raises whatever is not a success.
    assert desk.python(text(operation, "python"))["client"].api_key
