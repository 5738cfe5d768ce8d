"""``python -m conformance compare A/report.json B/report.json``: what the last has otherwise than the first."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.text import Text

from conformance.suite.report import compare, compare_views
from conformance.suite.report.record import Exit
from conformance.suite.settings import UsageError

NAME = "compare"
_ABOUT = """\
Compares reports: those of two versions of a server, of a gateway and its upstream, or of several servers. Exit code: 1
if a core or strict rule fails in the last report, in a way that counts against it, that doesn't fail in the first; 0 if
none does, 2 if a file is no report."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see compare --help.")


def main(arguments: Sequence[str], console: Console, renamed: Mapping[str, str]) -> Exit:
    """Compare the reports that are named and return the exit code; raises UsageError.

    ``renamed`` are the ids of today of rules that an earlier version called otherwise.
    """
    parser = _Parser(prog="images-conformance compare", description=_ABOUT, allow_abbrev=False)
    parser.add_argument("reports", nargs="*", metavar="REPORT", help="report.json of a run; the first is the yardstick")
    parser.add_argument("--out", default="", metavar="FILE", help="write a page that shows each rule by server")
    parser.add_argument("--markdown", default="", metavar="FILE", help="write the differences as Markdown; - prints it")
    given = parser.parse_args(arguments)
    made = compare.compare(compare.read([Path(name) for name in given.reports], renamed))
    if given.out:
        _write(Path(given.out), compare_views.html(made, Path(given.out)))
    if given.markdown == "-":
        console.print(Text(compare_views.as_markdown(made)), soft_wrap=True, end="")
    else:
        if given.markdown:
            _write(Path(given.markdown), compare_views.as_markdown(made))
        for line in compare_views.lines(made):
            console.print(Text(line), soft_wrap=True)
    return made.exit_code


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}.") from error
