"""The structure of a page: every link leads somewhere, headings are in order, and nothing needs the script."""

import itertools
import re
from functools import cache
from html.parser import HTMLParser

import httpx
import pytest

from conformance.reference import Behaviour
from conformance.selftest.suite.runs import prepared_for, run_on, settings, status
from conformance.selftest.suite.test_rejudging import lax
from conformance.suite.report import pages, report
from conformance.suite.report.page.rules import anchor, link
from conformance.suite.report.record import Report
from conformance.suite.settings import Limits

VOID = ("meta", "br", "img", "input")
RUNS = ("correct", "faulty", "refusing", "lenient", "bounded")


def lenient(request: httpx.Request) -> httpx.Response:
    """Answer the same thing whatever is asked."""
    del request
    return httpx.Response(200, json={"created": 1, "data": [{"url": "/1.png"}]})


@cache
def made(name: str) -> tuple[Report, str]:
    """Return the report and the page of a run."""
    servers = {"faulty": Behaviour(validate=lax), "refusing": status(400), "lenient": httpx.MockTransport(lenient)}
    limits = Limits(images=4) if name == "bounded" else None
    result = run_on(servers.get(name, Behaviour()), settings(limits=limits))
    built = report.build(result)
    return built, pages.html(built, result.shown, prepared_for(result))


class Reader(HTMLParser):
    """Reads a page into its elements, each with those around it."""

    def __init__(self, page: str) -> None:
        """Read the page."""
        super().__init__()
        self.around: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), tuple(self.around)))
        self.around += [] if tag in VOID else [tag]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), tuple(self.around)))

    def handle_endtag(self, tag: str) -> None:
        assert self.around.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of each element of this name."""
        return [attributes for name, attributes, _ in self.elements if name == tag]


@pytest.mark.parametrize("name", RUNS)
def test_every_rule_has_its_place_and_every_link_leads_somewhere(name: str) -> None:
    built, page = made(name)
    reader = Reader(page)
    ids = [attributes["id"] for _, attributes, _ in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {anchor(verdict["rule"]) for verdict in built["verdicts"]} <= {*ids}
    assert {(attributes["href"] or "").removeprefix("#") for attributes in reader.all("a")} <= {*ids}


@pytest.mark.parametrize("name", RUNS)
def test_headings_are_in_order_and_sections_have_names(name: str) -> None:
    reader = Reader(made(name)[1])
    levels = [int(tag[1]) for tag, _, _ in reader.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    ids = {attributes.get("id") for _, attributes, _ in reader.elements}
    assert {attributes["aria-labelledby"] for attributes in reader.all("section")} <= ids
    assert [len(reader.all(tag)) for tag in ("main", "header", "footer", "nav")] == [1] * 4


@pytest.mark.parametrize("name", RUNS)
def test_without_the_script_its_controls_are_hidden_and_nothing_else_is(name: str) -> None:
    reader = Reader(made(name)[1])
    hidden = [(tag, made) for tag, made, around in reader.elements if "hidden" in made and "form" not in around]
    assert {(tag, attributes.get("class")) for tag, attributes in hidden} == {("button", "copy"), ("form", "filter")}
    controls = [attributes for tag, attributes, around in reader.elements if tag == "button" and "form" not in around]
    assert all("hidden" in attributes for attributes in controls)
    assert all(attributes["type"] == "button" for attributes in reader.all("button"))
    assert all("form" in around for tag, _, around in reader.elements if tag in ("input", "label"))
    chips = [attributes for attributes in reader.all("button") if "data-value" in attributes]
    assert chips
    assert {attributes["aria-pressed"] for attributes in chips} == {"false"}
    assert [attributes["for"] for attributes in reader.all("label")] == ["search"]


def test_rules_can_be_sorted_out_by_outcome_level_and_operation() -> None:
    built, page = made("faulty")
    rules = [attributes for _, attributes, _ in Reader(page).elements if (attributes.get("class") or "")[:4] == "rule"]
    found = sorted((rule["data-outcome"], rule["data-level"], rule["data-operation"]) for rule in rules)
    assert found == sorted((v["outcome"], v["level"], v["operation"]) for v in built["verdicts"])


def test_what_fails_is_open_where_it_is_little_and_the_first_cause_is() -> None:
    _, page = made("faulty")
    assert re.findall(r'<details class="group" id="fail-\d" data-outcome="fail" open>', page)
    assert page.count('<li class="cause">\n<details open>') == 1
    _, page = made("lenient")
    assert not re.findall(r'<details class="group" id="[a-z-]+\d"[^>]* open>', page)


def test_what_was_not_found_out_is_grouped_by_its_reason() -> None:
    built, page = made("bounded")
    few = [verdict for verdict in built["verdicts"] if verdict["outcome"] == "not judged"]
    reason = "could not find out: not sent: the image budget is spent"
    number = sum(verdict["message"] == reason for verdict in few)
    assert f'">{number} rules</a> <span class="not-judged">not judged</span>: {reason}</li>' in page


def test_a_sentence_that_no_rule_covers_is_shown_with_the_reason() -> None:
    built, page = made("correct")
    assert page.count('<p class="quiet">a URL') <= len(built["excluded"])
    for part in built["excluded"][:3]:
        assert f"<li><p>Line {part['line']}: <q>{part['text']}</q></p>" in page


def test_an_id_with_spaces_becomes_one_without() -> None:
    assert (anchor("a b/c@d"), link("a b/c@d e<").href) == ("a-b/c@d", "#a-b/c@d-e%3C")
