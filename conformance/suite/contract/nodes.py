"""Nodes of a parsed document: typed looks at them, and the parts of a JSON pointer (RFC 6901)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard, cast


class ContractError(Exception):
    """The contract can't be read or has a shape that the suite doesn't know; the message says where."""


def as_map(node: object) -> Mapping[str, object]:
    """Return the node as a mapping, an absent one as an empty one; raises ContractError if it is something else."""
    if node is None:
        return {}
    if not isinstance(node, Mapping):
        raise ContractError(f"expected a mapping in the contract, found {node!r}")
    return cast("Mapping[str, object]", node)


def is_map(node: object) -> TypeGuard[Mapping[str, object]]:
    """Whether a node is a mapping."""
    return isinstance(node, Mapping)


def as_list(node: object) -> list[object]:
    """Return the node as a list; an absent node is an empty one."""
    return cast("list[object]", node) if isinstance(node, list) else []


def escape(part: str) -> str:
    """Escape one part of a JSON pointer (RFC 6901, section 3)."""
    return part.replace("~", "~0").replace("/", "~1")


def unescape(part: str) -> str:
    """Undo :func:`escape`."""
    return part.replace("~1", "/").replace("~0", "~")
