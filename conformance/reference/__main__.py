"""Runs the reference server: ``python -m conformance.reference [--host 127.0.0.1] [--port 8080] [--workers 1]``.

How it starts and ends, ``program`` says.
"""

from collections.abc import Sequence

from conformance.reference import Behaviour, create_app
from conformance.reference.program import Program, key
from conformance.reference.workers import store_for

_PROGRAM = Program(
    "conformance.reference", "A correct server of the OpenAI Images endpoints, which the suite is tried on."
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until a signal comes; ``arguments`` are those of the command line unless given."""
    options = _PROGRAM.parser().parse_args(arguments)
    with store_for(options.workers) as make_store:
        app = create_app(Behaviour(api_key=key(), make_store=make_store))
        _PROGRAM.serve(app, options.host, options.port, options.workers)


if __name__ == "__main__":
    main()
