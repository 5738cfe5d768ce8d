"""What a person sees at the end of a run: a table, the causes of what failed, what is unclear, and a closing line.

Everything that came from the server is printed as plain text with control characters made visible, so that an answer
can't move the cursor or colour the screen. ``table`` and ``findings`` make the two larger parts; ``progress`` is what
is seen before.
"""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from conformance.suite.exchange.words import count, visible
from conformance.suite.report import findings
from conformance.suite.report.curl import UPLOADS
from conformance.suite.report.record import Report, counts_against
from conformance.suite.report.table import table

EMBEDDED = "EMBEDDED REFERENCE SERVER"
"""What a run is called that says nothing of a server of the user's."""


def summary(console: Console, report: Report, contract: Path, out: Path, *, verbose: bool = False) -> None:
    """Print the table, the causes of what failed, what is unclear, and where the report is."""
    embedded = f"{EMBEDDED} " if report["target"]["embedded"] else ""
    say(console, f"{embedded}{report['target']['url']}")
    console.print(table(console, report))
    shown = findings.failures if verbose else findings.causes
    if shown(console, report, contract):
        say(console, f"Run commands that name {UPLOADS}/ in the report's folder, {out}.")
    findings.reasons(console, report, verbose=verbose)
    closing(console, report)
    for line in filter(None, (latency(report), late(report))):
        say(console, line)
    say(console, f"{out}/report.html, report.json, junit.xml, badge.svg, recording.ndjson")


def closing(console: Console, report: Report) -> None:
    """Print what the run came to."""
    say(console, _closing(report), "bold")


def say(console: Console, text: str, style: str = "") -> None:
    """Print a sentence; a terminal breaks it between words, anything else gets it on one line."""
    console.print(Text(text, style), soft_wrap=not console.is_terminal)


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
