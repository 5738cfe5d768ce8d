"""Runs the mock: ``python -m conformance.mock [--host 127.0.0.1] [--port 8080]``.

To a browser it shows the API reference at ``http://HOST:PORT/``. How it starts and ends, ``reference/program.py`` says.
"""

from collections.abc import Sequence

from conformance.mock.app import create_mock
from conformance.reference import Behaviour
from conformance.reference.program import Program, key

_PROGRAM = Program("images-mock", "An offline mock of the OpenAI Images endpoints: keeps every documented rule.")


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until a signal comes; ``arguments`` are those of the command line unless given."""
    options = _PROGRAM.parser().parse_args(arguments)
    _PROGRAM.serve(create_mock(Behaviour(api_key=key())), options.host, options.port)


if __name__ == "__main__":
    main()
