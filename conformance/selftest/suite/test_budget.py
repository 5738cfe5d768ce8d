"""The image budget bounds what a server makes, whatever it makes of a request."""

import json

import httpx
import pytest

from conformance.reference import Behaviour
from conformance.selftest.suite.runs import always, correct, operation, outcomes, run_on, settings
from conformance.suite.images import IMAGES
from conformance.suite.images.requests import cost
from conformance.suite.report import report
from conformance.suite.sending.budget import Budget
from conformance.suite.settings import Limits


class Generous:
    """Makes images of everything: as many as it can read a number of, and else one."""

    def __init__(self, most: int) -> None:
        """Take how many images it makes of one request at most."""
        self.made = 0
        self.most = most

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method != "POST":
            return httpx.Response(200)
        count = min(self.most, self.read(request.content))
        self.made += count
        return httpx.Response(200, json={"created": 1, "data": [{"url": "http://i.test/1"}] * count})

    @staticmethod
    def read(content: bytes) -> int:
        try:
            return max(1, int(json.loads(content)["n"]))
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
            return 1


@pytest.mark.parametrize("images", [1, 4, 12, 24])
def test_a_server_that_checks_nothing_makes_no_more_than_the_budget_says(images: int) -> None:
    server = Generous(most=11)
    made = run_on(always(server), settings("createImage/*", limits=Limits(images=images)))
    assert server.made <= images
    assert report.received(IMAGES, list(made.recording.exchanges.values())) == server.made


def test_a_budget_costs_a_correct_server_no_rule_about_refusals() -> None:
    made = outcomes(run_on(Behaviour(), settings("createImage/*", limits=Limits(images=4))))
    whole = outcomes(correct())
    strict = [rule for rule, outcome in whole.items() if outcome == "pass" and rule.endswith(("/type", "/maximum"))]
    mine = {rule: made[rule] for rule in strict if rule.startswith("createImage/") and "/response/" not in rule}
    assert "createImage/n/maximum" in mine
    assert set(mine.values()) == {"pass"}


@pytest.mark.parametrize(
    ("n", "most"), [(None, 1), (1, 1), (10, 10), (11, 11), (100, 11), ("7", 7), (1.5, 2), (0, 1), (True, 1), ([1], 1)]
)
def test_the_most_that_a_server_may_make_of_a_number(n: object, most: int) -> None:
    assert cost(operation(), {"prompt": "otter", "n": n}).most == most


def test_a_number_that_no_server_can_fulfil_is_charged_as_one_more_than_the_most() -> None:
    assert cost(operation(), {"n": int("9" * 400)}).most == 11


def test_what_is_refused_is_paid_back() -> None:
    budget = Budget(3)
    assert budget.charge("a", 3, valid=True) == 3
    assert budget.charge("a", 1, valid=True) is None
    budget.settle("a", 3, 0, valid=True, refused=True)
    assert budget.charge("a", 2, valid=True, reserve=1) == 2
    assert budget.charge("a", 1, valid=True, reserve=1) is None


def test_an_operation_that_is_known_to_refuse_is_charged_nothing_until_it_does_not() -> None:
    budget = Budget(2, spent=1)
    assert budget.charge("a", 11, valid=False) is None
    assert budget.charge("a", 1, valid=False) == 1
    budget.settle("a", 1, 0, valid=False, refused=True)
    assert budget.charge("a", 11, valid=False) == 0
    assert budget.charge("b", 11, valid=False) is None
    budget.settle("a", 0, 11, valid=False, refused=False)
    budget.settle("a", 0, 0, valid=False, refused=True)
    assert (budget.spent, budget.charge("a", 1, valid=False)) == (12, None)
