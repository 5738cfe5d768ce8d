"""A valid request that is not answered in time: the server is left alone until it answers, and entered once more."""

import asyncio
import re
from collections.abc import Callable

import httpx

from conformance.reference import Behaviour
from conformance.selftest.suite.runs import outcomes, page, run_on, settings
from conformance.selftest.suite.test_confirming import Disturbing
from conformance.suite.report import report, terminal
from conformance.suite.settings import Limits

EDITS = settings("createImage/n/maximum", "createImageEdit/n/maximum", limits=Limits(concurrency=1))


class Computing:
    """Answers some requests not in time when they first come."""

    def __init__(self, late: Callable[[httpx.Request], bool]) -> None:
        """Take what says which."""
        self.late = late
        self.seen: set[bytes] = set()

    def __call__(self, request: httpx.Request) -> httpx.Response | None:
        body = re.sub(rb"--[0-9a-f]{16,}", b"--", request.content)
        late = self.late(request) and body not in self.seen
        self.seen.add(body)
        if late:
            raise httpx.ReadTimeout("", request=request)
        return None


def edits(request: httpx.Request) -> bool:
    return request.url.path.endswith("/edits")


def test_an_operation_that_could_not_be_entered_in_time_is_entered_once_more() -> None:
    server = Computing(edits)
    made = run_on(Disturbing(server), EDITS)
    assert outcomes(made) == outcomes(run_on(Behaviour(), EDITS))
    again = [one for one in made.recording.exchanges.values() if one.valid and one.before]
    assert [(one.accepted, one.sendings[0].late) for one in again] == [(True, True)]


class Blocked(Disturbing):
    """A server that does one thing at a time, and goes on with what nobody waits for any more."""

    def __init__(self, seconds: float) -> None:
        """Take how long it makes the first ten images."""
        super().__init__(lambda _: None)
        self.seconds = seconds
        self.free = 0.0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        now = asyncio.get_running_loop().time()
        if b'"n": 10' in await request.aread() and not self.free:
            self.free = now + self.seconds
        await asyncio.sleep(max(0.0, self.free - now))
        return await super().handle_async_request(request)


def test_a_server_that_goes_on_computing_is_left_alone_until_it_answers_again() -> None:
    limits = Limits(seconds=0.8, concurrency=1)
    made = run_on(Blocked(2.0), settings("createImage/n/*", limits=limits))
    late = [one for one in made.recording.exchanges.values() if any(sent.late for sent in one.sendings)]
    assert [one.request.fields["n"] for one in late] == [10]
    assert outcomes(made)["createImage/n/minimum"] == "pass"


def test_a_report_says_which_time_out_may_do() -> None:
    made = run_on(Disturbing(Computing(edits)), EDITS)
    built = report.build(made)
    late = built["late"]
    assert late is not None
    assert (late["timeout"], late["suggested"]) == (180, 300)
    assert late["count"] >= 1
    line = terminal.late(built)
    assert re.fullmatch(
        r"\d+ valid requests? had no answer within 180 s; answers came after up to [\d.e-]+ s; try --timeout 300\.",
        line,
    )
    assert line in page(built)


def test_a_report_of_a_run_with_all_answers_says_nothing_of_time_outs() -> None:
    built = report.build(run_on(Behaviour(), settings("createImage/n/maximum")))
    assert (built["late"], terminal.late(built)) == (None, "")
