"""What the mock has around the correct server: ids, CORS, OPTIONS, models, health; and that it is correct with it."""

import re

import pytest

from conformance.mock.app import create_mock
from conformance.reference import Behaviour
from conformance.selftest.reference.server import CORRECT, EDITS, GENERATIONS, SMALL, VARIATIONS, png, refusal, send

KEY = "sk-mock-layers-1"
MOCK = create_mock()
LOCKED = create_mock(Behaviour(api_key=KEY))
OFFERING = create_mock(offered=("sdxl", "org/own"))
AUTHORISED = {"Authorization": f"Bearer {KEY}"}
QUESTION = {"prompt": "a", "size": SMALL, "response_format": "b64_json"}
ROOT = "http://images.test"
PREFLIGHT = {
    "Origin": "https://page.test",
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, content-type,x-mock-fault",
}


@pytest.mark.parametrize(
    ("method", "path", "request_"),
    [
        ("POST", GENERATIONS, {"json": QUESTION}),
        ("POST", GENERATIONS, {"json": QUESTION | {"model": "other"}}),
        ("POST", GENERATIONS, {"json": {"n": 11}}),
        ("POST", GENERATIONS, {"content": b"{"}),
        ("POST", EDITS, {"data": QUESTION, "files": {"image": png()}}),
        ("POST", EDITS, {"data": QUESTION, "files": {"image": b"no image"}}),
        ("POST", VARIATIONS, {"data": {"size": SMALL, "response_format": "b64_json"}, "files": {"image": png()}}),
        ("GET", "/images/files/none.png", {}),
        ("GET", "/none", {}),
    ],
)
def test_an_answer_is_that_of_the_correct_server(method: str, path: str, request_: dict[str, object]) -> None:
    layered, plain = send(MOCK, method, path, **request_), send(CORRECT, method, path, **request_)
    assert layered.status_code == plain.status_code
    if plain.is_success:
        assert layered.json()["data"] == plain.json()["data"]
    else:
        assert layered.content == plain.content
    assert plain.headers.items() <= layered.headers.items() or plain.is_success


@pytest.mark.parametrize("path", ["/v1/images/generations", "/v1/models", "/healthz", "/", "/none", "/__requests"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "PUT"])
def test_every_answer_has_an_id_of_its_own_and_may_be_read_by_any_page(method: str, path: str) -> None:
    page = {"Origin": PREFLIGHT["Origin"]}
    first, second = (send(MOCK, method, ROOT + path, headers=page).headers for _ in range(2))
    assert re.fullmatch("req_[0-9a-f]{32}", first["x-request-id"])
    assert first["x-request-id"] != second["x-request-id"]
    assert re.fullmatch("[0-9]{1,6}", first["openai-processing-ms"])
    assert first["access-control-allow-origin"] == "*"
    assert "x-request-id" in first["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in first


@pytest.mark.parametrize("path", ["/v1/images/edits", "/v1/none", "/__requests"])
def test_a_preflight_succeeds_on_every_path_without_a_key(path: str) -> None:
    answer = send(LOCKED, "OPTIONS", ROOT + path, headers=PREFLIGHT)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"].split(", ")
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["access-control-allow-headers"] == PREFLIGHT["Access-Control-Request-Headers"]
    assert "access-control-allow-private-network" not in answer.headers
    private = {"Access-Control-Request-Private-Network": "true"}
    answer = send(LOCKED, "OPTIONS", ROOT + path, headers=PREFLIGHT | private)
    assert answer.headers["access-control-allow-private-network"] == "true"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/images/edits", "OPTIONS, POST"),
        ("/v1/models", "GET, HEAD, OPTIONS"),
        ("/v1/models/a/b", "GET, HEAD, OPTIONS"),
        ("/v1/images/files/x.png", "GET, HEAD, OPTIONS"),
        ("/", "GET, HEAD, OPTIONS"),
        ("/__requests", "DELETE, GET, HEAD, OPTIONS"),
    ],
)
def test_options_tell_what_a_path_has(path: str, allowed: str) -> None:
    answer = send(LOCKED, "OPTIONS", ROOT + path)
    assert (answer.status_code, answer.content, answer.headers["allow"]) == (204, b"", allowed)
    assert "content-length" not in answer.headers
    refused = send(MOCK, "PATCH", ROOT + path)
    refusal(refused, 405)
    assert refused.headers["allow"] == allowed


def test_options_and_head_of_what_is_not_there() -> None:
    refusal(send(MOCK, "OPTIONS", "/none"), 404)
    assert send(MOCK, "HEAD", "/none").status_code == 404
    assert send(MOCK, "HEAD", GENERATIONS).status_code == 405


def test_the_models_are_those_of_the_contract() -> None:
    listed = send(MOCK, "GET", "/models").json()
    assert [entry["id"] for entry in listed["data"]] == ["dall-e-2", "dall-e-3"]
    assert listed["object"] == "list"
    entry = send(MOCK, "GET", "/models/dall-e-3").json()
    assert entry == listed["data"][1]
    assert set(entry) == {"id", "object", "created", "owned_by"}
    assert entry["object"] == "model"
    assert refusal(send(MOCK, "GET", "/models/none"), 404)["code"] == "model_not_found"


def test_the_models_need_the_key_that_the_operations_need() -> None:
    for path in ("/models", "/models/dall-e-2"):
        assert refusal(send(LOCKED, "GET", path), 401)["code"] == "invalid_api_key"
        assert send(LOCKED, "GET", path, headers=AUTHORISED).is_success
    refusal(send(LOCKED, "GET", ROOT + "/__requests"), 401)
    assert send(LOCKED, "GET", ROOT + "/healthz").json() == {"status": "ok"}


def test_only_the_offered_models_are_taken() -> None:
    assert [entry["id"] for entry in send(OFFERING, "GET", "/models").json()["data"]] == ["sdxl", "org/own"]
    assert send(OFFERING, "GET", "/models/org/own").json()["id"] == "org/own"
    for fields in ({"model": "sdxl"}, {"model": "org/own", "quality": "hd"}, {}):
        assert send(OFFERING, "POST", GENERATIONS, json=QUESTION | fields).is_success
    for name in ("dall-e-2", "dall-e-3", "SDXL", ""):
        error = refusal(send(OFFERING, "POST", GENERATIONS, json=QUESTION | {"model": name, "n": 11}), 404)
        assert (error["code"], error["param"]) == ("model_not_found", "model")
    edit = send(OFFERING, "POST", EDITS, data=QUESTION | {"model": "x"}, files={"image": png()})
    assert refusal(edit, 404)["code"] == "model_not_found"
    assert refusal(send(OFFERING, "POST", GENERATIONS, json={"prompt": "a", "model": 1}))["param"] == "model"
