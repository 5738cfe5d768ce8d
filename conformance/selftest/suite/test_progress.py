"""How far a run is, and how long the rest takes: honest also for a server that takes its time for an image."""

import asyncio
import io
import re
import time

import pytest
from attrs import evolve
from rich.console import Console

from conformance.selftest.suite.runs import correct, prepared_for, settings
from conformance.suite.exchange.recording import OVER_BUDGET, Exchange
from conformance.suite.forecast import forecast
from conformance.suite.report import progress
from conformance.suite.report.progress import Ahead, Bar

PREPARED = prepared_for(correct())
EXCHANGES = list(correct().recording.exchanges.values())
VALID = evolve(next(one for one in EXCHANGES if one.accepted and one.valid), seconds=0.0)
REFUSED = evolve(next(one for one in EXCHANGES if not one.valid), seconds=0.0)
AHEAD = Ahead(requests=14, images=4, work=4, refusals=10)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        """Start at 0."""
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def made(ahead: Ahead, *sent: tuple[Exchange, float]) -> Bar:
    """Return a bar that was called with each exchange after so many seconds more."""
    clock = Clock()
    shown = Bar(ahead, lambda exchange: exchange.valid, lambda _: 1, clock)
    for exchange, seconds in sent:
        clock.now += seconds
        shown(exchange)
    return shown


def test_what_is_ahead_is_what_is_planned() -> None:
    chosen = settings(examples=3)
    before = asyncio.run(forecast(chosen, PREPARED))
    assert progress.ahead(PREPARED, before, 60.0) == Ahead(
        requests=len(before.sent) + before.random,
        images=before.images + before.random_images,
        work=before.images + before.random_images,
        refusals=sum(not one.valid for one in before.sent) + before.random - before.random_images,
        deadline=60.0,
    )
    assert sum(progress.worth(PREPARED, one) for one in before.sent if one.valid) == before.images


def test_images_take_their_time_and_refusals_take_theirs() -> None:
    assert (
        made(AHEAD, (VALID, 30), (VALID, 30)).words() == "2 of 14 requests, 2 images so far, 60 s, at least 60 s left"
    )
    shown = made(AHEAD, (VALID, 30), (VALID, 30), (REFUSED, 2))
    assert shown.words() == "3 of 14 requests, 2 images so far, 62 s, about 78 s left"
    assert shown.share() == 62 / 140


def test_the_rest_gets_less_while_nothing_comes() -> None:
    clock = Clock()
    shown = Bar(AHEAD, lambda _: 1, lambda _: 1, clock)
    assert shown.words() == "0 of 14 requests, 0 images so far, 0 s"
    clock.now = 30
    shown(VALID)
    clock.now = 40
    assert shown.left() == (80, True)
    clock.now = 1000
    assert shown.left() == (0, True)


def test_what_is_not_sent_is_not_counted() -> None:
    left_out = evolve(VALID, answer=None, failure=OVER_BUDGET)
    assert made(AHEAD, (VALID, 1), (left_out, 1)).sent == "1/14"


def test_what_is_sent_again_comes_on_top() -> None:
    again = evolve(REFUSED, before=REFUSED)
    shown = made(AHEAD, (VALID, 1), (REFUSED, 1), (again, 1))
    assert (shown.sent, shown.left()) == ("3/15", (3 + 18, True))
    shown = made(evolve(AHEAD, requests=2), (VALID, 1), (REFUSED, 1), (REFUSED, 1))
    assert (shown.sent, shown.left()) == ("3/3", None)


def test_what_an_earlier_run_sent_says_nothing_of_this_one() -> None:
    earlier = evolve(VALID, seconds=90.0)
    shown = made(AHEAD, (earlier, 0), (earlier, 0), (VALID, 30), (REFUSED, 0))
    assert (shown.sent, shown.left()) == ("4/14", (30, False))


def test_nothing_takes_longer_than_the_deadline() -> None:
    assert made(evolve(AHEAD, deadline=100.0), (VALID, 60)).left() == (40, False)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (89.4, "89 s"), (90, "2 min"), (720, "12 min"), (5399, "90 min"), (5400, "1.5 h"), (36000, "10.0 h")],
)
def test_a_time_is_told_in_a_unit_that_suits(seconds: float, words: str) -> None:
    assert progress.duration(seconds) == words


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_the_bar_stands_on_one_line(width: int) -> None:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=True, color_system=None)
    ahead = Ahead(requests=193, images=48, work=48, refusals=140)
    with progress.bar(console, PREPARED, ahead, lambda _: 1) as shown:
        for exchange in EXCHANGES[:20]:
            shown(exchange)
        time.sleep(0.2)  # it is drawn ten times a second
    drawn = [line.strip() for line in re.split(r"\r|\n|\x1b\[[0-9?]*[A-Za-z]", file.getvalue()) if line.strip()]
    assert all(len(line) <= width - 4 for line in drawn)
    assert "20/193 20 images " in drawn[-1]
    assert drawn[-1].endswith(" s left")
    assert ("generations" in drawn[-1] or "edits" in drawn[-1] or "variations" in drawn[-1]) is (width >= 60)
    assert ("0:00:0" in drawn[-1]) is (width >= 80)


def test_a_pipe_gets_a_line_now_and_then_also_while_nothing_comes() -> None:
    file = io.StringIO()
    with progress.bar(Console(file=file, width=40), PREPARED, AHEAD, lambda _: 1, seconds=0.01) as shown:
        shown(VALID)
        shown(REFUSED)
        while file.getvalue().count("\n") < 3:
            time.sleep(0.01)
    lines = file.getvalue().splitlines()
    assert re.fullmatch(r"2 of 14 requests, 2 images so far, \d+ s, about \d+ s left", lines[-1])
    assert not re.search("\x1b|\r", file.getvalue())
    time.sleep(0.05)
    assert file.getvalue().splitlines() == lines
