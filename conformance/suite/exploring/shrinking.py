"""Makes a request that fails simpler, so that what it takes to fail can be told."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from conformance.suite.contract.places import ABSENT, Fields, with_fields
from conformance.suite.exchange.request import Request
from conformance.suite.exploring.settling import Known


@frozen
class Shrinking:
    """Tries simpler requests; ``fails`` says of one whether it fails too, or False if it can't be found out."""

    known: Known
    fails: Callable[[Request], bool]

    def shrink(self, fields: Fields) -> None:
        """Leave fields out, cut texts in half, and give the others their usual value, as long as the request fails."""
        for name in tuple(fields):
            if name not in self.known.operation.request.required:
                fields = self._tried(fields, {name: ABSENT})
        usual = {name: value for entry in reversed(self.known.entries) for name, value in entry.items()}
        for name in tuple(fields):
            if name not in usual or fields[name] != usual[name]:
                fields = self._cut(fields, name)
        for name in [name for name in fields if name in usual]:
            fields = self._tried(fields, {name: usual[name]})

    def _cut(self, fields: Fields, name: str) -> Fields:
        text = fields.get(name)
        while isinstance(text, str) and len(text) > 1:
            half = len(text) // 2
            cut = self._tried(fields, {name: text[:half]})
            cut = self._tried(fields, {name: text[half:]}) if cut is fields else cut
            if cut is fields:
                break
            fields, text = cut, cut.get(name)
        return fields

    def _tried(self, fields: Fields, edit: Fields) -> Fields:
        """Return the fields with an edit if the request fails with it too, else as they are."""
        simpler = self.known.settle(with_fields(fields, edit), valid=True)
        request, whole = (Request(self.known.operation.id, one) for one in (simpler, fields))
        if request.key == whole.key or not self.known.usable(simpler, valid=True):
            return fields
        return simpler if self.fails(request) else fields
