"""A secret in base64 or hexadecimal digits is found in much text too, wherever it stands in what they say."""

import base64
import json
from collections.abc import Callable

import pytest

from conformance.selftest.suite.runs import URL
from conformance.suite.sending import redaction
from conformance.suite.sending.disguises import coded
from conformance.suite.settings import Target

KEYS = ("sk-3vQz_8-rTq1LxWm0aYpN7bKc", "a/b+c=d\"e'<f>&g==", "9021041777")
FILLER = "otter swims; " * 2_600
"""More than is decoded without a reason."""


def shown(key: str, hidden: str) -> str:
    """Return what is kept of a JSON body in which something hides in much text."""
    body = json.dumps({"data": f"{FILLER}{hidden} {FILLER}"}).encode()
    return redaction.of(Target(URL, key)).body(body).decode()


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("before", range(6))
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode], ids=["standard", "of URLs"])
def test_base64_of_what_holds_a_secret(key: str, before: int, encode: Callable[[bytes], bytes]) -> None:
    said = encode(b"~" * before + key.encode() + b"~?>").decode()
    assert any(one in said.replace("-", "+").replace("_", "/") for one in coded(key))
    assert said not in shown(key, said)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("separator", ["", ":", " "])
def test_hexadecimal_digits_of_a_secret(key: str, separator: str) -> None:
    said = separator.join(f"{byte:02x}" for byte in b"no" + key.encode() + b"!")
    assert said not in shown(key, said)
    assert said.upper() not in shown(key, said.upper())


def test_what_holds_none_stays() -> None:
    said = base64.b64encode(b"an otter").decode()
    assert shown(KEYS[0], said) == json.dumps({"data": f"{FILLER}{said} {FILLER}"})


def test_lines_of_base64() -> None:
    said = base64.encodebytes(b"x" * 40 + KEYS[0].encode() + b"y" * 40).decode()
    kept = json.loads(shown(KEYS[0], said))["data"]
    assert "".join(said.split()) not in "".join(kept.split())
