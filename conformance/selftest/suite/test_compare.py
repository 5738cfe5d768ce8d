"""Reports side by side: only what became of a rule counts, and a report is a file from anywhere."""

import asyncio
import copy
import json
import random
import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.mutants import catalogue
from conformance.reference import Behaviour, create_app
from conformance.selftest.suite import runs
from conformance.selftest.suite.test_markdown import BREAKS, Rendered
from conformance.selftest.suite.test_pages import HOSTILE, Page
from conformance.suite import command
from conformance.suite.exchange.words import visible
from conformance.suite.report import compare, compare_views, markdown, report
from conformance.suite.report.compare import Comparison

ONLY = "createImage/*"
COUNT, MAXIMUM, ADVICE = "createImage/response/data/count", "createImage/n/maximum", "createImage/n/integer-form"
CHANGED = {"outcome": "fail", "message": "Too many."}


class Restless(httpx.AsyncBaseTransport):
    """A correct server whose answers come after other times and under other ids in every run."""

    def __init__(self) -> None:
        """Start the server."""
        self._server = httpx.ASGITransport(create_app(Behaviour(api_key=runs.KEY)))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(random.uniform(0, 0.005))  # noqa: S311 - no secret
        answer = await self._server.handle_async_request(request)
        answer.headers["x-request-id"] = str(uuid.uuid4())
        return answer


@cache
def made(name: str) -> dict[str, Any]:
    """Return the report of a run on a correct server, a restless one or a mutant, as it is read from its file."""
    servers: dict[str, Callable[[], Any]] = {"correct": Behaviour, "again": Behaviour, "restless": Restless}
    server = servers[name]() if name in servers else httpx.ASGITransport(catalogue.mutants()[name].make())
    return json.loads(json.dumps(report.build(runs.run_on(server, runs.settings(ONLY, examples=1)))))


def changed(name: str, *changes: tuple[str, dict[str, Any]], **parts: object) -> dict[str, Any]:
    """Return a report with parts of some verdicts, or of itself, changed."""
    found = copy.deepcopy(made(name))
    for rule, change in changes:
        next(verdict for verdict in found["verdicts"] if verdict["rule"] == rule).update(change)
    return {**found, **parts}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(*reports: dict[str, Any]) -> list[str]:
    """Write reports into folders called a, b and so on, and return their paths."""
    paths = [Path("abcd"[index]) / "report.json" for index in range(len(reports))]
    for path, one in zip(paths, reports, strict=True):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(one), encoding="utf-8")
        path.with_name("report.html").write_text("", encoding="utf-8")
    return [str(path) for path in paths]


def compared(*reports: dict[str, Any]) -> Comparison:
    return compare.compare(compare.read([Path(path) for path in written(*reports)]))


def rules(changes: tuple[compare.Change, ...]) -> list[str]:
    return [change.row.rule for change in changes]


@pytest.mark.parametrize("other", ["again", "restless"])
def test_two_runs_on_correct_servers_are_equal(other: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert compared(made("correct"), made(other)).differing == ()
    assert command.main(["compare", "a/report.json", "b/report.json"]) == 0
    assert "Against a, b breaks 0, mends 0, hides 0 of 99 rules\n" in capsys.readouterr().out


def test_what_the_last_breaks_is_told_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    paths = written(made("correct"), made(COUNT.replace("response/data/count", "n-ignored")))
    assert command.main(["compare", *paths]) == 1
    out = capsys.readouterr().out
    assert f"breaks  {COUNT}  as many images are answered as n says (pass, now fail)\n" in out
    assert len(out.splitlines()) < 10
    assert command.main(["compare", *reversed(paths)]) == 0
    assert f"mends   {COUNT}  as many images are answered as n says (fail, now pass)\n" in capsys.readouterr().out


def test_only_the_first_and_the_last_decide() -> None:
    bad = changed("correct", (MAXIMUM, CHANGED))
    assert compared(made("correct"), bad, made("correct")).exit_code == 0
    assert compared(bad, made("correct"), bad).exit_code == 0
    found = compared(made("correct"), made("correct"), bad)
    assert (found.exit_code, rules(found.breaks)) == (1, [MAXIMUM])


@pytest.mark.parametrize(
    ("first", "last", "breaks"),
    [
        ({}, CHANGED, True),
        ({"outcome": "blocked"}, CHANGED, True),
        ({"outcome": "unsupported"}, CHANGED, True),
        ({}, {**CHANGED, "known": "One day."}, False),
        ({**CHANGED, "known": "One day."}, CHANGED, False),
        (CHANGED, CHANGED, False),
        ({}, {"outcome": "blocked"}, False),
    ],
)
def test_a_failure_counts_that_the_first_has_not(first: dict[str, Any], last: dict[str, Any], *, breaks: bool) -> None:
    found = compared(changed("correct", (MAXIMUM, first)), changed("correct", (MAXIMUM, last)))
    assert rules(found.breaks) == ([MAXIMUM] if breaks else [])


def test_advice_is_shown_and_decides_nothing() -> None:
    found = compared(made("correct"), changed("correct", (ADVICE, CHANGED)))
    assert ([row.rule for row in found.differing], found.breaks, found.exit_code) == ([ADVICE], (), 0)


@pytest.mark.parametrize("outcome", ["blocked", "not judged", "unsupported", "broken"])
def test_what_a_gateway_keeps_from_being_found_out_is_hidden(outcome: str) -> None:
    found = compared(made("correct"), changed("correct", (MAXIMUM, {"outcome": outcome})))
    assert (rules(found.hides), found.exit_code) == ([MAXIMUM], 0)
    fails = compared(changed("correct", (MAXIMUM, CHANGED)), changed("correct", (MAXIMUM, {"outcome": outcome})))
    assert (rules(fails.hides), fails.mends) == ([MAXIMUM], ())


def test_unlike_reports_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    fewer = changed("correct", contract={"sha256": "0" * 64, "title": None, "version": None})
    fewer["verdicts"] = fewer["verdicts"][1:]
    assert command.main(["compare", *written(made("correct"), fewer)]) == 0
    out = capsys.readouterr().out
    assert "The reports are about different contracts: a " in out
    assert "b 000000000000." in out
    assert "1 rule is not in every report." in out


BAD: dict[str, Callable[[dict[str, Any]], str]] = {
    "no JSON": lambda _: "{",
    "another file": lambda _: '{"name": "left-pad"}',
    "a list": lambda _: "[]",
    "of another version": lambda found: json.dumps({**found, "schema_version": 2}),
    "with an outcome of its own": lambda found: json.dumps(
        {**found, "verdicts": [{**found["verdicts"][0], "outcome": "<b>"}]}
    ),
    "a rule twice": lambda found: json.dumps({**found, "verdicts": found["verdicts"][:1] * 2}),
    "no number": lambda found: json.dumps({**found, "seconds": float("nan")}),
    "nested deep": lambda _: "[" * 100_000,
    "a long number": lambda _: "9" * 100_000,
    "too large": lambda _: " " * (32 * 1024 * 1024 + 1),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_report_is_told_in_one_sentence(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (good,) = written(made("correct"))
    Path("bad.json").write_text(BAD[name](made("correct")), encoding="utf-8")
    assert command.main(["compare", good, "bad.json", "--out", "m.html"]) == 2
    captured = capsys.readouterr()
    (line,) = captured.err.splitlines()
    assert "bad.json" in line
    assert line.endswith(".")
    assert captured.out == ""
    assert not Path("m.html").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "compare needs two reports or more"),
        (["a/report.json"], "compare needs two reports or more"),
        (["a/report.json", "nowhere.json"], "nowhere.json can't be read: No such file"),
        (["a/report.json", "a"], "a can't be read: Is a directory"),
        (["a/report.json", "a/report.json", "--frobnicate"], "--frobnicate"),
        (["a/report.json", "a/report.json", "--out", "nowhere/m.html"], "nowhere/m.html can't be written"),
        (["a/report.json", "a/report.json", "--markdown", "a"], "a can't be written"),
    ],
)
def test_what_can_not_be_compared_is_told(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    written(made("correct"))
    assert command.main(["compare", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line


def harmful() -> dict[str, Any]:
    """Return a report that says harmful things wherever the schema lets it say anything."""
    words = f"{HOSTILE}{BREAKS}"
    found = changed(
        "correct", (MAXIMUM, {**CHANGED, "rule": words, "title": words, "message": words, "operation": words})
    )
    found["target"]["url"] = words
    return found


def test_nothing_that_a_report_says_is_markup_or_leads_elsewhere() -> None:
    found = compared(made("correct"), harmful())
    # Half of a surrogate pair is no character.
    shown = visible(f"{HOSTILE}{BREAKS}".replace("\ud83e", "?"))
    page = Page()
    page.feed(compare_views.html(found, Path("matrix.html")))
    page.close()
    assert page.open == []
    assert shown in page.text
    assert page.text.replace("\n", "").isprintable()
    tags = {tag for tag, _ in page.elements}
    assert tags.isdisjoint({"script", "img", "b", "i", "iframe", "link", "form"})
    links = [attributes["href"] or "" for tag, attributes in page.elements if tag == "a"]
    assert links
    assert all(link.startswith(("a/report.html", "b/report.html")) for link in links)
    assert not [
        name for _, attributes in page.elements for name in attributes if name.startswith(("on", "style", "src"))
    ]
    (policy,) = [a["content"] or "" for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert all(line.isprintable() for line in compare_views.lines(found))
    rendered = Rendered(compare_views.as_markdown(found))
    assert {*rendered.tags} <= {"h2", "ul", "li", "strong", "p", "table", "thead", "tbody", "tr", "th", "td"}
    assert rendered.tags.count("td") == 5 * len(found.differing)


def test_a_cell_leads_to_its_rule_in_the_report(folder: Path) -> None:
    found = compared(made("correct"), changed("correct", (MAXIMUM, CHANGED)))
    (folder / "pages").mkdir()
    page = compare_views.html(found, Path("pages/matrix.html"))
    assert f'<td class="fail"><a href="../b/report.html#{MAXIMUM}">fail</a>' in page
    assert "<details><summary>why</summary><p>Too many.</p></details>" in page
    Path("b/report.html").unlink()
    assert "../b/report.html" not in compare_views.html(found, Path("pages/matrix.html"))
    assert page.index("1 rule with differences") < page.index("98 rules without")


def test_a_folder_of_an_odd_name_is_a_link_all_the_same() -> None:
    (first, second) = written(made("correct"), made("correct"))
    odd = Path("javascript:alert(1)#?%\N{OTTER}")
    Path(first).parent.rename(odd)
    assert command.main(["compare", str(odd / "report.json"), second, "--out", "matrix.html"]) == 0
    page = Path("matrix.html").read_text(encoding="utf-8")
    assert 'href="javascript%3Aalert%281%29%23%3F%25%F0%9F%A6%A6/report.html#createImage/accepted"' in page


def test_markdown_goes_to_a_file_or_instead_of_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    paths = written(made("correct"), changed("correct", (MAXIMUM, CHANGED)))
    assert command.main(["compare", *paths, "--markdown", "diff.md"]) == 1
    assert "breaks  createImage/n/maximum" in capsys.readouterr().out
    assert command.main(["compare", *paths, "--markdown", "-"]) == 1
    assert capsys.readouterr().out == Path("diff.md").read_text(encoding="utf-8")
    row = f"| n above 10 must be refused | {markdown.plain(MAXIMUM)} | strict | pass | fail |"
    assert row in Path("diff.md").read_text(encoding="utf-8").splitlines()


def test_reports_in_folders_of_one_name_are_called_by_their_paths() -> None:
    for name in ("old", "new"):
        Path(name, "report").mkdir(parents=True)
        Path(name, "report", "report.json").write_text(json.dumps(made("correct")), encoding="utf-8")
    servers = compare.read([Path("old/report/report.json"), Path("new/report/report.json")])
    assert [server.name for server in servers] == ["old/report/report.json", "new/report/report.json"]
