"""Every example of the API reference does what it says, against the reference server, as it stands in ``docs/api``."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from openai_images_client.models import ImagesResponse

from conformance.selftest.docs.examples import UNCLOSED, Desk
from scripts import docs
from scripts.docs.__main__ import MARKDOWN

PAGES = Path(docs.__file__).parents[2] / MARKDOWN
EXAMPLES = {
    f"{page.stem}: {section.splitlines()[0]}, in {language}": code
    for page in sorted(PAGES.glob("*.md"))
    for section in page.read_text(encoding="utf-8").split("\n### ")[1:]
    for language, code in re.findall(r"\n([\w, ]+):\n\n```\w+\n(.*?)\n```\n", section, re.DOTALL)
}
"""The text of each example, by page, title and language."""
LANGUAGES = ("curl", "Python, openai", "Node, openai", "Python, generated client")


def each(language: str) -> list[str]:
    return [name for name in EXAMPLES if name.endswith(f", in {language}")]


def test_each_operation_has_two_examples_in_each_language() -> None:
    assert {language: len(each(language)) for language in LANGUAGES} == dict.fromkeys(LANGUAGES, 6)
    assert len(EXAMPLES) == 6 * len(LANGUAGES)


@pytest.mark.parametrize("name", each("curl"))
def test_curl(desk: Desk, name: str) -> None:
    answer = desk.curl(EXAMPLES[name])
    assert answer["data"][0]["url"].startswith(desk.url)
    # The answer that the page shows is of the same shape.
    page = (PAGES / f"{name.partition(':')[0]}.md").read_text(encoding="utf-8")
    (shown,) = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", page, re.DOTALL))
    assert shown.keys() == answer.keys()
    assert [item.keys() for item in shown["data"]] == [{"url"}]


@UNCLOSED
@pytest.mark.parametrize("name", each("Python, openai"))
def test_openai_for_python(desk: Desk, name: str) -> None:
    assert desk.python(EXAMPLES[name])["answer"].data[0].url.startswith(desk.url)


@UNCLOSED
@pytest.mark.parametrize("name", each("Python, generated client"))
def test_generated_client(desk: Desk, name: str) -> None:
    answer = desk.python(EXAMPLES[name])["answer"]
    assert isinstance(answer, ImagesResponse)
    assert str(answer.data[0].url).startswith(desk.url)


@pytest.mark.parametrize("name", each("Node, openai"))
def test_openai_for_node(desk: Desk, name: str) -> None:
    assert f"url: '{desk.url}/images/files/" in desk.node(EXAMPLES[name])


@pytest.mark.parametrize(("run", "sentence"), [(Desk.curl, "need curl"), (Desk.node, "need it and npm")])
def test_a_machine_without_the_program_is_told_what_to_install(
    run: Callable[[Desk, str], object], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=sentence):
        run(Desk(tmp_path, ""), "")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=sentence):
        run(Desk(tmp_path, ""), "")
