"""A comparison as lines for a terminal, as Markdown, and as a page that shows each rule beside each server.

The page is one of the kind of report.html: it loads nothing, runs no script and escapes whatever a report says.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from attrs import frozen
from markupsafe import Markup

from conformance.suite.exchange.words import count, cut, visible
from conformance.suite.report import markdown
from conformance.suite.report.compare import Change, Comparison, Row, Server
from conformance.suite.report.page.rules import link
from conformance.suite.report.record import VerdictEntry
from conformance.suite.report.rendering import environment, policy_hash, source
from conformance.suite.verdicts.verdict import Outcome

_MOST = 25
"""Changes of one kind that are listed in the terminal."""
_LONG = 600


@frozen
class Cell:
    """What became of a rule in one report: a class of the page, words, why, and where the evidence is."""

    kind: str
    words: str
    why: str = ""
    href: str = ""


def lines(comparison: Comparison) -> Iterator[str]:
    """Yield what a person wants to know in the terminal: the reports, how many rules changed, and which."""
    width = max(len(visible(server.name)) for server in comparison.servers)
    for server in comparison.servers:
        yield f"{visible(server.name):<{width}}  {_result(server)}"
    yield from _warnings(comparison)
    yield f"{_counted(comparison)} of {count(len(comparison.rows), 'rule')}"
    for name, changes in _kinds(comparison).items():
        for change in changes[:_MOST]:
            yield f"{name:<6}  {_changed(change)}"
        if len(changes) > _MOST:
            yield f"{name:<6}  and {count(len(changes) - _MOST, 'other rule')}"


def as_markdown(comparison: Comparison) -> str:
    """Return a comparison as Markdown: the reports, and a table of the rules that differ."""
    plain, servers = markdown.plain, comparison.servers
    made = ["## Servers compared", ""]
    made += [f"- **{plain(server.name)}**: {plain(_result(server))}" for server in servers]
    made += [f"\n{plain(line)}" for line in _warnings(comparison)]
    made += ["", f"{_counted(comparison)}, {count(len(comparison.same), 'rule')} the same everywhere.", ""]
    if comparison.differing:
        made += [f"| what it asks for | rule | level | {' | '.join(plain(server.name) for server in servers)} |"]
        made += [f"| --- | --- | --- |{' --- |' * len(servers)}"]
        for row in comparison.differing:
            cells = " | ".join(_cell(cell).words for cell in row.cells)
            made += [f"| {plain(row.title)} | {plain(row.rule)} | {row.level} | {cells} |"]
        made += [""]
    return "\n".join(made)


def html(comparison: Comparison, out: Path) -> str:
    """Return a comparison as a page that is to stand at ``out``, from where its links lead to the reports."""
    made = environment()
    style = source(made, "page/page.css") + source(made, "matrix.css")
    links = [_page(server, out) for server in comparison.servers]

    def cells(row: Row) -> list[Cell]:
        return [_cell(cell, where) for cell, where in zip(row.cells, links, strict=True)]

    def grouped(rows: Iterable[Row]) -> dict[str, list[tuple[Row, list[Cell]]]]:
        groups: dict[str, list[tuple[Row, list[Cell]]]] = {}
        for row in rows:
            groups.setdefault(row.operation, []).append((row, cells(row)))
        return groups

    return made.get_template("matrix.html.j2").render(
        comparison=comparison,
        servers=list(zip(comparison.servers, links, map(_result, comparison.servers), strict=True)),
        differing=grouped(comparison.differing),
        same=grouped(comparison.same),
        warnings=list(_warnings(comparison)),
        counted=_counted(comparison),
        count=count,
        style=Markup(style),  # noqa: S704 - the project's own files
        style_hash=policy_hash(style),
    )


def _kinds(comparison: Comparison) -> dict[str, tuple[Change, ...]]:
    return {"breaks": comparison.breaks, "mends": comparison.mends, "hides": comparison.hides}


def _counted(comparison: Comparison) -> str:
    """Say how many rules the last has otherwise than the first."""
    first, last = (visible(comparison.servers[index].name) for index in (0, -1))
    said = ", ".join(f"{name} {len(changes)}" for name, changes in _kinds(comparison).items())
    return f"Against {first}, {last} {said}"


def _result(server: Server) -> str:
    """Say in a line which server a report is about, and what the run came to."""
    report = server.report
    judged = report["judged"]
    where = "the embedded server" if report["target"]["embedded"] else visible(str(report["target"]["url"]))
    return (
        f"{where}, {report['outcome']}, {judged['rules']} of {count(judged['of'], 'rule')} judged, "
        f"{visible(report['date'])}"
    )


def _warnings(comparison: Comparison) -> Iterator[str]:
    """Say what makes a comparison one of unlike things."""
    if not comparison.one_contract:
        named = ", ".join(f"{visible(s.name)} {str(s.report['contract']['sha256'])[:12]}" for s in comparison.servers)
        yield f"The reports are about different contracts: {named}."
    alone = sum(None in row.cells for row in comparison.rows)
    if alone:
        yield f"{count(alone, 'rule')} {'is' if alone == 1 else 'are'} not in every report."


def _changed(change: Change) -> str:
    rule, title = visible(change.row.rule), visible(change.row.title)
    return f"{rule}  {cut(title, _LONG)} ({change.before}, now {change.after})"


def _cell(cell: VerdictEntry | None, page: str = "") -> Cell:
    if cell is None:
        return Cell("absent", "not in the report")
    known = cell["outcome"] == Outcome.FAIL and cell["known"] is not None
    words = f"{cell['outcome']}, known" if known else cell["outcome"]
    why = "" if cell["outcome"] == Outcome.PASS else cut(cell["message"], _LONG)
    href = f"{page}{link(cell['rule']).href}" if page else ""
    return Cell(cell["outcome"].replace(" ", "-"), words, why, href)


def _page(server: Server, out: Path) -> str:
    """Return the way from a page to the report.html beside a report, empty if there is none."""
    page = server.path.with_name("report.html")
    if not page.is_file():
        return ""
    way = os.path.relpath(page.resolve(), out.resolve().parent)
    return "/".join(quote(os.fsencode(part), safe="") for part in Path(way).parts)
