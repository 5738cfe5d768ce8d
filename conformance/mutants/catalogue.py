"""All mutants and all correct servers, by id."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from conformance.mutants.benign import apart, choices, network, offers, sizes
from conformance.mutants.benign import images as benign_images
from conformance.mutants.lies import (
    answers,
    bodies,
    errors,
    files,
    images,
    interactions,
    items,
    prompts,
    protocol,
    refusals,
    requests,
    unplanned,
    unsteady,
)
from conformance.mutants.lies import sizes as lies_of_sizes
from conformance.mutants.mutant import Benign, Mutant
from conformance.mutants.walks import contracts, replies

_LIES = (
    *(answers, items, images, requests, prompts, refusals, files, errors, bodies, protocol, unplanned, interactions),
    *(unsteady, lies_of_sizes),
)
_BENIGN = (choices, offers, sizes, benign_images, network, apart)


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
    yield from protocol.key_not_asked_in_one()
    yield from refusals.model_refused_in_one()
    for module in _LIES:
        for lie in module.lies():
            yield from lie.mutants()
