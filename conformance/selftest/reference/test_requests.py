"""What is wrong with a request before its fields are looked at: body, media type, form, key, route."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from conformance.reference import Behaviour, Limits
from conformance.selftest.reference.server import (
    BASE,
    CORRECT,
    EDITS,
    GENERATIONS,
    PROMPT,
    SMALL,
    VARIATIONS,
    app_with,
    edit,
    form,
    generate,
    generate_raw,
    images,
    png,
    refusal,
    refused_param,
    send,
)

GOOD = json.dumps({"prompt": PROMPT, "size": SMALL}).encode()
KEY = "reference-key-5f2b"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"5",
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        b'{"prompt": "\xff"}',
        b"{'prompt': 'a'}",
        GOOD + b"x",
        b'{"prompt": "a", "n": NaN}',
        b'{"prompt": "a", "n": -Infinity}',
        b'{"prompt": "a", "n": 01}',
        b'{"prompt": "a\n"}',
        b'{"prompt": "a", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"prompt": "a", "x": ' + b'{"y":' * 5000 + b"1" + b"}" * 5000 + b"}",
        b"[" * 200_000,
    ],
    ids=range(19),
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    assert refused_param(generate_raw(body)) is None


NESTED: list[list[list[list[int]]]] = [[[[]]]]


def test_arrays_may_lie_inside_each_other_up_to_a_limit() -> None:
    app = app_with(limits=Limits(depth=4))
    assert images(generate(app, x=NESTED[0]))
    assert images(generate(app, x=[[[1]]]))
    assert refused_param(generate(app, x=NESTED)) is None


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 5000, "-" + "9" * 5000, "9" * 500_000, "1e-400"])
def test_a_huge_number_is_refused_like_any_other_wrong_number(number: str) -> None:
    assert refused_param(generate_raw(f'{{"prompt": "a", "n": {number}}}'.encode())) == "n"


@pytest.mark.parametrize("field", ["prompt", "user", "model"])
def test_half_a_surrogate_pair_is_no_character(field: str) -> None:
    assert refused_param(generate_raw({"prompt": "a", field: "\ud83e"})) == field
    assert images(generate_raw({"prompt": "a", field: "\U0001f9a6"}))


def test_of_two_equal_names_the_last_counts() -> None:
    assert len(images(generate_raw(b'{"prompt": "a", "n": "x", "size": "256x256", "n": 2}'))) == 2


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"']
)
def test_json_is_accepted_with_and_without_a_charset(content_type: str) -> None:
    assert images(generate_raw(GOOD, content_type=content_type))


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/jsonp", "application/json; charset=utf-16", "multipart/form-data; boundary=b"],
)
def test_another_media_type_is_refused_with_415(content_type: str) -> None:
    refusal(generate_raw(GOOD, content_type=content_type), 415)


def test_a_form_operation_takes_no_other_media_type() -> None:
    for url in (EDITS, VARIATIONS):
        refusal(send(CORRECT, "POST", url, json={"prompt": "a"}), 415)
        refusal(send(CORRECT, "POST", url, data={"prompt": "a"}), 415)


def test_a_compressed_body_is_refused_with_415() -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    refusal(send(CORRECT, "POST", GENERATIONS, content=GOOD, headers=headers), 415)


def multipart(body: bytes, content_type: str = "multipart/form-data; boundary=b") -> httpx.Response:
    return send(CORRECT, "POST", EDITS, content=body, headers={"Content-Type": content_type})


PROMPT_PART = b'--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na\r\n'


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (PROMPT_PART + b"--b--\r\n", "multipart/form-data"),
        (PROMPT_PART + b"--b--\r\n", "multipart/form-data; boundary="),
        (PROMPT_PART + b"--b--\r\n", "multipart/form-data; boundary=" + "b" * 5000),
        (PROMPT_PART + b"--b--\r\n", "multipart/form-data; boundary=other"),
        (PROMPT_PART, "multipart/form-data; boundary=b"),
        (PROMPT_PART[:20], "multipart/form-data; boundary=b"),
        (b"", "multipart/form-data; boundary=b"),
        (b"--b\r\nContent-Type: text/plain\r\n\r\na\r\n--b--\r\n", "multipart/form-data; boundary=b"),
        (
            b'--b\r\nContent-Disposition: form-data; name="\xff"\r\n\r\na\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
        ),
        (PROMPT_PART * 65 + b"--b--\r\n", "multipart/form-data; boundary=b"),
        (b"--b\r\n" + b"X: y\r\n" * 5000 + b"\r\na\r\n--b--\r\n", "multipart/form-data; boundary=b"),
    ],
    ids=range(11),
)
def test_a_malformed_form_is_refused(body: bytes, content_type: str) -> None:
    assert refused_param(multipart(body, content_type)) is None


@pytest.mark.parametrize("name", ["prompt", "n", "size", "user", "image", "mask"])
def test_a_field_given_twice_is_refused(name: str) -> None:
    content = png() if name in {"image", "mask"} else b"1"
    part = (name, content, "f" if name in {"image", "mask"} else None)
    assert refused_param(form(part, part)) == name


def test_one_image_may_be_sent_as_a_list_but_not_two() -> None:
    prompt, image = ("prompt", b"a", None), ("image[]", png(), "f")
    assert images(form(prompt, image))
    assert refused_param(form(prompt, image, image)) == "image"
    assert refused_param(form(prompt, image, ("image", png(), "f"))) == "image"


def test_the_order_of_the_parts_does_not_matter() -> None:
    parts = [("image", png(), "i"), ("mask", png(), "m"), ("prompt", b"a", None), ("size", b"256x256", None)]
    assert images(form(*parts))
    assert images(form(*reversed(parts)))


def test_a_file_where_a_text_is_due_is_refused_and_the_reverse() -> None:
    image = ("image", png(), "i")
    assert refused_param(form(image, ("prompt", b"a", "prompt.txt"))) == "prompt"
    assert refused_param(form(image, ("prompt", b"a", None), ("n", b"1", "n.txt"))) == "n"
    assert refused_param(form(("image", png(), None), ("prompt", b"a", None))) == "image"
    assert refused_param(form(image, ("prompt", b"a", None), ("mask", b"m", None))) == "mask"


def test_a_text_must_be_utf8() -> None:
    assert refused_param(form(("image", png(), "i"), ("prompt", b"\xff", None))) == "prompt"


def test_parts_that_nobody_knows_are_ignored() -> None:
    known = (("image", png(), "i"), ("prompt", b"a", None))
    assert images(form(*known, ("other", b"\xff", None), ("other", b"", "file"), ("prompt[]", b"x", None)))


def test_a_body_above_the_limit_is_refused_with_413_by_its_declared_length() -> None:
    app = app_with(limits=Limits(body_bytes=len(GOOD)))
    assert images(generate_raw(GOOD, app))
    refusal(generate_raw(GOOD + b" ", app), 413)
    refusal(send(app, "POST", EDITS, data={"prompt": "a" * 99}, files={"image": png()}), 413)


def test_a_body_above_the_limit_is_refused_with_413_while_it_streams() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b" " * 1000

    async def exchange() -> httpx.Response:
        app = app_with(limits=Limits(body_bytes=5000))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            headers = {"Content-Type": "application/json"}
            return await client.post(BASE + GENERATIONS, content=endless(), headers=headers)

    refusal(asyncio.run(exchange()), 413)
    assert sent == 6


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", f"Basic {KEY}", KEY, f"Bearer {KEY}x", "Bearer ö".encode()],
)
def test_a_request_without_the_key_is_refused_with_401(authorization: str | bytes | None) -> None:
    app = app_with(api_key=KEY)
    headers = {} if authorization is None else {"Authorization": authorization}
    for url in (GENERATIONS, EDITS, VARIATIONS):
        answer = send(app, "POST", url, content=b"", headers=headers)
        assert refusal(answer, 401)["code"] == "invalid_api_key"
        assert answer.headers["www-authenticate"] == "Bearer"
        assert KEY not in answer.text


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_key_opens_the_operations(scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {KEY}"}
    assert images(send(app_with(api_key=KEY), "POST", GENERATIONS, json={"prompt": "a"}, headers=headers))


def test_without_a_key_everybody_may_ask() -> None:
    headers = {"Authorization": "Bearer anything"}
    assert images(send(CORRECT, "POST", GENERATIONS, json={"prompt": "a"}, headers=headers))


def test_a_behaviour_does_not_show_its_key() -> None:
    assert KEY not in repr(Behaviour(api_key=KEY))


@pytest.mark.parametrize(
    "path",
    ["", "/", "/images", "/images/generations/", "/images/files/x", "/chat/completions", "/images/generations/x"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_is_refused_with_404(method: str, path: str) -> None:
    refusal(send(CORRECT, method, path), 404)
    refusal(send(CORRECT, method, "http://images.test" + path), 404)


@pytest.mark.parametrize("path", [GENERATIONS, EDITS, VARIATIONS])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_refused_with_405(method: str, path: str) -> None:
    answer = send(CORRECT, method, path)
    refusal(answer, 405)
    assert answer.headers["allow"] == "POST"


def test_images_are_only_read() -> None:
    answer = send(CORRECT, "POST", "/images/files/x.png")
    refusal(answer, 405)
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize("host", ["", "a b", "a/b", "a@b", "a:99999", "a:b", "[::1", 'a"b'])
def test_a_host_that_is_none_is_refused(host: str) -> None:
    headers = {"Host": host, "Content-Type": "application/json"}
    assert refused_param(send(CORRECT, "POST", GENERATIONS, content=GOOD, headers=headers)) is None


@pytest.mark.parametrize("host", ["[::1", "a b", "", "[x]"])
def test_a_broken_host_does_not_break_other_refusals(host: str) -> None:
    refusal(send(CORRECT, "GET", "/nothing", headers={"Host": host}), 404)
    refusal(send(CORRECT, "GET", GENERATIONS, headers={"Host": host}), 405)


def test_a_fault_of_the_server_itself_is_told_as_one() -> None:
    def broken(_: object, __: int) -> bytes:
        raise TypeError("NoneType")

    async def exchange() -> tuple[httpx.Response, ...]:
        transport = httpx.ASGITransport(app_with(draw=broken), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport) as client:
            fields = {"prompt": PROMPT, "response_format": "b64_json"}
            by_url = await client.post(BASE + GENERATIONS, json={"prompt": PROMPT})
            return await client.post(BASE + GENERATIONS, json=fields), await client.get(images(by_url)[0]["url"])

    for answer in asyncio.run(exchange()):
        assert answer.status_code == 500
        assert answer.json()["error"]["type"] == "server_error"
        assert "NoneType" not in answer.text


def test_the_limits_leave_room_for_two_files() -> None:
    big = png((64, 64)) + bytes(4_000_000)
    assert images(edit(image=big[:4_000_000], mask=big[:4_000_000]))
