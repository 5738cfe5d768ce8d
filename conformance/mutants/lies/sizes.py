"""Lies of servers that are said to have image sizes of their own."""

from __future__ import annotations

import attrs

from conformance.mutants.benign.sizes import OWN, making
from conformance.mutants.mutant import Lie
from conformance.reference import Limits, Operation, Values
from conformance.reference.values import Size


def _the_larger(operation: Operation, values: Values, limits: Limits) -> Size:
    del operation, values, limits
    return (96, 96)


def lies() -> tuple[Lie, ...]:
    """Return the lies of this module."""
    some = Lie(
        "own-sizes-256-refused",
        "beside a size of its own it makes 512x512, but no other documented size",
        making("64x64", "512x512"),
        ("size/accepted*",),
        consequences=("size/default",),
    )
    ignored = Lie(
        "own-sizes-ignored",
        "of sizes of its own it makes the larger one, whatever is asked for",
        making(*OWN, choose_size=_the_larger),
        ("response/data/items/dimensions",),
    )
    return attrs.evolve(some, sizes=("64x64", "512x512")), attrs.evolve(ignored, sizes=OWN)
