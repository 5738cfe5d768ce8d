"""Runs the mock: ``images-mock`` or ``python -m conformance.mock``, with ``--help`` for its options.

To a browser it shows the API reference at ``http://HOST:PORT/``. How it starts and ends, ``reference/program.py`` says.
"""

import argparse
import sys
from collections.abc import Sequence

from conformance.mock.app import create_mock
from conformance.mock.faults.grammar import Fault, FaultError, parse
from conformance.mock.faults.kinds import KINDS
from conformance.mock.faults.layer import HEADER
from conformance.reference import Behaviour
from conformance.reference.program import Program, give_up, key
from conformance.reference.workers import store_for

_PROGRAM = Program("images-mock", "An offline mock of the OpenAI Images endpoints: keeps every documented rule.")


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until a signal comes; ``arguments`` are those of the command line unless given."""
    parser = _PROGRAM.parser()
    parser.add_argument("--models", type=_names, default=(), help="take these models alone, such as a,b (default: any)")
    parser.add_argument(
        "--fault",
        type=_fault,
        help=f"what goes wrong, such as '429=2 x3'; there are {', '.join(KINDS)}; a request asks by {HEADER}",
    )
    parser.add_argument("--quiet", action="store_true", help="write no line for each request")
    options = parser.parse_args(arguments)
    with store_for(options.workers) as make_store:
        try:
            mock = create_mock(
                Behaviour(api_key=key(), make_store=make_store),
                offered=options.models,
                fault=options.fault,
                log=None if options.quiet else sys.stderr,
                alone=options.workers == 1,
            )
        except FaultError as error:
            give_up(_PROGRAM.name, f"argument --fault: {error}")
        _PROGRAM.serve(mock, options.host, options.port, options.workers)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if not all(names):
        message = f"{text!r} names a model that has no name"
        raise argparse.ArgumentTypeError(message)
    return names


def _fault(text: str) -> Fault:
    try:
        return parse(text)
    except FaultError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


if __name__ == "__main__":
    main()
