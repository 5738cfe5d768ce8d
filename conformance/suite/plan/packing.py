"""Packs what is to be accepted into few requests, since each image may cost minutes.

A feature shares one request with as many others as are compatible with it. What makes a request dear comes first, and
what costs nothing rides on the cheapest request that takes it. If a shared request is refused, each of its parts is
tried alone.
"""

from __future__ import annotations

import json

import attrs
from attrs import define, evolve, field, frozen

from conformance.suite.contract.places import ABSENT, Fields, with_fields
from conformance.suite.exchange.request import Raw, Request
from conformance.suite.exchange.upload import Upload
from conformance.suite.plan.draft import Draft
from conformance.suite.plan.plan import Context
from conformance.suite.rules.rule import Edit

_OWN_REQUEST = 256 * 256
"""The effort that one more request is worth."""
_TOO_MUCH = float("inf")
_LONG = 100
"""A text of more characters makes a request long to read."""


@frozen
class Feature:
    """Something that is to be accepted: for which rule, and in which contexts, the best first.

    ``edit`` makes its request of the full one, and its ``shared`` fields are what it brings into one with others.
    One that only ``shows`` something is there for what its answer holds.
    """

    rule: str
    edit: Edit
    contexts: tuple[Context, ...] = field(repr=False)
    conditional: bool = False
    shows: bool = False

    @property
    def fields(self) -> Fields:
        """What is edited where it is alone."""
        return {**self.edit.twin, **self.edit.fields}

    @property
    def brought(self) -> Fields:
        """What is edited where it shares a request."""
        return self.edit.shared or self.fields

    @property
    def length(self) -> tuple[bool, int]:
        """Whether it makes a request longer than a person wants to read, and then how long, the longest first."""
        texts = [value for value in self.fields.values() if isinstance(value, str) and len(value) > _LONG]
        return bool(texts), -max((len(json.dumps(text)) for text in texts), default=0)


@define
class Pack:
    """What the features of one request edit in the full request of their context, and how it is put."""

    fields: dict[str, object] = field(factory=dict[str, object])
    raw: Raw = field(factory=Raw)

    def request(self, context: Context) -> Request:
        """Return the request that holds them."""
        return evolve(context.full.edited(self.fields), raw=self.raw)


def packed(draft: Draft, context: Context, features: list[Feature]) -> list[tuple[Feature, Pack]]:
    """Return the features of a context with the pack that each is in: as few and as cheap ones as hold them all.

    What the full request has anyway is in an empty pack.
    """
    order = list(draft.operation.request.properties)

    def rank(feature: Feature) -> tuple[bool, tuple[bool, int], float, int, int, bool]:
        first = min((order.index(name) for name in feature.fields if name in order), default=len(order))
        # What adds nothing goes where there is room, once all requests are there that must be; first what needs most.
        effort = _added(draft, context, Pack(), feature)
        return feature.shows, feature.length, -effort, -len(feature.brought), first, not feature.conditional

    packs: list[Pack] = []
    shared: list[tuple[Feature, Pack]] = []
    for feature in sorted(features, key=rank):
        pack = Pack()
        if not _is_there(context, feature):
            # Nothing joins a request for several images, so that what shows in those is short and cheap to reproduce.
            fit = [one for one in packs if _cost(draft, context, one)[0] <= 1]
            costs = [(_added(draft, context, one, feature), *_cost(draft, context, one)) for one in fit]
            own = _added(draft, context, pack, feature) + _OWN_REQUEST
            if costs and min(costs)[0] < _TOO_MUCH and min(costs)[0] <= own:
                pack = fit[costs.index(min(costs))]
            else:
                packs.append(pack)
            pack.fields = _joined(context, pack, feature) or {}
            pack.raw = feature.edit.raw if pack.raw.is_plain else pack.raw
        shared.append((feature, pack))
    for pack in packs:
        pack.fields.update(showing(draft, pack.fields, context.full.fields))
    return shared


def showing(draft: Draft, edit: Fields, base: Fields) -> Fields:
    """Return what is to be edited too for an answer to show what an edit of a valid request does, if it may be."""
    shown = {k: v for name in edit for k, v in draft.api.shown.get(name, {}).items() if k not in edit}
    known = shown.keys() <= draft.operation.request.properties.keys()
    return shown if known and not draft.breaks(with_fields(base, {**edit, **shown})) else {}


def _is_there(context: Context, feature: Feature) -> bool:
    """Whether the full request of a context has a feature anyway."""
    full = context.full.fields
    return feature.edit.raw.is_plain and all(
        name in full and same(full[name], value) if value is not ABSENT else name not in full
        for name, value in feature.fields.items()
    )


def same(one: object, other: object) -> bool:
    """Whether two values are the same in JSON, where true is not 1."""
    return one == other and isinstance(one, bool) is isinstance(other, bool)


def _joined(context: Context, pack: Pack, feature: Feature) -> dict[str, object] | None:
    """Return what a pack edits with a feature in it, or None if the two contradict each other."""
    if not (pack.raw.is_plain or feature.edit.raw.is_plain or pack.raw == feature.edit.raw):
        return None
    joined = dict(pack.fields)
    for name, value in feature.brought.items():
        known = joined.get(name, value)
        if same(known, value):
            joined[name] = value
        elif merged := _merged(context.full.fields.get(name), known, value):
            joined[name] = merged
        else:
            return None
    return joined


def _merged(base: object, one: object, other: object) -> Upload | None:
    """Return the file that differs from the usual one in what either does, or None if both change the same."""
    if not (isinstance(base, Upload) and isinstance(one, Upload) and isinstance(other, Upload)):
        return None
    parts: dict[str, object] = {}
    for part in attrs.fields(Upload):
        usual, first, second = (getattr(file, part.name) for file in (base, one, other))
        if usual not in (first, second) and first != second:
            return None
        parts[part.name] = second if first == usual else first
    return Upload(**parts)  # pyright: ignore[reportArgumentType]


def _cost(draft: Draft, context: Context, pack: Pack) -> tuple[int, int]:
    """Return the images of a pack's request, and their effort."""
    cost = draft.api.cost(draft.operation, pack.request(context).fields)
    return cost.images, cost.effort


def _added(draft: Draft, context: Context, pack: Pack, feature: Feature) -> float:
    """Return the effort that a feature adds to a request, too much if it doesn't fit."""
    joined = _joined(context, pack, feature)
    if joined is None:
        return _TOO_MUCH
    fields = with_fields(context.full.fields, joined)
    if draft.breaks(fields):
        return _TOO_MUCH
    shared = bool(pack.fields) or not pack.raw.is_plain
    before = draft.api.cost(draft.operation, pack.request(context).fields).effort if shared else 0
    return draft.api.cost(draft.operation, fields).effort - before
