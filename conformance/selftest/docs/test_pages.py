"""What the pages of the API reference say, for the project's own contract and for any other."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance import CONTRACT
from conformance.selftest import acid, contracts
from conformance.selftest.contracts.test_more import with_fields
from conformance.suite.contract.document import Contract, load, parse
from conformance.suite.images import IMAGES
from conformance.suite.rules.api import Api
from conformance.suite.rules.catalogue import all_rules
from conformance.suite.rules.rule import Rule
from scripts.docs import rendering
from scripts.docs.__main__ import main
from scripts.docs.page import Reference, Row
from scripts.docs.reading import read

OWN = load(CONTRACT)
GREENHOUSE = load(Path(acid.__file__).with_name("openapi.yaml"))
GPT = load(Path(contracts.__file__).with_name("gpt_images.yaml"))
RULES = {
    contract.sha256: all_rules(contract, api) for contract, api in ((OWN, IMAGES), (GREENHOUSE, Api()), (GPT, Api()))
}
EACH = pytest.mark.parametrize("contract", [OWN, GREENHOUSE, GPT], ids=["own", "greenhouse", "gpt"])


def reference(contract: Contract = OWN) -> Reference:
    return read(contract, RULES[contract.sha256])


def rows(operation: str) -> dict[str, Row]:
    (page,) = (page for page in reference().operations if page.operation.id == operation)
    found = [*page.rows, *(row for each in page.errors if each.name == "Error" for row in each.rows)]
    return {row.name: row for row in reversed(found)}


def ids(rules: tuple[Rule, ...]) -> set[str]:
    return {rule.id for rule in rules}


def changed(**description: Any) -> Contract:  # noqa: ANN401 - whatever a schema may say
    """Return the contract with something else said about the prompt."""
    document = yaml.safe_load(CONTRACT.read_bytes())
    document["components"]["schemas"]["CreateImageRequest"]["properties"]["prompt"] |= description
    return parse(yaml.safe_dump(document, sort_keys=False).encode())


def test_a_row_says_all_that_the_contract_says() -> None:
    size = rows("createImage")["size"]
    assert (size.type, size.required, size.default) == ("string or null", False, "`1024x1024`")
    assert size.limits == (
        "one of `256x256`, `512x512`, `1024x1024`, `1792x1024`, `1024x1792`",
        "`dall-e-2`: one of `256x256`, `512x512`, `1024x1024`",
        "`dall-e-3`: one of `1024x1024`, `1792x1024`, `1024x1792`",
    )
    schema = OWN.operations["createImage"].request.properties["size"]
    assert schema.description
    assert size.description == schema.description.value
    assert rows("createImage")["style"].limits[-1] == "`dall-e-2`: not supported"
    assert rows("createImageEdit")["image"].type == "file"


def test_a_row_names_the_rules_that_hold_a_server_to_it() -> None:
    held = {name: ids(row.rules) for name, row in rows("createImage").items()}
    assert "createImage/n/maximum@dall-e-3" in held["n"]
    assert {"createImage/size/default", "createImage/response/data/items/dimensions"} < held["size"]
    # A rule about a parameter, one about a member of the error that has the name of a keyword.
    assert held["type"] == {"createImage/error/error/type/required", "createImage/error/error/type/type"}
    assert held["user"] == {f"createImage/user/{rule}" for rule in ("type", "accepted", "optional")}


def test_it_is_told_when_a_condition_holds() -> None:
    page = reference().operations[0]
    assert [(each.label, each.when) for each in page.conditionals] == [
        ("dall-e-2", "`model` is `dall-e-2` or absent"),
        ("dall-e-3", "`model` is `dall-e-3`"),
    ]


WORDS = {
    "seed": "at least `0`, less than `1000`, a multiple of `5`, `ddim`: at most `500`",
    "strength": "more than `0`, at most `1`",
    "scheduler": "only `karras`",
    "negative": "at least `3` characters, not `nothing`",
    "colour": "of the pattern `^#[0-9a-f]{6}$`",
    "labels": "at least `2` items, at most `4` items, no item twice, `ddim`: at most `3` items",
    "labels[]": "at most `12` characters",
    "place": "no other members",
    "place.floor": "at least `-1`",
    # What has no words of its own is shown as it stands.
    "weights": 'at most `5` items, `contains: {"type": "integer"}`',
    "extra": "at least `1` member, at most `3` members",
}


def test_each_keyword_is_said_in_words() -> None:
    contract = parse(yaml.safe_dump(with_fields("createImage"), sort_keys=False).encode())
    found = {row.name: row for row in read(contract, ()).operations[0].rows}
    assert {name: set(found[name].limits) for name in WORDS} == {
        n: set(words.split(", ")) for n, words in WORDS.items()
    }
    assert [found[name].type for name in ("upscale", "day", "labels", "styles", "note")] == [
        "boolean",
        "string (date)",
        "array of string",
        "string or array of string",
        "string or null",
    ]


@EACH
def test_each_operation_and_object_has_a_page_and_each_rule_its_place(contract: Contract) -> None:
    made = reference(contract)
    names = {*contract.operations, *(each.name for each in made.objects)}
    markdown, pages = rendering.markdown(made), rendering.pages(made)
    assert markdown.keys() == {"README.md", *(f"{rendering.slug(name)}.md" for name in names)}
    assert pages.keys() == {"index.html", *(f"{rendering.slug(name)}.html" for name in names)}
    for rule in RULES[contract.sha256]:
        assert rule.id in markdown[f"{rendering.slug(rule.operation)}.md"]
        assert rule.id in pages[f"{rendering.slug(rule.operation)}.html"]
    for operation in contract.operations.values():
        table = markdown[f"{rendering.slug(operation.id)}.md"]
        assert all(f"\n| `{name}` | " in table for name in operation.request.properties)


@EACH
def test_no_page_loads_anything_from_elsewhere(contract: Contract) -> None:
    for name, text in rendering.pages(reference(contract)).items():
        addresses = re.findall(r'\b(?:src|href|action)="([^"]*)"', text)
        assert addresses, name
        assert [each for each in addresses if not re.fullmatch(r"(\.\./|\./|docs/|#)?[\w.-]*|data:,", each)] == []
        assert "<style" not in text
        assert not re.search(r"<script(?! src=)|<[^>]*\s(on\w+|style)=", text)


def test_what_a_contract_says_is_shown_as_text() -> None:
    hostile = "<script>alert(1)</script> a | b ![x](https://elsewhere.example/x.png) {{ 7 * 7 }}"
    contract = changed(description=hostile, example='</textarea><script>alert("2")</script>\'')
    made = read(contract, all_rules(contract, Api()))
    text = rendering.pages(made)["createImage.html"]
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; a | b" in text
    assert "a \\| b" in rendering.markdown(made)["createImage.md"]


def test_a_parameter_that_the_contract_gains_shows_by_editing_it_alone(tmp_path: Path) -> None:
    gained = "        user:\n          type: string\n"
    text = CONTRACT.read_text(encoding="utf-8").replace(
        gained,
        "        seed:\n          type: integer\n          minimum: 3\n          example: 7\n"
        f"          description: The number that is drawn from.\n{gained}",
        1,
    )
    (tmp_path / "openapi.yaml").write_text(text, encoding="utf-8")
    assert main(["--root", str(tmp_path)]) == 0
    page = (tmp_path / "docs/api/createImage.md").read_text(encoding="utf-8")
    (row,) = (line for line in page.splitlines() if line.startswith("| `seed` |"))
    assert row.startswith("| `seed` | integer | no |  | at least `3` | The number that is drawn from. |")
    assert "<code>createImage/seed/minimum</code> strict" in row
    assert '"seed": 7' in page
    assert 'extra_body={"seed": 7}' in page
    form = (tmp_path / "conformance/mock/site/createImage.html").read_text(encoding="utf-8")
    assert 'data-name="seed" data-reads="json" data-where="body"' in form
