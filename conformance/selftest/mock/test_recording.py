"""What the mock keeps of the requests that it was asked: ``GET /__requests``."""

import hashlib
import json
from urllib.parse import quote

import pytest
from PIL import Image

from conformance.mock.app import Mock, create_mock
from conformance.mock.asked import File, look
from conformance.mock.recording import Recorder
from conformance.reference import Behaviour
from conformance.selftest.reference.server import EDITS, GENERATIONS, SMALL, Json, pack, png, refusal, send

KEY = "sk-mock-record-1"
QUESTION = {"prompt": "a", "size": SMALL}
LIST = "http://images.test/__requests"


def listed(mock: Mock) -> list[Json]:
    return send(mock, "GET", LIST).json()["requests"]


def test_a_request_is_listed_with_its_fields() -> None:
    mock = create_mock()
    answer = send(mock, "POST", GENERATIONS, json=QUESTION | {"n": 2, "style": None})
    (asked,) = listed(mock)
    assert (asked["method"], asked["path"], asked["status"]) == ("POST", "/v1/images/generations", 200)
    assert asked["fields"] == QUESTION | {"n": 2, "style": None}
    assert asked["files"] == {}
    assert asked["request_id"] == answer.headers["x-request-id"]
    assert asked["fault"] is None
    assert asked["headers"]["content-type"] == "application/json"


def test_a_file_is_listed_by_what_identifies_it() -> None:
    mock, image, mask = create_mock(), png((32, 32)), png((32, 32), "LA", (3, 0))
    send(mock, "POST", EDITS, data=QUESTION | {"n": "2"}, files={"image": image, "mask": mask})
    (asked,) = listed(mock)
    assert asked["fields"] == QUESTION | {"n": 2}
    assert asked["files"] == {
        "image": [
            {
                "sha256": hashlib.sha256(image).hexdigest(),
                "bytes": len(image),
                "format": "PNG",
                "size": "32x32",
                "mode": "RGBA",
            }
        ],
        "mask": [
            {
                "sha256": hashlib.sha256(mask).hexdigest(),
                "bytes": len(mask),
                "format": "PNG",
                "size": "32x32",
                "mode": "LA",
            }
        ],
    }


def test_modes_are_named_as_pillow_names_them() -> None:
    for mode in ("1", "L", "P", "LA", "RGB", "RGBA", "I;16"):
        found = look(pack(Image.new(mode, (3, 2))))
        assert (found.format, found.size, found.mode) == ("PNG", "3x2", mode)
    for kind in ("JPEG", "GIF", "WEBP"):
        assert look(pack(Image.new("RGB", (3, 2)), kind)).format == kind
    for content in (b"", b"no image", b"\x89PNG\r\n\x1a\n" + bytes(40)):
        assert look(content) == File(hashlib.sha256(content).hexdigest(), len(content), None, None, None)


def test_what_was_refused_or_fetched_is_listed_too() -> None:
    mock = create_mock()
    answer = send(mock, "POST", GENERATIONS, json=QUESTION)
    image = answer.json()["data"][0]["url"]
    send(mock, "GET", image)
    for content in (b'{"n":11,"size":[1e999]}', b"{"):
        send(mock, "POST", GENERATIONS, content=content, headers={"Content-Type": "application/json"})
    send(mock, "GET", "/models")
    for unlisted in ("/", "/healthz", "/__requests"):
        send(mock, "GET", "http://images.test" + unlisted)
    found = [(each["method"], each["path"].rpartition("/")[2], each["status"]) for each in listed(mock)]
    name = image.rpartition("/")[2]
    assert found == [
        ("POST", "generations", 200),
        ("GET", name, 200),
        ("POST", "generations", 400),
        ("POST", "generations", 400),
        ("GET", "models", 200),
    ]
    assert listed(mock)[2]["fields"] == {"n": 11, "size": ["inf"]}


def test_the_list_can_be_emptied() -> None:
    mock = create_mock()
    send(mock, "GET", "/models")
    assert send(mock, "DELETE", LIST).status_code == 204
    assert send(mock, "GET", LIST).json() == {"requests": [], "dropped": 0}


def test_keys_are_not_listed() -> None:
    mock = create_mock(Behaviour(api_key=KEY))
    for key in (KEY, "sk-someone-else"):
        headers = {"Authorization": f"Bearer {key}", "api-key": key, "Cookie": key, "User-Agent": f"a {key}"}
        send(mock, "POST", f"{GENERATIONS}?key={key}", json=QUESTION | {"user": f"{key}!"}, headers=headers)
        send(mock, "GET", f"/{key}", headers=headers)
    refusal(send(mock, "GET", LIST), 401)
    answer = send(mock, "GET", LIST, headers={"Authorization": f"Bearer {KEY}"})
    assert KEY not in answer.text
    assert "sk-someone-else" not in answer.text
    assert answer.json()["requests"][0]["fields"]["user"] == "[key]!"


@pytest.mark.parametrize("key", ['sk-"quoted"\\9', "sk-ключ-é", "sk-\x7fcontrol"])
def test_a_key_is_found_however_it_is_written(key: str) -> None:
    mock = create_mock(Behaviour(api_key=key))
    headers = {b"Authorization": b"Bearer " + key.encode(), b"User-Agent": key.encode()}
    fields = QUESTION | {"user": key, "extra": key}
    send(mock, "POST", GENERATIONS, json=fields, headers=headers)
    send(mock, "POST", EDITS, data=fields, files={"image": png()}, headers=headers)
    send(mock, "GET", f"/{quote(key)}", headers=headers)
    told = mock.recorder.listing().decode()
    assert key not in told
    assert json.dumps(key)[1:-1] not in told
    for asked in mock.recorder.requests():
        values = [asked.headers["user-agent"], asked.path, *map(str, asked.fields.values())]
        assert {"[key]", "/v1/[key]"} & set(values)
        assert not any("sk-" in value for value in values)


@pytest.mark.parametrize("key", ["request_id", "12345678", '":null,"path":', "[1,2,3,4]", "user-agent"])
def test_a_key_that_looks_like_json_breaks_no_list(key: str) -> None:
    mock = create_mock()
    fields = QUESTION | {"user": [1, 12345678, {"a": 0.12345678, key: [1, 2, 3, 4]}], "extra": f"a {key}"}
    send(mock, "POST", GENERATIONS, json=fields, headers={"Authorization": f"Bearer {key}", "User-Agent": "me"})
    (asked,) = listed(mock)
    eight, nine = ("[key]", "[key]") if key == "12345678" else (12345678, 0.12345678)
    user = [1, eight, {"a": nine, "[key]": [1, 2, 3, 4]}]
    assert asked["fields"] == QUESTION | {"user": user, "extra": "a [key]"}
    assert asked["headers"]["user-agent"] == "me"
    assert mock.recorder.requests()[0].request_id == asked["request_id"]


def test_a_short_key_is_a_word_like_any_other() -> None:
    mock = create_mock(Behaviour(api_key="test"))
    send(mock, "POST", GENERATIONS, json={"prompt": "a test"}, headers={"Authorization": "Bearer test"})
    assert mock.recorder.requests()[0].fields == {"prompt": "a test"}


def test_only_the_last_requests_are_kept() -> None:
    by_number, by_bytes = Recorder(most=3), Recorder(budget=10)
    for entry in (b"10", b"11", b"12", b'"thirteen"', b"14", b"15"):
        for recorder in (by_number, by_bytes):
            recorder.add(entry)
    assert by_number.listing() == b'{"requests":["thirteen",14,15],"dropped":3}'
    assert by_bytes.listing() == b'{"requests":[14,15],"dropped":4}'
    by_bytes.add(b'"longer than all"')
    assert by_bytes.listing() == b'{"requests":["longer than all"],"dropped":6}'


def test_what_is_kept_has_a_bound() -> None:
    mock = create_mock()
    for number in range(3):  # of which the last two don't fit beside each other
        send(mock, "POST", GENERATIONS, json={"model": "own", "user": [f"{number}" * 10**6] * 10})
    assert [each["fields"]["user"][0][0] for each in listed(mock)] == ["2"]


def test_several_workers_list_nothing() -> None:
    error = refusal(send(create_mock(alone=False), "GET", LIST), 404)
    assert error["message"].startswith("Requests are not listed here, because several workers")
