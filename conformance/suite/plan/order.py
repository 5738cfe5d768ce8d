"""Puts the requests of a run into the order in which they are sent, so that whatever it may cost is well spent.

First each operation is entered; then comes what decides most core rules for each image, of whichever operation; and at
last what a server is to refuse, for that costs nothing where it is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from conformance.suite.plan.plan import Case, Context, Planned
from conformance.suite.rules.rule import Level, Rule

_Rank: TypeAlias = tuple[bool, int, int, int]


def in_order(
    exchanges: Sequence[Planned],
    cases: Mapping[str, tuple[Case, ...]],
    contexts: Sequence[Context],
    rules: Iterable[Rule],
) -> tuple[Planned, ...]:
    """Return the exchanges in the order of sending; each comes after those that it needs."""
    entries = _entries(contexts)
    core = [cases[rule.id] for rule in rules if rule.level is Level.CORE and rule.id in cases]
    worth = {id_: turn for turn, id_ in enumerate(_most_decided_first(exchanges, core))}
    ranks: dict[str, _Rank] = {}
    for planned in exchanges:
        turn = entries.get(planned.id, 2 if planned.valid else 3)
        own = planned.last, turn, worth.get(planned.id, len(worth)) if planned.valid else 0, 0
        needed = (ranks[id_] for need in planned.needs for id_ in need.ids)
        ranks[planned.id] = max((own, *((*rank[:3], rank[3] + 1) for rank in needed)))
    return tuple(sorted(exchanges, key=lambda planned: ranks[planned.id]))


def _entries(contexts: Sequence[Context]) -> dict[str, int]:
    """Return the turns of the exchanges that enter the operations in the first way, and where no model is named.

    What names no model gives nothing but what it must, which shows most, if the default model is the one to be tested.
    """
    turns: dict[str, int] = {}
    for operation in dict.fromkeys(context.operation for context in contexts):
        first, *others = (context for context in contexts if context.operation == operation)
        unnamed = [id_ for context in others if not context.explicit for id_ in context.ids]
        turns |= dict.fromkeys(unnamed, 0 if first.default else 1) | dict.fromkeys(first.ids, 1 if first.default else 0)
    return turns


def _most_decided_first(exchanges: Sequence[Planned], core: Sequence[tuple[Case, ...]]) -> list[str]:
    """Return the valid exchanges that rules wait for, those first that decide most rules for their images."""
    images = {planned.id: max(1, planned.images) for planned in exchanges if planned.valid}
    place = {id_: number for number, id_ in enumerate(images)}
    waiting = [{case.attempts[0].exchange for case in cases} & images.keys() for cases in core]
    ordered: list[str] = []
    while waiting := [ids for ids in waiting if ids]:
        best = max(waiting, key=lambda ids: _worth(ids, waiting, sum(images[id_] for id_ in ids)))
        ordered += sorted(best, key=lambda id_: (-sum(id_ in ids for ids in waiting), place[id_]))
        waiting = [ids - best for ids in waiting]
    return ordered


def _worth(ids: set[str], waiting: Sequence[set[str]], images: int) -> tuple[float, int]:
    """Return how many rules these exchanges decide for each image; of two that decide as many the cheaper is better."""
    return sum(other <= ids for other in waiting) / images, -images
