"""What is tried out: a server that tells one lie, or a correct one that differs from the reference.

A lie is told in all operations at once where the reference's steps don't know which one they serve; it is judged by the
rules of one operation, and since those see nothing but their own operation's exchanges, that comes to the same as a
server that lies in one operation. So each lie gives one mutant for each operation that it concerns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import attrs
from starlette.types import ASGIApp

from conformance.reference import Behaviour, create_app

OPERATIONS = ("createImage", "createImageEdit", "createImageVariation")
FORMS = OPERATIONS[1:]
PROMPTED = OPERATIONS[:2]
KEY = "sk-mutants-0123456789"
"""The key of servers that ask for one."""


@attrs.frozen
class Mutant:
    """A server with one fault.

    ``make`` makes it; ``fits`` are patterns of the rules that are about the lie; ``only`` selects the rules that judge
    it. It is tried with each of the ``models``, as a user would with ``MODEL``, until a rule fails. A mutant with a
    ``key`` is called with that key.
    """

    id: str
    lie: str
    make: Callable[[], ASGIApp] = attrs.field(repr=False)
    fits: tuple[str, ...]
    only: tuple[str, ...] = ()
    models: tuple[str | None, ...] = (None,)
    key: str | None = None


@attrs.frozen
class Benign:
    """A correct server; ``serve`` starts it and gives the base URL, and what stands in for the network if anything.

    ``models`` are the server's names of documented models, ``model`` one of its own, as a user would give them.
    """

    id: str
    words: str
    serve: Callable[[], AbstractContextManager[tuple[str, Any]]] = attrs.field(repr=False)
    model: str | None = None
    models: tuple[tuple[str, str], ...] = ()
    key: str | None = None
    only: tuple[str, ...] = ()


@attrs.frozen
class Lie:
    """A lie before it is known in which operation it is told; ``fits`` may hold ``{}`` for the operation's id."""

    name: str
    lie: str
    make: Callable[[], ASGIApp] = attrs.field(repr=False)
    fits: tuple[str, ...]
    operations: tuple[str, ...] = OPERATIONS
    models: tuple[str | None, ...] = (None,)
    key: str | None = None

    def mutants(self) -> Iterator[Mutant]:
        """Yield the mutant of each operation."""
        for operation in self.operations:
            fits = tuple(f"{operation}/{pattern}" for pattern in self.fits)
            name = f"{operation}/{self.name}"
            yield Mutant(name, self.lie, self.make, fits, (f"{operation}/*",), self.models, self.key)


def behaving(**steps: Any) -> Callable[[], ASGIApp]:  # noqa: ANN401 - the fields of a behaviour
    """Return what makes the reference with these steps replaced."""
    return lambda: create_app(Behaviour(**steps))
