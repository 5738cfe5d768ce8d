"""The pages about the client: their examples run as they are printed, one after the other, and what they say holds."""

import asyncio
import re

import pytest
from httpx_aiohttp import AiohttpTransport
from openai_images_client import AuthenticatedClient
from openai_images_helpers import retrying
from PIL import Image

from conformance.selftest.client.test_packaging import CLIENT, ROOT, project
from conformance.selftest.docs.examples import KEY, Desk, desk, url
from scripts.client_project import HELPERS
from scripts.example_client import all_at_once, report

__all__ = ["desk", "url"]

PAGE = ROOT / "docs" / "client.md"
README = CLIENT / "README.md"


def examples(page: str) -> str:
    return "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))


def saved(desk: Desk) -> tuple[int, int]:
    """Return the size of the image that an example saved; those that the desk makes are smaller."""
    with Image.open(desk.folder / "otter.png") as image:
        return image.size


@pytest.fixture
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # examples leave to their end what a program would close
def test_examples_of_the_page(desk: Desk, page: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = desk.python(examples(page))
    printed = capsys.readouterr().out
    assert re.fullmatch(rf"{desk.url}/\S+\n400: .+, type invalid_request_error, param n\n", printed), printed
    assert found["edited"].data[0].url.startswith(desk.url)
    assert len(found["all_images"]) == 16
    assert saved(desk) == (256, 256)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_example_of_the_readme(desk: Desk) -> None:
    desk.python(examples(README.read_text(encoding="utf-8")))
    assert saved(desk) == (256, 256)


def test_all_operations_on_aiohttp_with_retries(url: str) -> None:
    transport = retrying(AiohttpTransport())
    client = AuthenticatedClient(base_url=url, token=KEY, httpx_args={"transport": transport})
    assert report(asyncio.run(all_at_once(client)))


def test_helpers_are_as_short_as_the_page_says(page: str) -> None:
    (most,) = re.findall(r"a module of less than (\d+) lines", page)
    (module,) = (ROOT / "client" / HELPERS).glob("*.py")
    assert len(module.read_text(encoding="utf-8").splitlines()) < int(most)


def test_every_extra_is_on_both_pages(page: str) -> None:
    for extra in project(CLIENT)["optional-dependencies"]:
        assert f"[{extra}]" in page
        assert f"[{extra}]" in README.read_text(encoding="utf-8")
