"""The official client library, pointed at the reference server as every user of a mock would do it."""

import asyncio
import base64
from collections.abc import Callable, Iterator

import httpx
import openai
import pytest
from openai.types import ImagesResponse

from conformance.selftest.reference.running import program
from conformance.selftest.reference.server import PROMPT, SMALL, opened, png

KEY = "reference-key-o1"
DEPRECATED = pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
"""Newer versions of the library call variations deprecated, because the vendor's newer models know none."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with program(key=KEY) as running:
        yield running.url


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=url, api_key=KEY, max_retries=0) as client:
        yield client


def sizes(answer: ImagesResponse) -> list[tuple[int, int]]:
    """Decode the images of an answer, whichever way they came."""
    found: list[tuple[int, int]] = []
    for item in answer.data or []:
        content = base64.b64decode(item.b64_json) if item.b64_json else httpx.get(item.url or "").content
        found.append(opened(content).size)
    return found


def test_generate(client: openai.OpenAI) -> None:
    answer = client.images.generate(prompt=PROMPT, model="dall-e-2", n=2, size=SMALL)
    assert sizes(answer) == [(256, 256)] * 2
    assert answer.created > 1_700_000_000


def test_generate_with_dall_e_3(client: openai.OpenAI) -> None:
    answer = client.images.generate(
        prompt=PROMPT,
        model="dall-e-3",
        size="1792x1024",
        quality="hd",
        style="natural",
        response_format="b64_json",
        user="user-1234",
    )
    assert sizes(answer) == [(1792, 1024)]
    assert answer.data
    assert answer.data[0].revised_prompt
    assert answer.data[0].url is None


def test_generate_with_nothing_but_a_prompt(client: openai.OpenAI) -> None:
    assert sizes(client.images.generate(prompt=PROMPT)) == [(1024, 1024)]


def test_generate_with_null(client: openai.OpenAI) -> None:
    assert sizes(client.images.generate(prompt=PROMPT, n=None, size=None, style=None)) == [(1024, 1024)]


def test_edit(client: openai.OpenAI) -> None:
    answer = client.images.edit(image=png(), mask=png(), prompt=PROMPT, n=2, size=SMALL, model="dall-e-2")
    assert sizes(answer) == [(256, 256)] * 2


def test_edit_of_a_list_of_one_image(client: openai.OpenAI) -> None:
    answer = client.images.edit(image=[("o.png", png())], prompt=PROMPT, size=SMALL, response_format="b64_json")
    assert sizes(answer) == [(256, 256)]
    with pytest.raises(openai.BadRequestError) as caught:
        client.images.edit(image=[png(), png()], prompt=PROMPT)
    assert caught.value.param == "image"


@DEPRECATED
def test_create_variation(client: openai.OpenAI) -> None:
    vary = client.images.create_variation  # pyright: ignore[reportDeprecated] - a rule of this API all the same
    assert sizes(vary(image=png(), n=2, size=SMALL)) == [(256, 256)] * 2
    assert sizes(vary(image=png(), size="512x512", response_format="b64_json")) == [(512, 512)]
    with pytest.raises(openai.BadRequestError) as caught:
        vary(image=png(), model="dall-e-3")
    assert caught.value.param == "model"


def test_asynchronous_generate(url: str) -> None:
    async def ask() -> ImagesResponse:
        async with openai.AsyncOpenAI(base_url=url, api_key=KEY, max_retries=0) as client:
            return await client.images.generate(prompt=PROMPT, size=SMALL, response_format="b64_json")

    assert sizes(asyncio.run(ask())) == [(256, 256)]


REFUSALS: list[tuple[Callable[[openai.OpenAI], object], str]] = [
    (lambda client: client.images.generate(prompt=PROMPT, n=11), "n"),
    (lambda client: client.images.generate(prompt=PROMPT, n=2, model="dall-e-3"), "n"),
    (lambda client: client.images.generate(prompt="a" * 1001), "prompt"),
    (lambda client: client.images.edit(prompt=PROMPT, image=b"no image"), "image"),
    (lambda client: client.images.edit(prompt=PROMPT, image=png(), mask=png((8, 8))), "mask"),
]


@pytest.mark.parametrize(("ask", "param"), REFUSALS, ids=range(5))
def test_a_refusal_is_a_bad_request_error_that_names_the_field(
    client: openai.OpenAI, ask: Callable[[openai.OpenAI], object], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client)
    assert caught.value.param == param
    assert caught.value.type == "invalid_request_error"


def test_a_wrong_key_is_an_authentication_error(client: openai.OpenAI) -> None:
    with pytest.raises(openai.AuthenticationError) as caught:
        client.with_options(api_key="wrong").images.generate(prompt=PROMPT)
    assert caught.value.code == "invalid_api_key"


def test_an_operation_that_is_not_there_is_a_not_found_error(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.models.list()
