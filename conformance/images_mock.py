"""The console script ``images-mock``: without the extra that the mock needs, it says in a sentence what to install."""

import sys

from conformance import distribution


def main() -> None:
    """Serve the mock until a signal comes; exits with 2 if it can't be started."""
    absent = distribution.lacking()
    if absent:
        print(f"images-mock: the mock {absent}.", file=sys.stderr)  # noqa: T201 - the program's output
        sys.exit(2)
    from conformance.mock.__main__ import main as serve  # noqa: PLC0415 - the extra has what it imports

    serve()
