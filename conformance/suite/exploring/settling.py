"""Turns a generated request into one that says something new, or throws it away.

Parameters that no document names are dropped, what the documents leave open is replaced, files become real ones that
fit each other, and whatever the planned part already found broken, or the server doesn't offer, is kept out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, cast

from attrs import field, frozen

from conformance.suite.contract.constraints import Constraint, of_request, violated
from conformance.suite.contract.document import Contract
from conformance.suite.contract.operation import Operation
from conformance.suite.contract.places import Fields
from conformance.suite.exchange.encoding import as_read
from conformance.suite.exchange.upload import Upload
from conformance.suite.rules.api import Api
from conformance.suite.rules.rule import About, Absence, Breach, Values
from conformance.suite.verdicts.evidence import Evidence
from conformance.suite.verdicts.verdict import Outcome, Verdict

_REPLACED = "otter"
"""Stands for a generated value that JSON can't say."""
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
"""A character of two UTF-16 units."""


@frozen
class Known:
    """What the planned part found out about one operation, and what a request here must respect.

    ``models`` are those that the server takes, None where it takes none given; ``entries`` are accepted requests, one
    for each of them, and ``full`` is the first. Where the server has values of its ``own`` for a field, that request's
    is sent in the place of any documented one. ``effort`` is the most work that a request may ask for each result.
    """

    operation: Operation
    api: Api
    constraints: tuple[Constraint, ...]
    verdicts: tuple[Verdict, ...] = field(repr=False)
    models: tuple[str | None, ...]
    entries: tuple[Fields, ...] = field(hash=False)
    tried: frozenset[str]
    own: frozenset[str] = frozenset()
    effort: int | None = None

    @property
    def full(self) -> Fields:
        """An accepted request."""
        return self.entries[0] if self.entries else {}

    @property
    def enforced(self) -> bool:
        """Whether the server refuses anything that the planned part tried, or nothing was tried."""
        return not self.breaches or any(verdict.outcome is Outcome.PASS for verdict in self.breaches)

    @property
    def breaches(self) -> tuple[Verdict, ...]:
        """What became of the constraints that the planned part tried to break."""
        mine = (verdict for verdict in self.verdicts if isinstance(verdict.rule.about, Breach))
        return tuple(verdict for verdict in mine if verdict.rule.id in self.tried)

    def settle(self, generated: Mapping[str, Any], *, valid: bool) -> Fields:
        """Return the fields of a generated request, settled."""
        fields: dict[str, object] = {}
        for name, schema in self.operation.request.properties.items():
            if name in generated:
                value = _as_field(generated[name], self.api.uploads)
                if self.operation.is_text(name):
                    value = as_read(schema, value)
                if name in self.own and value in schema.names:
                    value = self.full.get(name, value)
                if self._may_be(name, value) or name in self.operation.request.required:
                    fields[name] = value
            if name not in fields and name in self.full and not self._may_lack(name):
                fields[name] = self.full[name]
        self._settle_model(fields, valid=valid)
        return self.api.settle(self.operation, self._with_files(fields), valid=valid)

    def usable(self, fields: Fields, *, valid: bool) -> bool:
        """Whether a settled request is one that this stage may send."""
        if not fields and self.operation.is_form:
            return False  # a form without any part has no agreed encoding
        if self.api.is_larger(self.operation, fields, self.effort):
            return False
        broken = violated(self.constraints, fields)
        if self.api.undecided(self.operation, fields) or bool(broken) is valid:
            return False
        if bool(violated(self.constraints, _in_units(fields))) is valid:
            return False  # whether it is valid depends on what a character is
        kept = {verdict.rule.id for verdict in self.verdicts if verdict.outcome is Outcome.PASS}
        return all(constraint.id in kept for constraint in broken if constraint.id in self.tried)

    def _may_be(self, name: str, value: object) -> bool:
        """Whether no broken rule is about this field being null, or having its documented values."""
        return self._holds(
            lambda about: isinstance(about, Values) and about.name == name and about.null is (value is None)
        )

    def _may_lack(self, name: str) -> bool:
        """Whether no broken rule is about this field being left out."""
        return self._holds(lambda about: about == Absence(name))

    def _holds(self, concerned: Callable[[About], bool]) -> bool:
        broken = (Outcome.FAIL, Outcome.UNSUPPORTED, Outcome.BROKEN)
        return not any(
            (verdict.outcome in broken or verdict.doubtful)
            and verdict.rule.id in self.tried
            and concerned(verdict.rule.about)
            for verdict in self.verdicts
        )

    def _settle_model(self, fields: dict[str, object], *, valid: bool) -> None:
        selector = self.api.selector
        if selector is None or selector not in self.operation.request.properties:
            return
        model = fields.get(selector)
        if model in self.models or (not valid and model is not None and not isinstance(model, str)):
            return
        fields.pop(selector, None)
        if self.models[0] is not None:
            fields[selector] = self.models[0]

    def _with_files(self, fields: dict[str, object]) -> dict[str, object]:
        """Leave out what stands for a file and is none."""
        return {n: v for n, v in fields.items() if n not in self.operation.files or isinstance(v, Upload | list)}


def known(  # noqa: PLR0913 - what is known comes from everywhere
    contract: Contract,
    api: Api,
    operation: Operation,
    evidence: Evidence,
    verdicts: tuple[Verdict, ...],
    *,
    effort: int | None = None,
) -> Known | None:
    """Return what is known of an operation, or None if no valid request of it was accepted."""
    models: list[str | None] = []
    entries: list[Fields] = []
    for _, exchanges in evidence.entered(operation.id):
        accepted = [exchange for exchange in exchanges if exchange.accepted]
        if accepted:
            fields = accepted[0].request.fields
            model = fields.get(api.selector or "")
            models.append(model if isinstance(model, str) else None)
            entries.append(fields)
    if not models:
        return None
    mine = tuple(verdict for verdict in verdicts if verdict.rule.operation == operation.id)
    tried = frozenset(evidence.plan.cases)
    own = frozenset(evidence.plan.own)
    every = of_request(contract, operation)
    return Known(operation, api, every, mine, tuple(models), tuple(entries), tried, own, effort)


@lru_cache(maxsize=8)
def _by_bytes(uploads: tuple[Upload, ...]) -> Mapping[bytes, Upload]:
    return {upload.encode(): upload for upload in uploads}


def _in_units(fields: Fields) -> Fields:
    """Return the fields with as many code points in each text as it has UTF-16 units."""
    return {name: _ASTRAL.sub("xx", value) if isinstance(value, str) else value for name, value in fields.items()}


def _as_field(value: object, uploads: tuple[Upload, ...]) -> object:
    """Return a generated value as a field: bytes as the file that they are, no number that JSON can't say."""
    if isinstance(value, Upload):
        return value
    data = getattr(value, "data", value)
    if isinstance(data, bytes):
        return _by_bytes(uploads).get(data, uploads[0])
    if isinstance(value, list):
        return [_as_field(item, uploads) for item in cast("list[object]", value)]
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return _REPLACED
    return value
