"""Writes the API reference, or checks that it is what the contract gives.

``python -m scripts.docs`` writes ``docs/api`` and the pages of the mock; with ``--check`` it changes nothing, and exits
1 and names the files that differ, if any does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from conformance.mock.pages import ADDRESS
from conformance.suite.contract.document import load
from conformance.suite.contract.nodes import ContractError
from conformance.suite.images import IMAGES
from conformance.suite.rules.catalogue import all_rules
from scripts.docs import rendering
from scripts.docs.reading import read

MARKDOWN: Final = Path("docs/api")
PAGES: Final = Path("conformance/mock/site")
_SUFFIXES: Final = (".md", ".html")
"""What this program owns in the two folders; the style and the script of the pages are written by hand."""


def made(root: Path) -> dict[Path, str]:
    """Make every file of the reference, by its path below the top of the repository; raises ContractError."""
    contract = load(root / "openapi.yaml")
    rules = all_rules(contract, IMAGES)
    found = {MARKDOWN / name: text for name, text in rendering.markdown(read(contract, rules)).items()}
    return found | {PAGES / name: text for name, text in rendering.pages(read(contract, rules, ADDRESS)).items()}


def drift(root: Path, files: Mapping[Path, str]) -> list[str]:
    """Name the files that differ from what they should be, each with what is wrong."""
    here = {path.relative_to(root) for folder in (MARKDOWN, PAGES) for path in (root / folder).glob("*")}
    there = {path for path in here if path.suffix in _SUFFIXES}
    found = [f"{path.as_posix()} (missing)" for path in files if path not in there]
    found += [f"{path.as_posix()} (not made from the contract)" for path in there - files.keys()]
    differs = (path for path, text in files.items() if path in there and (root / path).read_bytes() != text.encode())
    return sorted([*found, *(f"{path.as_posix()} (differs)" for path in differs)])


def write(root: Path, files: Mapping[Path, str]) -> None:
    """Write the files, and remove those that the contract no longer gives."""
    for folder in (MARKDOWN, PAGES):
        (root / folder).mkdir(parents=True, exist_ok=True)
        for path in (root / folder).iterdir():
            if path.suffix in _SUFFIXES and path.relative_to(root) not in files:
                path.unlink()
    for path, text in files.items():
        (root / path).write_bytes(text.encode())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; the result is the exit status."""
    parser = argparse.ArgumentParser(prog="docs", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a page is out of date")
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[2], help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    try:
        files = made(options.root)
        names = drift(options.root, files)
        if names and not options.check:
            write(options.root, files)
    except (ContractError, OSError) as error:
        sys.stderr.write(f"docs: {error}\n")
        return 2
    if names and options.check:
        sys.stderr.write(f"docs: the API reference is out of date, run `make docs`: {', '.join(names)}\n")
        return 1
    sys.stdout.write(f"the API reference {'was made anew' if names else 'is what openapi.yaml gives'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
