"""The lines about requests: what they tell, and that no request can forge one or put a key into it."""

import io
import re
from typing import Any, cast

import pytest

from conformance.mock.app import create_mock
from conformance.reference import Behaviour
from conformance.selftest.reference.server import EDITS, GENERATIONS, SMALL, png, send

KEY = "sk-mock-log-77aa"
QUESTION = {"prompt": "secret prompt", "size": SMALL}
ROOT = "http://images.test"


def line(method: str, path: str, /, **request: object) -> str:
    """Send a request to a new mock and return its line, without the milliseconds."""
    stream = io.StringIO()
    mock = create_mock(Behaviour(api_key=KEY), log=stream)
    headers: Any = request.pop("headers", {})
    if isinstance(headers, dict):
        headers = {"Authorization": f"Bearer {KEY}"} | cast("dict[str, str]", headers)
    send(mock, method, path, headers=headers, **request)
    text = stream.getvalue()
    assert text.endswith("\n")
    assert text.count("\n") == 1
    return re.sub(r" \d+ ms", "", text.rstrip("\n"), count=1)


def test_a_line_tells_the_request_and_its_outcome() -> None:
    fields = QUESTION | {"model": "dall-e-2", "n": 2}
    assert line("POST", GENERATIONS, json=fields) == ("POST /v1/images/generations 200 model=dall-e-2 n=2 size=256x256")
    assert line("POST", EDITS, data=QUESTION, files={"image": png()}) == "POST /v1/images/edits 200 size=256x256"
    assert line("POST", GENERATIONS, json=QUESTION | {"n": 11}) == "POST /v1/images/generations 400 n=11 size=256x256"
    assert line("POST", GENERATIONS, content=b"{") == "POST /v1/images/generations 415"
    assert line("GET", ROOT + "/healthz?key=abc") == "GET /healthz?... 200"


def test_a_line_tells_the_fault() -> None:
    fault = {"x-mock-fault": "429=3 x2"}
    assert line("POST", GENERATIONS, json=QUESTION, headers=fault).endswith("429 size=256x256 fault=429=3 x2")


def test_the_key_is_in_no_line() -> None:
    shown = [
        line("GET", f"/{KEY}/x"),
        line("POST", GENERATIONS, json=QUESTION | {"model": f"a {KEY}"}),
        line("GET", "/sk-another-one", headers={"Authorization": "Bearer sk-another-one"}),
    ]
    assert shown[0] == "GET /v1/[key]/x 404"
    assert "model=a\\x20[key]" in shown[1]
    assert shown[2] == "GET /v1/[key] 404"


@pytest.mark.parametrize("value", ["Bearer {} ", "Bearer\t{}", "bearer  {}\t", "{}", "Bearer {} with spaces"])
def test_a_key_is_found_in_whatever_header_field_it_came(value: str) -> None:
    key = "sk-another-one" + " with spaces" * ("with" in value)
    for headers in ([value], ["Bearer sk-mine-alone", value]):
        named = [("Authorization", each.format("sk-another-one")) for each in headers]
        assert line("GET", f"/{key}", headers=named) == "GET /v1/[key] 404"


def test_a_label_makes_no_line_long() -> None:
    shown = [
        line("POST", GENERATIONS, json=QUESTION, headers={"x-mock-fault": f"500 #{'n=1 ' * many}"})
        for many in (50, 500)
    ]
    assert [len(each) < 600 for each in shown] == [True, True]
    assert " 500 size=256x256 fault=500 #n=1 n=1 " in shown[0]
    assert shown[1] == "POST /v1/images/generations 400"


def test_a_request_can_neither_forge_a_line_nor_move_the_cursor() -> None:
    shown = line("GET", "/a%0aGET%20/forged%20200%1b[2J%E2%80%AE%7F\\x")
    assert shown == "GET /v1/a\\nGET\\x20/forged\\x20200\\x1b[2J\\u202e\\x7f\\\\x 404"
    shown = line("POST", GENERATIONS, json=QUESTION | {"model": "\r\n\x9b31m\u2028é" + "x" * 500})
    assert "model=\\r\\n\\x9b31m\\u2028éxxx" in shown
    assert len(shown) < 250
    assert 'size=["a"]' in line("POST", GENERATIONS, json=QUESTION | {"size": ["a"]})


def test_a_stream_that_is_closed_stops_nothing() -> None:
    stream = io.StringIO()
    mock = create_mock(log=stream)
    stream.close()
    assert send(mock, "POST", GENERATIONS, json=QUESTION).is_success
