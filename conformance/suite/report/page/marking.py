"""Marks in a text what matters: the clause that a rule enforces, and where two texts differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from attrs import frozen

_WORDS = re.compile(r"\S+\s*")
_MOST = 200
"""Words of a text that are compared."""
_ALIKE = 0.2
"""Two sentences that share less than this say different things, and nothing of them is marked."""
_INSTEAD = " where "
"""Stands in the words of a check between what came and what was due."""


@frozen
class Piece:
    """A piece of a text, marked or not."""

    text: str
    marked: bool = False


def clause(text: str, part: str) -> tuple[Piece, ...]:
    """Return a sentence with the part of it marked that a rule enforces; nothing is if it is the whole sentence."""
    before, found, after = text.partition(part) if part and part != text else (text, "", "")
    return tuple(piece for piece in (Piece(before), Piece(found, marked=True), Piece(after)) if piece.text)


def difference(what: str, expected: str, got: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return what was expected of a case and what came, each with the words marked that the other one lacks.

    Where a check says in one sentence what came and what was due, it is parted there.
    """
    came, instead, due = got.rpartition(_INSTEAD)
    if instead and not expected.startswith(f"{what}: "):
        return (Piece(due, marked=True),), (Piece(came, marked=True),)
    wanted = _WORDS.findall(expected.removeprefix(f"{what}: "))
    found = _WORDS.findall(got)
    if max(len(wanted), len(found)) > _MOST:
        return (Piece(expected),), (Piece(got),)
    matcher = SequenceMatcher(None, wanted, found, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return (Piece(expected),), (Piece(got),)
    same = matcher.get_matching_blocks()
    prefix = (Piece(f"{what}: "),) if expected.startswith(f"{what}: ") else ()
    left = _pieces(wanted, [(block.a, block.size) for block in same])
    return (*prefix, *left), _pieces(found, [(block.b, block.size) for block in same])


def _pieces(words: Sequence[str], same: list[tuple[int, int]]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    at = 0
    for start, size in same:
        other = "".join(words[at:start])
        marked = other.rstrip()
        same_again = other[len(marked) :] + "".join(words[start : start + size])
        pieces += [Piece(marked, marked=True), Piece(same_again)]
        at = start + size
    return tuple(piece for piece in pieces if piece.text)
