"""Runs the mock: ``python -m conformance.mock [--host 127.0.0.1] [--port 8080] [--workers 1]``.

To a browser it shows the API reference at ``http://HOST:PORT/``. How it starts and ends, ``reference/program.py`` says.
"""

from collections.abc import Sequence

from conformance.mock.app import create_mock
from conformance.reference import Behaviour
from conformance.reference.program import Program, key
from conformance.reference.workers import store_for

_PROGRAM = Program("images-mock", "An offline mock of the OpenAI Images endpoints: keeps every documented rule.")


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until a signal comes; ``arguments`` are those of the command line unless given."""
    options = _PROGRAM.parser().parse_args(arguments)
    with store_for(options.workers) as make_store:
        app = create_mock(Behaviour(api_key=key(), make_store=make_store))
        _PROGRAM.serve(app, options.host, options.port, options.workers)


if __name__ == "__main__":
    main()
