"""Runs the second server: ``python -m conformance.mutants.second [--port 8081]``, on the loopback interface."""

from __future__ import annotations

import argparse
import sys
import threading
from contextlib import suppress

from conformance.mutants.second import create_app, serve


def main() -> None:
    """Serve until the user interrupts it."""
    parser = argparse.ArgumentParser(prog="python -m conformance.mutants.second", description="A correct server.")
    parser.add_argument("--port", type=int, default=8081, help="port (default: %(default)s)")
    with serve(create_app(), parser.parse_args().port) as url, suppress(KeyboardInterrupt):
        sys.stdout.write(f"listening on {url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
