"""The pages of the mock in a browser: they can be read on any screen, and their forms send what is entered."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from conformance.selftest.browser.harness import EXTREMES, NARROW, NO_SCRIPT, Watch, violations
from conformance.selftest.reference.running import MOCK, program

KEY = "sk-mock-27e1"
PAGES = ("/", "/docs/createImageEdit.html")


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    """Start the mock with a key, and return its address."""
    with program(key=KEY, module=MOCK) as running:
        yield running.url.removesuffix("/v1")


@EXTREMES
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible_and_fits_the_screen(page: Page, mock: str, path: str) -> None:
    page.goto(mock + path)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@NARROW
def test_the_rows_of_a_table_are_stacked_on_a_telephone(page: Page, mock: str) -> None:
    page.goto(mock + PAGES[1])
    row = page.get_by_role("row").filter(has_text="response_format").first
    name, limits = (row.locator(each).bounding_box() for each in ("th", "[data-label=limits]"))
    assert name
    assert limits
    assert limits["y"] >= name["y"] + name["height"]
    assert limits["width"] > 300


@pytest.mark.parametrize(
    ("operation", "files", "form", "count"),
    [
        ("createImage", 0, "url", 2),
        ("createImageEdit", 2, "url", 2),
        ("createImageVariation", 1, "b64_json", 1),
    ],
)
def test_a_form_sends_what_is_entered_and_shows_the_images(  # noqa: PLR0913 - a page, a server and the columns
    page: Page, mock: str, *, operation: str, files: int, form: str, count: int
) -> None:
    page.goto(f"{mock}/docs/{operation}.html")
    page.get_by_label("API key").fill(KEY)
    for button in page.get_by_role("button", name="Draw one").all():
        button.click()
    expect(page.get_by_role("button", name="Draw one")).to_have_count(files)
    for chosen in page.locator("input[type=file]").all():
        expect(chosen).not_to_have_value("")
    page.get_by_label("n", exact=True).fill(str(count))
    page.get_by_label("size").select_option(label="256x256")
    page.get_by_label("response_format").select_option(label=form)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".status")).to_contain_text("200 OK")
    expect(page.get_by_role("figure")).to_have_count(count)
    for number in range(1, count + 1):
        expect(page.get_by_text(f"Image {number} of {count}, 256x256")).to_be_visible()
    expect(page.locator(".result pre")).to_contain_text("characters)" if form == "b64_json" else f"{mock}/v1/images")
    assert violations(page) == []
    assert KEY not in page.content()
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0


def test_a_refusal_is_shown(browser: Browser, mock: str) -> None:
    with browser.new_context() as context:
        watch, page = Watch(), context.new_page()
        watch.over(context)
        page.goto(f"{mock}/docs/createImage.html")
        page.get_by_label("n", exact=True).fill("2.5")
        page.get_by_role("button", name="Send").click()
        expect(page.locator(".status")).to_contain_text("401 Unauthorized")
        page.get_by_label("API key").fill(KEY)
        page.get_by_role("button", name="Send").click()
        expect(page.locator(".status")).to_contain_text("400 Bad Request")
        expect(page.locator(".result pre")).to_contain_text('"param": "n"')
        expect(page.get_by_role("figure")).to_have_count(0)
        # Chromium itself notes that an answer was a refusal.
        assert all("Failed to load resource" in finding for finding in watch.findings)


def test_the_example_in_each_language_is_one_click_away(page: Page, mock: str) -> None:
    page.goto(f"{mock}/docs/createImage.html")
    example = page.get_by_role("radiogroup", name="The smallest request")
    for language, words in (
        ("curl", "curl http"),
        ("Node, openai", "baseURL"),
        ("generated client", "create_image.sync"),
    ):
        example.locator("label").filter(has_text=language).click()
        expect(example.locator("pre:visible")).to_have_count(1)
        expect(example.locator("pre:visible")).to_contain_text(words)
        expect(example.locator("pre:visible")).to_contain_text(f"{mock}/v1")


def test_what_is_copied_is_the_example(page: Page, mock: str) -> None:
    page.goto(f"{mock}/docs/createImage.html")
    example = page.get_by_role("radiogroup", name="The smallest request").locator("pre:visible")
    text = str(example.locator("code").text_content())
    example.get_by_role("button", name="Copy").click()
    expect(example.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == text


@NO_SCRIPT
def test_all_but_the_form_works_without_scripts(page: Page, mock: str) -> None:
    page.goto(mock)
    page.get_by_role("link", name="Create image edit").first.click()
    expect(page.get_by_role("heading", name="Parameters", exact=True)).to_be_visible()
    page.locator("label").filter(has_text="Node, openai").first.click()
    expect(page.get_by_text("baseURL").first).to_be_visible()
