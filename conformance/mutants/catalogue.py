"""All mutants and all correct servers, by id."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from conformance.mutants import (
    benign,
    benign_images,
    benign_network,
    benign_offers,
    benign_second,
    contracts,
    lies_answers,
    lies_errors,
    lies_files,
    lies_images,
    lies_items,
    lies_protocol,
    lies_refusals,
    lies_requests,
    replies,
)
from conformance.mutants.mutant import Benign, Mutant

_LIES = (
    lies_answers,
    lies_items,
    lies_images,
    lies_requests,
    lies_refusals,
    lies_files,
    lies_errors,
    lies_protocol,
)
_BENIGN = (benign, benign_offers, benign_images, benign_network, benign_second)


@cache
def mutants() -> dict[str, Mutant]:
    """Return every mutant by its id, in a fixed order; raises ValueError if two have the same id."""
    found: dict[str, Mutant] = {}
    for mutant in _mutants():
        if mutant.id in found:
            raise ValueError(f"two mutants are called {mutant.id}")
        found[mutant.id] = mutant
    return found


@cache
def benign_servers() -> dict[str, Benign]:
    """Return every correct server by its id, in a fixed order; raises ValueError if two have the same id."""
    found: dict[str, Benign] = {}
    for server in (server for module in _BENIGN for server in module.servers()):
        if server.id in found:
            raise ValueError(f"two correct servers are called {server.id}")
        found[server.id] = server
    return found


def _mutants() -> Iterator[Mutant]:
    yield from contracts.mutants()
    yield from replies.mutants()
    yield from lies_protocol.key_not_asked_in_one()
    for module in _LIES:
        for lie in module.lies():
            yield from lie.mutants()
