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
NEVER_ANSWERED = 444
"""Stands for no answer: the connection is closed without one (the status by which nginx calls that in its logs)."""


@attrs.frozen
class Mutant:
    """A server with one fault.

    ``make`` makes it. ``fits`` are patterns of the few rules that are about the lie, one of which must fail;
    ``consequences`` those of rules that may fail beside it, because what they are about is not so any more either.
    ``only`` selects the rules that judge it. It is tried with each of the ``models``, as a user would with ``MODEL``,
    until a rule fails. A mutant with a ``key`` is called with that key. One with ``examples`` gets random requests too,
    as many as a run has by default, and if nothing fails so many. One with ``sizes`` is said to have those of its own.
    """

    id: str
    lie: str
    make: Callable[[], ASGIApp] = attrs.field(repr=False)
    fits: tuple[str, ...]
    consequences: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    models: tuple[str | None, ...] = (None,)
    key: str | None = None
    examples: int = 0
    sizes: tuple[str, ...] = ()


@attrs.frozen
class Benign:
    """A correct server; ``serve`` starts it and gives the base URL, and what stands in for the network if anything.

    ``models`` are the server's names of documented models, ``model`` one of its own, ``sizes`` are sizes of its own,
    ``headers`` go with every request, all as a user would give them. ``undecided`` are patterns of the core
    rules that no suite can decide on it, for the reason that is in ``words``.
    """

    id: str
    words: str
    serve: Callable[[], AbstractContextManager[tuple[str, Any]]] = attrs.field(repr=False)
    model: str | None = None
    models: tuple[tuple[str, str], ...] = ()
    key: str | None = None
    only: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    sizes: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()


@attrs.frozen
class Lie:
    """A lie before it is known in which operation it is told.

    Its patterns leave the operation's id out, but for those that begin with one and so hold in that operation alone.
    """

    name: str
    lie: str
    make: Callable[[], ASGIApp] = attrs.field(repr=False)
    fits: tuple[str, ...]
    operations: tuple[str, ...] = OPERATIONS
    models: tuple[str | None, ...] = (None,)
    key: str | None = None
    consequences: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    examples: int = attrs.field(default=0, kw_only=True)
    sizes: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    def mutants(self) -> Iterator[Mutant]:
        """Yield the mutant of each operation."""
        for operation in self.operations:
            yield Mutant(
                f"{operation}/{self.name}",
                self.lie,
                self.make,
                fits=tuple(_patterns(operation, self.fits)),
                consequences=tuple(_patterns(operation, self.consequences)),
                only=(f"{operation}/*",),
                models=self.models,
                key=self.key,
                examples=self.examples,
                sizes=self.sizes,
            )


def _patterns(operation: str, patterns: tuple[str, ...]) -> Iterator[str]:
    """Yield the patterns that hold in an operation, each with the operation's id."""
    for pattern in patterns:
        if pattern.split("/")[0] not in OPERATIONS:
            yield f"{operation}/{pattern}"
        elif pattern.startswith(f"{operation}/"):
            yield pattern


def behaving(**steps: Any) -> Callable[[], ASGIApp]:  # noqa: ANN401 - the fields of a behaviour
    """Return what makes the reference with these steps replaced."""
    return lambda: create_app(Behaviour(**steps))
