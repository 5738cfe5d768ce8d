"""Which wrong keys a server takes, in the words of the verdict."""

import attrs
import httpx
import pytest
from starlette.datastructures import Headers

from conformance.reference import Behaviour, create_app
from conformance.selftest.suite.runs import KEY, by_rule, run_on, settings
from conformance.suite.verdicts.verdict import Outcome

RULE = "createImage/security"
CORRECT = Behaviour()


def message(*taken: str) -> str:
    """Judge a server that takes an ``Authorization`` that begins like one of these, but never an empty one."""

    def check(key: str | None, headers: Headers) -> None:
        if not headers.get("authorization", "").startswith(taken):
            CORRECT.check_credentials(key, headers)

    app = create_app(attrs.evolve(CORRECT, api_key=KEY, check_credentials=check))
    verdict = by_rule(run_on(httpx.ASGITransport(app, raise_app_exceptions=False), settings(RULE)))[RULE]
    assert verdict.outcome is Outcome.FAIL
    return verdict.message


@pytest.mark.parametrize(
    ("taken", "words"),
    [
        (("Bearer sk-",), "any key that begins with sk- is accepted, on 5 samples"),
        (("Bearer images",), "any key that begins with anything else is accepted, on 5 samples"),
        (("Bearer ",), "any key is accepted, on 5 samples"),
        (("sk-",), "a key without its scheme is accepted, on 5 samples"),
        (("Bearer ", "sk-"), "any key and a key without its scheme are accepted, on 5 samples"),
        (("Bearer",), "any key and a scheme without a key are accepted, on 5 samples"),
    ],
)
def test_which_keys_are_taken(taken: tuple[str, ...], words: str) -> None:
    assert message(*taken) == words


def test_a_crash_is_told_as_such() -> None:
    def crash(key: str | None, headers: Headers) -> None:
        _, token = headers.get("authorization", "Bearer -").split(" ")
        CORRECT.check_credentials(key, Headers({"authorization": f"Bearer {token}"}))

    app = create_app(attrs.evolve(CORRECT, api_key=KEY, check_credentials=crash))
    verdict = by_rule(run_on(httpx.ASGITransport(app, raise_app_exceptions=False), settings(RULE)))[RULE]
    assert verdict.outcome is Outcome.FAIL
    assert verdict.message.startswith("a key without its scheme: status 500")
