"""A run whose time is over sends nothing more; what it left out is not judged, as with the image budget."""

import asyncio
from pathlib import Path

import httpx
import pytest
from attrs import evolve

from conformance.reference import Behaviour, create_app
from conformance.selftest.suite.runs import KEY, URL, by_rule, prepared_for, run_on, settings
from conformance.suite import run
from conformance.suite.exchange import recording
from conformance.suite.images import IMAGES
from conformance.suite.options import parse
from conformance.suite.report import record, report, terminal
from conformance.suite.settings import Limits, UsageError

CHOSEN = settings("createImage/n/*", "createImage/accepted", "createImage/property/*", examples=1)
MISSING = {"error": {"message": "No such model.", "type": "invalid_request_error", "param": "model", "code": None}}


class Slow(httpx.AsyncBaseTransport):
    """The correct server, which answers no more than so many requests; one without dall-e-2 if ``status`` is given."""

    def __init__(self, answers: int, status: int | None = None) -> None:
        """Take the number of requests that it answers, and the status with which it refuses the model."""
        self.server = httpx.ASGITransport(create_app(Behaviour(api_key=KEY)))
        self.answers = answers
        self.status = status

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        if request.method == "POST":
            self.answers -= 1
            if self.answers < 0:
                await asyncio.Event().wait()
            if self.status and b"dall-e-3" not in request.content:
                return httpx.Response(self.status, json=MISSING)
        return await self.server.handle_async_request(request)


@pytest.mark.parametrize("answers", [6, 12])
def test_what_the_deadline_left_out_is_not_judged(answers: int, tmp_path: Path) -> None:
    whole = by_rule(run_on(Behaviour(), CHOSEN))
    path = tmp_path / "recording.ndjson"
    limits = Limits(concurrency=1, deadline=1.0)
    made = run_on(Slow(answers), evolve(CHOSEN, limits=limits), path)
    built = report.build(made)
    assert (built["outcome"], built["complete"], record.exit_code(built)) == ("pass", False, 0)
    assert built["options"]["deadline"] == 1
    assert terminal.judged(built) != f"{len(whole)} of {len(whole)} rules judged"
    left_out = {rule: v for rule, v in by_rule(made).items() if v.outcome is not whole[rule].outcome}
    assert left_out
    assert {verdict.outcome.value for verdict in left_out.values()} == {"not judged"}
    assert all("deadline" in v.message or v.message == "no random request was sent" for v in left_out.values())
    assert made.requests <= answers + 1
    kept = recording.read(path, IMAGES.contents)
    again = run.result_of(made.settings, prepared_for(made), kept)
    assert (kept, again.verdicts) == (made.recording, made.verdicts)
    assert again.requests == made.requests


@pytest.mark.parametrize("status", [400, 404])
def test_an_operation_of_which_only_some_entries_were_refused_in_time_is_not_accused(status: int) -> None:
    limits = Limits(concurrency=1, deadline=0.3)
    made = by_rule(run_on(Slow(2, status), evolve(CHOSEN, limits=limits)))
    assert made["createImage/accepted"].outcome == "not judged"
    assert "deadline" in made["createImage/accepted"].message
    assert {verdict.outcome.value for verdict in made.values()} == {"not judged"}


def test_a_deadline_that_leaves_time_for_all_changes_nothing() -> None:
    made = run_on(Behaviour(), evolve(CHOSEN, limits=Limits(deadline=3600)))
    assert made.verdicts == run_on(Behaviour(), CHOSEN).verdicts


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("1.5", 1.5), ("30s", 30), ("10m", 600), ("2h", 7200), ("0.5h", 1800)]
)
def test_a_time_has_a_unit(text: str, seconds: float) -> None:
    assert parse([URL, "--deadline", text], {}).settings.limits.deadline == seconds


@pytest.mark.parametrize("text", ["", "0", "m", "-1m", "10 minutes", "1d", "inf", "nan", "10mm", "1e308h"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not a time such as 90, 90s, 10m or 2h; see --help\.$"):
        parse([URL, f"--deadline={text}"], {})
