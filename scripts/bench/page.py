"""Puts the sections into ``docs/performance.md``, each between its own marks, with how and on what it was measured."""

from __future__ import annotations

import os
import platform
import re
import textwrap
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import attrs

from scripts.bench import table
from scripts.bench.table import Row

README = Path(__file__).parents[2] / "README.md"
DOCUMENT = README.parent / "docs" / "performance.md"
_QUOTED = re.compile(r"\[([\d.]+x)\]\(docs/performance\.md#([\w-]+)\)")
_WIDTH = 120


@attrs.frozen
class Section:
    """What a section found: its rows, the versions of what was measured, and in sentences what was not."""

    rows: Sequence[Row]
    versions: Mapping[str, str]
    notes: Sequence[str] = ()


def installed(*names: str) -> dict[str, str]:
    """Return the versions of Python distributions."""
    return {name: version(name) for name in names}


def text(name: str, section: Section) -> str:
    """Return a section as it stands in the document."""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    versions = ", ".join(f"{package} {number}" for package, number in section.versions.items())
    rounds = " or ".join(map(str, sorted({len(row.pairs) for row in section.rows})))
    command = f"`make bench OPTS='--only {name}'`"
    how = f"{command}, {datetime.now(UTC):%Y-%m-%d}, rounds: {rounds}; {machine}; {versions}."
    parts = [textwrap.fill(how, _WIDTH, break_on_hyphens=False, break_long_words=False)]
    parts += [table.markdown(section.rows)] if section.rows else []
    parts += [textwrap.fill(note, _WIDTH, break_on_hyphens=False, break_long_words=False) for note in section.notes]
    return "\n\n".join(parts)


def replaced(document: str, name: str, text: str) -> str:
    """Return the document with this text between the marks of a section; raises ValueError if there are none."""
    first, last = f"<!-- {name}, written by make bench -->\n", f"<!-- end of {name} -->"
    before, opened, rest = document.partition(first)
    _, closed, after = rest.partition(last)
    if not opened or not closed:
        raise ValueError(f"the document has no marks of {name!r}.")
    return f"{before}{first}\n{text}\n\n{last}{after}"


def ratios(document: str) -> dict[str, str]:
    """Return the ratio of each row, such as ``0.31x``, by its anchor."""
    return dict(re.findall(r'^\| <a id="([\w-]+)"></a>[^|]*\|[^|]*\| ([\d.]+x)', document, re.MULTILINE))


def quoted(readme: str) -> list[tuple[str, str]]:
    """Return each ratio that README links to the document, and the anchor that the link names."""
    return _QUOTED.findall(readme)


def requoted(readme: str, document: str) -> str:
    """Return README with each ratio that it links as it stands in the document; a link to no row is left."""
    measured = ratios(document)
    return _QUOTED.sub(lambda link: link[0].replace(link[1], measured.get(link[2], link[1]), 1), readme)


def write(name: str, section: str) -> None:
    """Write a section into the document, and the ratios that README quotes of it."""
    document = replaced(DOCUMENT.read_text(encoding="utf-8"), name, section)
    DOCUMENT.write_text(document, encoding="utf-8")
    README.write_text(requoted(README.read_text(encoding="utf-8"), document), encoding="utf-8")
