"""The property stage: random valid requests must be accepted with a conforming answer, random invalid ones refused.

Schemathesis makes the requests from the contract and Hypothesis shrinks a failure; what a failure is, is decided by the
same constraints and checks as in the planned part. A generated body is first *settled*: parameters that no document
names are dropped, characters whose meaning is undecided are replaced, files become real pictures that fit each other,
and whatever the planned part already found broken, or the server doesn't offer, is kept out, so that this stage reports
only what is new.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, cast

import schemathesis
from attrs import define, evolve, field, frozen
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode

from conformance.suite.constraints import Constraint, of_request, violated
from conformance.suite.contract import Contract, Operation
from conformance.suite.demand import Kind
from conformance.suite.judge import Judge, Outcome, Verdict, broken
from conformance.suite.pictures import Picture, Upload
from conformance.suite.plan import Plan
from conformance.suite.recording import Exchange, Recording
from conformance.suite.request import Request, form_text, read_form
from conformance.suite.rules import Rule, all_rules
from conformance.suite.send import Sender
from conformance.suite.settings import Settings
from conformance.suite.undecided import CLEAR_TEXT, clear, undecided
from conformance.suite.view import View

_INVALID_PER_VALID = 3
_SENT_PER_EXAMPLE = 8
_MOST_IMAGES = 2
# Settling drops much of what is generated, and a server may take its time.
_SLOWNESS = (
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
)
_PICTURES = tuple(Picture(side, side, hole=hole) for side in (64, 128, 256, 512) for hole in (True, False))


class _Enough(BaseException):
    """Ends Hypothesis from inside a test: the budget of requests is spent."""


@frozen
class _Known:
    """What the planned part found out about one operation, and what a request here must respect."""

    operation: Operation
    constraints: tuple[Constraint, ...]
    verdicts: Mapping[str, Verdict] = field(hash=False)
    models: tuple[str | None, ...]
    full: Mapping[str, object] = field(hash=False)
    tried: frozenset[str]

    def holds(self, rule: str) -> bool:
        """Whether no broken rule has this id, with or without a label."""
        broken = (Outcome.FAIL, Outcome.UNSUPPORTED, Outcome.BROKEN)
        mine = [v for id_, v in self.verdicts.items() if id_.split("@")[0] == rule and id_ in self.tried]
        return not any(verdict.outcome in broken for verdict in mine)

    def settle(self, body: Mapping[str, Any], *, valid: bool) -> dict[str, object]:
        """Return the fields of a generated body, settled."""
        fields: dict[str, object] = {}
        for name, schema in self.operation.request.properties.items():
            rule = f"{self.operation.id}/{name}"
            if name in body:
                value = _plain(body[name])
                if not isinstance(value, Upload) and self.operation.is_form:
                    value = read_form(schema, form_text(value))
                kept = self.holds(f"{rule}/nullable") if value is None else self.holds(f"{rule}/accepted")
                if kept or name in self.operation.request.required:
                    fields[name] = value
            if name not in fields and name in self.full and not self.holds(f"{rule}/optional"):
                fields[name] = self.full[name]
        self._settle_model(fields, valid=valid)
        n = fields.get("n")
        if valid and isinstance(n, int | float):
            # 2.0 is an integer in JSON Schema, but not to every JSON reader, and the documents don't say.
            fields["n"] = min(int(n), _MOST_IMAGES)
        return _fit(fields, "mask" in self.operation.request.properties)

    def _settle_model(self, fields: dict[str, object], *, valid: bool) -> None:
        model = fields.get("model")
        if model in self.models or (not valid and model is not None and not isinstance(model, str)):
            return
        fields.pop("model", None)
        if self.models[0] is not None:
            fields["model"] = self.models[0]

    def usable(self, fields: Mapping[str, object], *, valid: bool) -> bool:
        """Whether a settled request is one that this stage may send."""
        if not fields and self.operation.is_form:
            return False  # a form without any part has no agreed encoding
        broken = violated(self.constraints, fields)
        if undecided(self.operation, fields) or bool(broken) is valid:
            return False
        return all(self.verdicts[c.id].outcome is Outcome.PASS for c in broken if c.id in self.tried)


async def explore(
    contract: Contract, rules: Sequence[Rule], plan: Plan, planned: Recording, sender: Sender
) -> list[Exchange]:
    """Generate and send requests for the selected properties; returns the exchanges in the order they were made."""
    settings = sender.settings
    exchanges: list[Exchange] = []
    if settings.examples == 0:
        return exchanges
    judge = Judge(contract, plan, planned)
    verdicts = {v.rule.id: v for v in judge.verdicts(all_rules(contract)) if v.rule.kind is not Kind.HOLDS}
    loop = asyncio.get_running_loop()
    for operation in contract.operations.values():
        known = _known(contract, operation, plan, planned, verdicts)
        if known is None:
            continue
        tried = [verdicts[c.id] for c in known.constraints if c.id in known.tried]
        enforced = not tried or any(verdict.outcome is Outcome.PASS for verdict in tried)
        for valid in (True, False) if enforced else (True,):
            if any(rule.id == f"{operation.id}/property/{'valid' if valid else 'invalid'}" for rule in rules):
                stage = _Stage(settings, known, valid, sender, loop, planned.header.started)
                await asyncio.to_thread(stage.run)
                exchanges += stage.exchanges
    return exchanges


@define
class _Stage:
    settings: Settings
    known: _Known
    valid: bool
    sender: Sender
    loop: asyncio.AbstractEventLoop
    now: float
    exchanges: list[Exchange] = field(factory=list)
    _seen: dict[str, bool] = field(factory=dict)

    def run(self) -> None:
        """Run Hypothesis over the property; failures are left in the exchanges."""
        examples = self.settings.examples * (1 if self.valid else _INVALID_PER_VALID)
        most = examples * _SENT_PER_EXAMPLE
        mode = GenerationMode.POSITIVE if self.valid else GenerationMode.NEGATIVE
        bodies = _bodies(self.known.operation.path, mode)

        @seed(self.settings.seed)
        @hypothesis_settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=_SLOWNESS,
            print_blob=False,
        )
        @given(
            bodies.filter(lambda body: isinstance(body, dict))
            .map(lambda body: self.known.settle(body, valid=self.valid))
            .filter(lambda fields: self.known.usable(fields, valid=self.valid))
        )
        def holds(fields: dict[str, object]) -> None:
            if len(self.exchanges) >= most:
                raise _Enough
            if not self._holds(Request(self.known.operation.id, fields)):
                raise AssertionError

        try:
            holds()
        except (_Enough, AssertionError):
            pass
        except Exception as error:
            # Hypothesis complains when a server answers the same request in two ways; the exchanges show which.
            if type(error).__module__.partition(".")[0] != "hypothesis":
                raise

    def _holds(self, request: Request) -> bool:
        if request.key not in self._seen:
            name = "valid" if self.valid else "invalid"
            id_ = f"{request.operation}-{name}-{len(self.exchanges) + 1:03}"
            count = request.fields.get("n")
            images = (count if isinstance(count, int) else 1) if self.valid else 0
            sending = self.sender.exchange(id_, request, valid=self.valid, images=images)
            exchange = asyncio.run_coroutine_threadsafe(sending, self.loop).result()
            self.exchanges.append(exchange)
            self._seen[request.key] = broken(exchange) is None and not self._breaks_rule(exchange)
        return self._seen[request.key]

    def _breaks_rule(self, exchange: Exchange) -> bool:
        """Whether an answer breaks a rule about answers that the planned part didn't find broken."""
        view = View(exchange, self.now)
        checks = (v.rule.check for v in self.known.verdicts.values() if v.outcome is not Outcome.FAIL)
        return exchange.answer is not None and self.valid and any(check(view) for check in checks if check)


def _known(
    contract: Contract, operation: Operation, plan: Plan, planned: Recording, verdicts: Mapping[str, Verdict]
) -> _Known | None:
    """Return what is known of an operation, or None if no valid request of it was accepted."""
    models: list[str | None] = []
    full: Mapping[str, object] = {}
    for entry in plan.entries:
        accepted = [planned.exchanges[i] for i in entry.ids if i in planned.exchanges and planned.exchanges[i].accepted]
        if entry.operation == operation.id and accepted:
            fields = accepted[0].request.fields
            model = fields.get("model")
            models.append(model if isinstance(model, str) else None)
            full = full or fields
    if not models:
        return None
    mine = {id_: verdict for id_, verdict in verdicts.items() if verdict.rule.operation == operation.id}
    tried = frozenset(plan.cases)
    return _Known(operation, of_request(contract, operation), mine, tuple(models), full, tried)


@cache
def _by_bytes() -> Mapping[bytes, Picture]:
    return {picture.encode(): picture for picture in _PICTURES}


def _plain(value: object) -> object:
    """Return a generated value as a field: bytes as the picture that they are, text without undecided characters."""
    data = getattr(value, "data", value)
    if isinstance(data, bytes):
        return Upload(_by_bytes().get(data, _PICTURES[0]))
    if isinstance(value, str):
        return clear(value) or CLEAR_TEXT
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return CLEAR_TEXT
    return value


def _fit(fields: dict[str, object], edits: bool) -> dict[str, object]:  # noqa: FBT001 - a property of the operation
    """Make the pictures of a request fit: where there is a mask, it has the image's size; else the image has a hole."""
    image, mask = fields.get("image"), fields.get("mask")
    for name in ("image", "mask"):
        if name in fields and not isinstance(fields[name], Upload):
            del fields[name]
    if edits and isinstance(image, Upload) and isinstance(image.picture, Picture):
        clear_picture = evolve(image.picture, hole=True)
        fields["image"] = Upload(clear_picture)
        if isinstance(mask, Upload):
            fields["mask"] = Upload(clear_picture)
    return fields


@cache
def _operations() -> Mapping[str, Any]:
    from conformance import CONTRACT  # noqa: PLC0415 - schemathesis takes half a second to read it

    schemathesis.openapi.format("binary", st.sampled_from(list(_by_bytes())))
    generation = {"deterministic": True, "database": "none", "with-security-parameters": False, "allow-x00": False}
    config: Any = cast("Any", SchemathesisConfig).from_dict({"seed": 1, "generation": generation})
    schema: Any = cast("Any", schemathesis.openapi).from_path(str(CONTRACT), config=config)
    return {result.ok().path: result.ok() for result in schema.get_all_operations()}


@cache
def _bodies(path: str, mode: GenerationMode) -> st.SearchStrategy[Any]:
    strategy: Callable[..., st.SearchStrategy[Any]] = _operations()[path].as_strategy
    return strategy(generation_mode=mode).map(lambda case: case.body)
