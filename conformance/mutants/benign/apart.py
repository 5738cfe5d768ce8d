"""The second correct server, which shares no code with the reference, on a real loopback port."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager

from conformance.mutants import second
from conformance.mutants.benign.serving import Served
from conformance.mutants.mutant import KEY, Benign


def servers() -> Iterator[Benign]:
    """Yield the servers of this module."""
    yield Benign("second", "a correct server that was written apart", _listening)
    yield Benign("second-key", "the second server with a key", lambda: _listening(KEY), key=KEY)
    yield Benign("second-other-model", "the second server, asked for a model of its own", _listening, model="sdxl")


@contextmanager
def _listening(key: str | None = None) -> Generator[Served]:
    with second.serve(second.create_app(key)) as url:
        yield url, None
