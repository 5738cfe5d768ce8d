"""What a run is about, before anything is sent."""

from __future__ import annotations

from attrs import field, frozen

from conformance.suite.contract.document import Contract
from conformance.suite.plan.plan import Plan
from conformance.suite.rules.api import Api
from conformance.suite.rules.rule import Rule


@frozen
class Prepared:
    """The contract and the API to which it belongs, the selected rules, and the plan to find out about them."""

    contract: Contract = field(repr=False)
    api: Api = field(repr=False)
    rules: tuple[Rule, ...] = field(repr=False)
    plan: Plan = field(repr=False)
