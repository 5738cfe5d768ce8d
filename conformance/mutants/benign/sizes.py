"""Correct servers that make images in sizes of their own, which the user names."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import attrs
from starlette.types import ASGIApp

from conformance.mutants.benign.choices import benign
from conformance.mutants.mutant import Benign
from conformance.reference import Behaviour, create_app, load_contract
from conformance.reference.values import Node

OWN = ("64x64", "96x96")


def servers() -> Iterator[Benign]:
    """Yield the servers of this module."""
    yield attrs.evolve(
        benign("own-sizes", "it makes two sizes of its own and refuses the documented ones", making(*OWN)), sizes=OWN
    )
    unused = benign("own-sizes-beside", "it makes sizes of its own beside the documented ones", _beside())
    yield attrs.evolve(unused, sizes=OWN)


def making(*sizes: str, **steps: object) -> Callable[[], ASGIApp]:
    """Return what makes the reference with these sizes alone, the first by default, and these steps replaced."""
    return lambda: create_app(attrs.evolve(Behaviour(contract=_sized(lambda _: list(sizes), sizes[0])), **steps))


def _beside() -> Callable[[], ASGIApp]:
    return lambda: create_app(Behaviour(contract=_sized(lambda documented: [*documented, *OWN], "1024x1024")))


def _sized(chosen: Callable[[list[str | None]], list[str | None] | list[str]], default: str) -> Node:
    """Return the contract with other sizes in the place of the documented ones."""
    document = copy.deepcopy(load_contract())
    schemas = document["components"]["schemas"]
    for name in ("ImageSize", "ImageFormSize"):
        schemas[name] |= {"enum": chosen(schemas[name]["enum"]), "default": default}
    for block in schemas["CreateImageRequest"]["allOf"]:
        size = block["then"]["properties"]["size"]
        size["enum"] = [*dict.fromkeys((*chosen(size["enum"]), None))]
    return document
