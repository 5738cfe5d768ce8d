"""Runs the sections and writes what they found; see ``scripts/bench/__init__.py``."""

from __future__ import annotations

import argparse
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Final, NoReturn

from scripts.bench import client, faults, mock, page, suite
from scripts.bench.page import Section
from scripts.bench.processes import BenchError, SkippedError

SECTIONS: Final[Mapping[str, Callable[..., Section]]] = {
    "client": client.measure,
    "mock": mock.measure,
    "suite": suite.measure,
    "faults": faults.measure,
}
_ROUNDS = 5
_QUICK = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write each section as soon as it is done, and return 1 if one came to nothing."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench", description="Writes docs/performance.md.")
    parser.add_argument("--only", action="append", choices=SECTIONS, metavar="SECTION", help=f"{', '.join(SECTIONS)}")
    parser.add_argument("--rounds", type=_at_least_one, help=f"how often each is measured (default {_ROUNDS})")
    parser.add_argument("--quick", action="store_true", help="a smoke test: one small round, printed and not written")
    given = parser.parse_args(arguments)
    failed = 0
    for name in given.only or SECTIONS:
        began = time.monotonic()
        try:
            found = SECTIONS[name](given.rounds or (_QUICK if given.quick else _ROUNDS), quick=given.quick)
        except SkippedError as why:
            print(f"bench: {why}", file=sys.stderr)  # noqa: T201 - the program's output
            continue
        except BenchError as error:
            print(f"bench: {name} came to nothing: {error}", file=sys.stderr)  # noqa: T201 - the program's output
            failed = 1
            continue
        except Exception:  # noqa: BLE001 - the other sections are still to be measured
            print(f"bench: {name} came to nothing:\n{traceback.format_exc()}", file=sys.stderr)  # noqa: T201 - the program's output
            failed = 1
            continue
        text = page.text(name, found)
        print(f"{text}\n\n{name}: {time.monotonic() - began:.0f} s\n", flush=True)  # noqa: T201 - the program's output
        if not given.quick:
            page.write(name, text)
    return failed


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """Leave in an orderly way, so that whatever was started is ended."""
    del number, frame
    sys.exit(1)


def _at_least_one(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of rounds")
    return int(text)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    sys.exit(main())
