"""The pages that the mock shows to a browser, and that the server is otherwise the same with them."""

import re

import httpx
import pytest
from starlette.types import ASGIApp

from conformance.mock.app import create_mock
from conformance.mock.pages import ADDRESS, KEY
from conformance.reference import Behaviour
from conformance.selftest.reference.server import CORRECT, refusal, send

MOCK = create_mock()
BASE = "http://images.test"
PAGES = (
    "/",
    "/docs/createImage.html",
    "/docs/createImageEdit.html",
    "/docs/createImageVariation.html",
    "/docs/Image.html",
)


def get(path: str, app: ASGIApp = MOCK, method: str = "GET") -> httpx.Response:
    return send(app, method, BASE + path)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_names_the_address_of_the_server(path: str) -> None:
    answer = get(path)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f"{BASE}/v1" in answer.text or path.endswith("Image.html")
    assert ADDRESS not in answer.text
    assert KEY not in answer.text
    assert 'data-key="no"' in answer.text
    assert get(path, method="HEAD").headers["content-length"] == answer.headers["content-length"]


@pytest.mark.parametrize("path", PAGES)
def test_everything_that_a_page_links_to_is_there(path: str) -> None:
    for link in re.findall(r'(?:href|src)="([^"#][^"]*)"', get(path).text):
        if not link.startswith("data:"):
            assert get(str(httpx.URL(BASE + path).join(link).raw_path, "ascii")).status_code == 200, link


def test_the_address_is_the_one_that_the_client_used() -> None:
    host = {"Host": "[::1]:8080"}
    assert "http://[::1]:8080/v1" in send(MOCK, "GET", BASE, headers=host).text
    refusal(send(MOCK, "GET", BASE, headers={"Host": '"><script>'}))


def test_a_page_says_whether_a_key_is_asked_for_but_not_which() -> None:
    answer = get("/", create_mock(Behaviour(api_key="sk-secret-77")))
    assert 'data-key="yes"' in answer.text
    assert "sk-secret-77" not in answer.text


def test_a_page_may_load_from_its_own_server_alone() -> None:
    policy = get("/").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';")
    assert get("/docs/docs.js").headers["content-type"] == "text/javascript; charset=utf-8"
    assert get("/docs/docs.css").headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize("path", ["/docs/", "/docs/none.html", "/docs/..%2Fapp.py", "/docs/%2e%2e%2fapp.py", "/x"])
def test_nothing_else_is_there(path: str) -> None:
    assert refusal(get(path), 404)["code"] == "unknown_url"


@pytest.mark.parametrize("path", ["/", "/docs/createImage.html"])
def test_a_page_can_only_be_read(path: str) -> None:
    assert refusal(get(path, method="POST"), 405)["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1"), ("GET", "/v1/images/generations"), ("POST", "/v1/images/none")],
)
def test_the_api_is_the_same_with_pages(method: str, path: str) -> None:
    with_pages, without = get(path, method=method), get(path, CORRECT, method)
    assert (with_pages.status_code, with_pages.content) == (without.status_code, without.content)
    assert with_pages.status_code in (404, 405)


@pytest.mark.parametrize("path", PAGES)
def test_a_server_in_process_shows_no_pages(path: str) -> None:
    refusal(get(path, CORRECT), 404)
