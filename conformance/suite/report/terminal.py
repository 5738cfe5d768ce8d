"""What a person sees: a progress bar while requests are sent, at the end a table and each failure with its evidence.

Everything that came from the server is printed as plain text with control characters made visible, so that an answer
can't move the cursor or colour the screen.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from conformance.suite.exchange.recording import Exchange
from conformance.suite.exchange.words import count, visible
from conformance.suite.report.curl import UPLOADS
from conformance.suite.report.report import Report, VerdictEntry, also, counts_against, uploads
from conformance.suite.rules.rule import Level
from conformance.suite.verdicts.verdict import Outcome

_STYLES = {
    Outcome.PASS: "green",
    Outcome.FAIL: "red",
    Outcome.BLOCKED: "yellow",
    Outcome.NOT_JUDGED: "dim",
    Outcome.UNSUPPORTED: "dim",
    Outcome.BROKEN: "magenta",
}

_ALSO = 2
"""How many failing cases are shown beside the first."""

EMBEDDED = "EMBEDDED REFERENCE SERVER"
"""What a run is called that says nothing of a server of the user's."""


class Bar:
    """How far a run is; call it with each exchange.

    ``total`` is how many requests a correct server gets, ``images`` says how many images an exchange brought.
    """

    def __init__(self, progress: Progress, total: int, images: Callable[[Exchange], int]) -> None:
        """Start the bar."""
        self._progress = progress
        self._images = images
        self._made = 0
        self._task = progress.add_task("sending", total=total, made=count(0, "image"))

    def __call__(self, exchange: Exchange) -> None:
        """Move on by one exchange; a run that sends more than planned for a correct server gets a longer bar."""
        self._made += self._images(exchange)
        made = count(self._made, "image")
        self._progress.update(self._task, advance=1, description=exchange.request.operation, made=made)
        task = self._progress.tasks[0]
        if task.completed > (task.total or 0):
            self._progress.update(self._task, total=task.completed)

    def words(self) -> str:
        """Say on one line how far the run is, and how long the rest takes if it goes on like this."""
        task = self._progress.tasks[0]
        done, total, passed = int(task.completed), int(task.total or 0), task.elapsed or 0.0
        left = f", about {passed / done * (total - done):.0f} s left" if done else ""
        return f"{done} of {count(total, 'request')}, {task.fields['made']} so far, {passed:.0f} s{left}"


@contextmanager
def bar(console: Console, total: int, images: Callable[[Exchange], int], seconds: float = 10.0) -> Generator[Bar]:
    """Show a progress bar while requests are sent; where the console is no terminal, a line every so many seconds."""
    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[made]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        shown = Bar(progress, total, images)
        ended = threading.Event()

        def tell() -> None:
            while not ended.wait(seconds):
                console.print(Text(shown.words()), soft_wrap=True)

        teller = threading.Thread(target=tell, daemon=True)
        if not console.is_terminal:
            teller.start()
        try:
            yield shown
        finally:
            ended.set()
            if teller.is_alive():
                teller.join()


def summary(console: Console, report: Report, contract: Path, out: Path) -> None:
    """Print the table, each failure, what is unclear, and where the report is."""
    failures = [v for v in report["verdicts"] if v["outcome"] == Outcome.FAIL]
    for verdict in sorted(failures, key=lambda v: (list(Level).index(Level(v["level"])), v["known"] is not None)):
        console.print(_failure(verdict, contract), soft_wrap=True)
    if uploads(report):
        console.print(Text(f"\nRun commands that name {UPLOADS}/ in the report's folder, {out}.\n"), soft_wrap=True)
    console.print(_table(report))
    for outcome in (Outcome.BROKEN, Outcome.BLOCKED, Outcome.NOT_JUDGED, Outcome.UNSUPPORTED):
        _reasons(console, report, outcome)
    console.print(Text(_closing(report), "bold"))
    for line in filter(None, (latency(report), late(report))):
        console.print(Text(line), soft_wrap=True)
    console.print(Text(f"{out}/report.html, report.json, junit.xml, badge.svg, recording.ndjson"), soft_wrap=True)


def _failure(verdict: VerdictEntry, contract: Path) -> Text:
    text = Text("\n")
    label = verdict["level"] if verdict["known"] is None else f"{verdict['level']}, known: {verdict['known']}"
    text.append(f"FAIL {verdict['rule']}", "bold red" if counts_against(verdict) else "yellow")
    text.append(f"  ({visible(label)})\n")
    source = verdict["source"]
    lines = also(verdict, _ALSO)
    place = f"{contract.name}:{source['line']}"
    rows = [
        ("contract", f"{place}  {source['text']}"),
        ("expected", verdict["expected"] if verdict["expected"] != source["text"] else ""),
        ("seen", verdict["message"]),
        *(("also" if line == lines[0] else "", line) for line in lines),
        ("try", verdict["curl"] or ""),
    ]
    for name, value in rows:
        if value:
            text.append(f"  {name:<9}", "dim")
            text.append(f"{visible(value)}\n")
    return text


def _table(report: Report) -> Table:
    title = f"{f'{EMBEDDED} ' if report['target']['embedded'] else ''}{report['target']['url']}"
    # Without frames and space around it nothing is cut off on a terminal of 80 columns.
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=0)
    table.add_column("operation")
    table.add_column("level")
    for outcome in Outcome:
        table.add_column(outcome.value, justify="right")
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for verdict in report["verdicts"]:
        row = rows.setdefault((verdict["operation"], verdict["level"]), dict.fromkeys(Outcome, 0))
        row[verdict["outcome"]] += 1
    shown = ""
    for (operation, level), row in sorted(rows.items(), key=lambda item: _order(report, *item[0])):
        cells = [Text(str(row[outcome]), _STYLES[outcome] if row[outcome] else "dim") for outcome in Outcome]
        table.add_row(operation if operation != shown else "", level, *cells)
        shown = operation
    return table


def _order(report: Report, operation: str, level: str) -> tuple[int, int]:
    operations = list(dict.fromkeys(verdict["operation"] for verdict in report["verdicts"]))
    return operations.index(operation), list(Level).index(Level(level))


def _reasons(console: Console, report: Report, outcome: Outcome) -> None:
    """Print why rules have an outcome that says nothing about the server, one line for each reason."""
    groups: dict[str, list[str]] = {}
    for verdict in report["verdicts"]:
        if verdict["outcome"] == outcome:
            groups.setdefault(verdict["message"], []).append(verdict["rule"])
    for reason, rules in groups.items():
        shown = rules[0] if len(rules) == 1 else f"{len(rules)} rules, such as {rules[0]}"
        console.print(Text(f"{outcome.value}: {shown}: {visible(reason)}", _STYLES[outcome]))


def judged(report: Report) -> str:
    """Say how many rules were decided, of all rules of the contract."""
    return f"{report['judged']['rules']} of {count(report['judged']['of'], 'rule')} judged"


def images(report: Report) -> str:
    """Say how many images were asked for, and how many came."""
    return f"asked for {count(report['images_requested'], 'image')}, got {report['images_received']}"


def latency(report: Report) -> str:
    """Say how long valid requests took; empty if none was accepted."""
    took = report["latency"]
    if took["median"] is None:
        return ""
    many = count(took["count"], "accepted request")
    return f"{many} took {took['median']:.2f} s in the median, 95% no more than {took['p95']:.2f} s"


def late(report: Report) -> str:
    """Say that valid requests had no answer in time, and what may help; empty if all had one."""
    found = report["late"]
    if found is None:
        return ""
    longest = "" if found["longest"] is None else f" answers came after up to {found['longest']:.3g} s;"
    many = f"{count(found['count'], 'valid request')} had no answer within {found['timeout']:g} s"
    return f"{many};{longest} try --timeout {found['suggested']}."


def _closing(report: Report) -> str:
    words = {
        "pass": "CONFORMANT" if report["complete"] else f"CONFORMANT as far as judged, {judged(report)}",
        "fail": "NOT CONFORMANT",
        "incomplete": f"INCOMPLETE, {judged(report)}",
        "error": "COULD NOT BE JUDGED",
        "interrupted": f"INTERRUPTED, {judged(report)}",
    }
    where = f" ({EMBEDDED})" if report["target"]["embedded"] else ""
    where += "" if report["target"].get("certificate_checked", True) else " (certificate not checked)"
    return (
        f"{words[report['outcome']]}{where}: {_why(report)} "
        f"{count(report['requests'], 'request')}, {images(report)}, {report['seconds']:.1f} s"
    )


def _why(report: Report) -> str:
    """Say what made the result: the rules that fail, the known failures that don't, or both."""
    against = sum(counts_against(verdict) for verdict in report["verdicts"])
    fails = f"{count(against, 'core or strict rule')} {'fails' if against == 1 else 'fail'}"
    stale = [visible(rule) for rule in report["stale_known"]]
    if not stale:
        return f"{fails};"
    some, verb, them = ("failure", "fails", "it") if len(stale) == 1 else ("failures", "fail", "them")
    listed = f"the known {some} {' and '.join(stale)} no longer {verb}; take {them} off the list."
    return f"{fails}, and {listed}" if against else listed
