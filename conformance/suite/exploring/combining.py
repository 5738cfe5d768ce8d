"""Chooses valid requests in which kinds of value meet that no accepted request had together.

Most faults that no single value shows are shown by two, so each request holds as many new pairs as it can (greedily, as
in D. M. Cohen et al., "The AETG system", IEEE Transactions on Software Engineering 23, 1997). Those pairs count most
that are most likely to show a fault, so that a few requests are well spent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from random import Random
from typing import TypeAlias

from attrs import define, field

from conformance.suite.contract.places import Fields, with_fields
from conformance.suite.exploring.kinds import MISSING, Kind, kinds, labels
from conformance.suite.exploring.settling import Known
from conformance.suite.rules.api import Cost
from conformance.suite.rules.rule import Answers

Labelled: TypeAlias = tuple[str, str]
"""A field and the kind of value that it has."""
Pair: TypeAlias = tuple[Labelled, Labelled]


@define
class Combining:
    """What is left to combine in the requests of one operation.

    ``accepted`` are the valid requests that were accepted so far.
    """

    known: Known
    accepted: Iterable[Fields]
    random: Random
    _kinds: dict[str, tuple[Kind, ...]] = field(init=False)
    _met: set[Pair] = field(init=False, factory=set[Pair])
    _tried: set[Labelled] = field(init=False, factory=set[Labelled])
    _left: list[Pair] = field(init=False)
    _weights: dict[Labelled, int] = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Find out what has met."""
        names = self.known.operation.request.properties
        self._kinds = {name: kinds(self.known, name) for name in names}
        every = [[(name, kind.label) for kind in self._kinds[name]] for name in names]
        about = (verdict.rule.about for verdict in self.known.verdicts)
        seen = {name for one in about if isinstance(one, Answers) for name in one.fields or ()}
        self._weights = {one: self._weight(one, shown=one[0] in seen) for ones in every for one in ones}
        self._left = [(a, b) for one, other in combinations(every, 2) for a in one for b in other]
        self.random.shuffle(self._left)
        for fields in self.accepted:
            self._meet(fields)

    def next(self, most: int) -> Fields | None:
        """Return the fields of the next request, which asks for at most so many images; None if nothing new is left."""
        for pair in sorted(self._left, key=self._worth, reverse=True):
            starts = list(self._starts(pair))
            if not starts:
                self._left.remove(pair)
                continue
            start = min(starts, key=self._effort)
            if self._cost(start).images <= most:
                fields = self._filled(start, pair)
                self._meet(fields)
                return fields
        return None

    def _meet(self, fields: Fields) -> None:
        met = self._pairs(fields)
        self._met |= met
        self._tried |= {one for pair in met for one in pair}
        self._left = [pair for pair in self._left if pair not in met]

    def _starts(self, pair: Pair) -> Iterator[Fields]:
        """Yield requests that hold a pair: those that were accepted, with nothing else changed but what must be."""
        first, second = pair
        for entry in self.known.entries:
            for one in self._values(first):
                for other in self._values(second):
                    fields = self._edited(entry, {first[0]: one, second[0]: other})
                    if fields is not None and pair in self._pairs(fields):
                        yield fields

    def _filled(self, fields: Fields, pair: Pair) -> Fields:
        """Give the other fields the values with which the most new pairs meet, and which ask for no more images."""
        names = [name for name in self._kinds if name not in dict(pair)]
        self.random.shuffle(names)
        images = self._cost(fields).images
        for name in names:
            tried = (
                self._edited(fields, {name: value})
                for kind in self._kinds[name]
                for value in self._values((name, kind.label))
            )
            fits = [
                one
                for one in tried
                if one is not None and pair in self._pairs(one) and self._cost(one).images <= images
            ]
            fields = max((fields, *fits), key=lambda one: (self._gain(one), -self._effort(one)))
        return fields

    def _edited(self, fields: Fields, edits: Fields) -> Fields | None:
        """Return a request with these edits as far as it may be sent, or None if it may not."""
        settled = self.known.settle(with_fields(fields, edits), valid=True)
        return settled if self.known.usable(settled, valid=True) else None

    def _several(self, one: Labelled) -> bool:
        """Whether a kind of value asks for more than one image."""
        with_it = [self._edited(entry, {one[0]: value}) for entry in self.known.entries for value in self._values(one)]
        return any(fields is not None and self._cost(fields).images > 1 for fields in with_it)

    def _values(self, one: Labelled) -> list[object]:
        """Return the values of a kind, in another order each time."""
        values = next(kind.values for kind in self._kinds[one[0]] if kind.label == one[1])
        return self.random.sample(values, len(values))

    def _pairs(self, fields: Fields) -> set[Pair]:
        return set(combinations(labels(self.known, fields).items(), 2))

    def _gain(self, fields: Fields) -> int:
        return sum(self._worth(pair) for pair in self._pairs(fields) if pair not in self._met)

    def _worth(self, pair: Pair) -> int:
        """Say how likely a pair shows a fault: most of all if one of the two was in no request so far."""
        new = any(one not in self._tried for one in pair)
        return self._weights.get(pair[0], 1) * self._weights.get(pair[1], 1) * (2 if new else 1)

    def _weight(self, one: Labelled, *, shown: bool) -> int:
        """Say how likely a kind of value shows a fault.

        An answer shows what becomes of some fields, images after the first are often made in another way, and that a
        field is missing is the simpler case.
        """
        return (2 if shown else 1) * (2 if self._several(one) else 1) * (1 if one[1] in MISSING else 2)

    def _cost(self, fields: Fields) -> Cost:
        return self.known.api.cost(self.known.operation, fields)

    def _effort(self, fields: Fields) -> int:
        return self._cost(fields).effort
