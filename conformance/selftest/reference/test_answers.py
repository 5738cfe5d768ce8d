"""What an accepted request is answered with: the fields, the URLs and how long they live."""

import base64
from collections.abc import Callable
from typing import TypeAlias

import attrs
import httpx
import pytest

from conformance.selftest.reference.server import (
    CORRECT,
    GENERATIONS,
    PROMPT,
    SMALL,
    app_with,
    contents,
    edit,
    generate,
    images,
    opened,
    refusal,
    send,
    vary,
)

Ask: TypeAlias = Callable[..., httpx.Response]


@attrs.define
class Clock:
    """A clock that a test sets forward."""

    now: float

    def __call__(self) -> float:
        return self.now


def test_created_is_in_whole_seconds() -> None:
    answer = generate(app_with(clock=Clock(1589478378.9)))
    assert answer.json()["created"] == 1589478378
    assert '"created":1589478378,' in answer.text


@pytest.mark.parametrize("ask", [generate, edit, vary])
@pytest.mark.parametrize("count", [1, 2, 10])
def test_there_are_as_many_images_as_asked_for_and_no_two_alike(ask: Ask, count: int) -> None:
    answer = ask(n=count if ask is generate else str(count))
    assert len(images(answer)) == count
    assert len(set(contents(answer))) == count


@pytest.mark.parametrize("ask", [generate, edit, vary])
def test_an_item_has_the_form_that_was_asked_for_and_no_other(ask: Ask) -> None:
    for answer in (ask(), ask(response_format="url")):
        assert [set(item) for item in images(answer)] == [{"url"}]
    (item,) = images(ask(response_format="b64_json"))
    assert set(item) == {"b64_json"}
    assert opened(base64.b64decode(item["b64_json"], validate=True)).size == (256, 256)


@pytest.mark.parametrize("size", ["256x256", "512x512", "1024x1024"])
def test_the_images_have_the_size_asked_for(size: str) -> None:
    expected = tuple(int(side) for side in size.split("x"))
    for ask in (generate, edit, vary):
        (content,) = contents(ask(size=size))
        assert opened(content).size == expected


@pytest.mark.parametrize("size", ["1024x1024", "1792x1024", "1024x1792"])
def test_the_images_of_dall_e_3_have_the_size_asked_for(size: str) -> None:
    (content,) = contents(generate(size=size, model="dall-e-3"))
    assert opened(content).size == tuple(int(side) for side in size.split("x"))


def test_the_size_is_1024x1024_unless_asked_for() -> None:
    (content,) = contents(send(CORRECT, "POST", GENERATIONS, json={"prompt": PROMPT}))
    assert opened(content).size == (1024, 1024)
    (content,) = contents(generate(size=None))
    assert opened(content).size == (1024, 1024)


def test_only_dall_e_3_revises_the_prompt() -> None:
    (item,) = images(generate(model="dall-e-3", size="1024x1024"))
    assert item["revised_prompt"].startswith(PROMPT)
    for model in ("dall-e-2", "another-model"):
        (item,) = images(generate(model=model))
        assert "revised_prompt" not in item


def test_the_url_is_on_the_host_that_was_asked() -> None:
    for origin in ("http://images.test", "https://localhost:8443", "http://[::1]:9"):
        answer = send(CORRECT, "POST", f"{origin}/v1{GENERATIONS}", json={"prompt": PROMPT, "size": SMALL})
        (item,) = images(answer)
        assert item["url"].startswith(f"{origin}/v1/images/files/")


def test_the_url_serves_a_png_file_without_a_key() -> None:
    app = app_with(api_key="k")
    answer = send(app, "POST", GENERATIONS, json={"prompt": PROMPT}, headers={"Authorization": "Bearer k"})
    url = images(answer)[0]["url"]
    got, head = send(app, "GET", url), send(app, "HEAD", url)
    assert got.status_code == head.status_code == 200
    assert got.headers["content-type"] == head.headers["content-type"] == "image/png"
    assert int(head.headers["content-length"]) == len(got.content)
    assert head.content == b""


def test_a_url_is_valid_for_60_minutes() -> None:
    clock = Clock(1000.0)
    app = app_with(clock=clock)
    (item,) = images(generate(app))
    clock.now += 3599.9
    assert send(app, "GET", item["url"]).status_code == 200
    clock.now += 0.1
    refusal(send(app, "GET", item["url"]), 404)
