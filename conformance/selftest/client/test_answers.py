"""What the client makes of answers: those of the contract are read, and no other one is lost or raises an error."""

import json
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai_images_client.errors import UnexpectedStatus
from openai_images_client.models import Error, ErrorResponse, Image, ImagesResponse

from conformance.selftest.client.wire import CALLS, GENERATION, IMAGES, WAYS, AnyCall, Server, Way, blocking

DETERMINISTIC = settings(derandomize=True, deadline=None, database=None)

ERROR = {"error": {"message": "m", "type": "invalid_request_error", "param": None, "code": None}}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def _object(
    required: dict[str, st.SearchStrategy[Any]], optional: dict[str, st.SearchStrategy[Any]]
) -> st.SearchStrategy[dict[str, Any]]:
    """Make objects of the contract: they may have properties that it does not name."""
    known = st.fixed_dictionaries(required, optional=optional)
    return st.tuples(st.dictionaries(st.text(), JSON, max_size=2), known).map(lambda both: both[0] | both[1])


TEXT = st.text()
IMAGE = _object({}, {"url": TEXT, "b64_json": TEXT, "revised_prompt": TEXT})
IMAGES_BODY = _object({"created": st.integers(), "data": st.lists(IMAGE, max_size=10)}, {})
OPTIONAL_TEXT = st.none() | TEXT
ERROR_BODY = _object(
    {"error": _object({"message": TEXT, "type": TEXT, "param": OPTIONAL_TEXT, "code": OPTIONAL_TEXT}, {})}, {}
)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("call", CALLS)
def test_images(call: AnyCall, way: Way) -> None:
    answer = way(call, Server().client())
    assert answer.status_code is HTTPStatus.OK
    assert json.loads(answer.content) == IMAGES
    assert answer.headers["content-type"] == "application/json"
    assert answer.parsed == ImagesResponse(created=1589478378, data=[Image(url="https://images.test/1.png")])


@pytest.mark.parametrize("name", ["url", "b64_json", "revised_prompt"])
def test_null_in_place_of_an_optional_member_hurts_no_client(name: str) -> None:
    # The suite only advises against it, and that rests on this.
    read = Image.from_dict({"url": "https://images.test/1.png", name: None})
    assert (getattr(read, name), read.additional_properties) == (None, {})


@pytest.mark.parametrize("status", [400, 401, 418, 429, 499, 500, 503, 520, 599])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("call", CALLS)
def test_error(call: AnyCall, way: Way, status: int) -> None:
    answer = way(call, Server(status, json.dumps(ERROR).encode()).client())
    assert answer.status_code == status
    assert answer.parsed == ErrorResponse(Error("m", "invalid_request_error", None, None))


@pytest.mark.parametrize("call", CALLS)
def test_short_functions_give_what_was_parsed(call: AnyCall) -> None:
    for answered, expected in ((None, ImagesResponse), (json.dumps(ERROR).encode(), ErrorResponse)):
        server = Server(200 if answered is None else 400, answered)
        assert isinstance(call.parsed(server.client()), expected)
        assert isinstance(call.parsed_asynchronously(server.client()), expected)
    page = Server(502, b"<html>Bad Gateway</html>")
    assert call.parsed(page.client()) is None
    assert call.parsed_asynchronously(page.client()) is None


@pytest.mark.parametrize("status", [201, 204, 299, 302, 304, 399, 600, 999])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("call", CALLS)
def test_undocumented_status_reaches_the_caller(call: AnyCall, way: Way, status: int) -> None:
    answer = way(call, Server(status, b"x").client())
    assert (answer.status_code, answer.content, answer.parsed) == (status, b"x", None)


def test_undocumented_status_raises_only_on_request() -> None:
    client = Server(299, b"x").client()
    client.raise_on_unexpected_status = True
    with pytest.raises(UnexpectedStatus) as raised:
        blocking(GENERATION, client)
    assert (raised.value.status_code, raised.value.content) == (299, b"x")


@pytest.mark.parametrize("status", [200, 400, 401, 500, 502, 599])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><h1>Bad Gateway</h1></html>",
        b"null",
        b"true",
        b"0",
        b'"x"',
        b"[]",
        b"{}",
        b'[["created", 1], ["data", []]]',
        b'{"error": null}',
        b'{"error": "x"}',
        b'{"error": []}',
        b'{"error": {}}',
        b'{"error": [["message", "m"], ["type", "t"], ["param", null], ["code", null]]}',
        b'{"detail": "Not Found"}',
        b'{"created": 1}',
        b'{"created": 1, "data": null}',
        b'{"created": 1, "data": {}}',
        b'{"created": 1, "data": ""}',
        b'{"created": 1, "data": 5}',
        b'{"created": 1, "data": [null]}',
        b'{"created": 1, "data": [[]]}',
        b'{"created": 1, "data": ["https://images.test/1.png"]}',
        b'{"created": 1',
        b"\xff\xfe\xfa",
        b"[" * 200_000,
        b"1" * 5_000,
    ],
    ids=lambda content: repr(content[:40]),
)
def test_unreadable_body_reaches_the_caller(status: int, content: bytes) -> None:
    for way in WAYS:
        answer = way(GENERATION, Server(status, content).client())
        assert (answer.status_code, answer.content, answer.parsed) == (status, content, None)


@DETERMINISTIC
@given(IMAGES_BODY)
def test_any_images_of_the_contract_are_read(body: dict[str, Any]) -> None:
    answer = blocking(GENERATION, Server(200, json.dumps(body).encode()).client())
    assert isinstance(answer.parsed, ImagesResponse)
    assert answer.parsed.to_dict() == body


@DETERMINISTIC
@given(ERROR_BODY, st.integers(400, 599))
def test_any_error_of_the_contract_is_read(body: dict[str, Any], status: int) -> None:
    answer = blocking(GENERATION, Server(status, json.dumps(body).encode()).client())
    assert isinstance(answer.parsed, ErrorResponse)
    assert answer.parsed.to_dict() == body


@DETERMINISTIC
@given(st.integers(200, 999), JSON.map(json.dumps).map(str.encode) | st.binary())
def test_no_answer_is_lost(status: int, content: bytes) -> None:
    answer = blocking(GENERATION, Server(status, content).client())
    assert (answer.status_code, answer.content) == (status, content)
