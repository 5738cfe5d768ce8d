"""docs/budget.md says what a run costs now, and what is said there of slow servers was measured on slow ones."""

import asyncio
import time

import httpx
import pytest

from conformance.reference import create_app
from conformance.suite.options import ELSEWHERE
from scripts import budget, slow_servers
from scripts.serving import Counted, Slow
from scripts.slow_servers import Slowness

_PLACE = "http://reference.test/v1/images/generations"


def test_the_document_has_what_a_run_costs_now() -> None:
    # Two rows of it, one of a small budget and one of what another machine gets; `make budget` writes all of them.
    document = budget.DOCUMENT.read_text(encoding="utf-8")
    wanted = [*budget.table((8, ELSEWHERE)).splitlines(), budget.left_out(ELSEWHERE)]
    assert [text for text in wanted if text not in document] == [], "run `make budget`"


@pytest.mark.parametrize("old", ["", "\nold\n\n"])
def test_only_what_stands_between_the_marks_is_replaced(old: str) -> None:
    document = "a\n<!-- x, written by make budget -->\n{}<!-- end of x -->\nb\n"
    assert budget.replaced(document.format(old), "x", "new") == document.format("\nnew\n\n")


@pytest.mark.parametrize("document", ["", "<!-- x, written by make budget -->\nold\n"])
def test_a_document_without_the_marks_is_left_alone(document: str) -> None:
    with pytest.raises(ValueError, match="marks of 'x'"):
        budget.replaced(document, "x", "new")


def _posted(app: Slow, *counts: int) -> list[httpx.Response]:
    """Ask for so many images at once, each in a request of its own."""

    async def post() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            bodies = [{"prompt": "otter", "size": "256x256", "n": count} for count in counts]
            return await asyncio.gather(*(client.post(_PLACE, json=body, timeout=60) for body in bodies))

    return asyncio.run(post())


def test_a_slow_server_makes_one_image_at_a_time() -> None:
    counted = Counted(create_app())
    started = time.monotonic()
    answers = _posted(Slow(counted, 0.05), 1, 2)
    assert time.monotonic() - started >= 0.15
    assert [len(answer.json()["data"]) for answer in answers] == [1, 2]
    assert (counted.requests, counted.images) == (2, 3)


def test_a_slow_server_refuses_at_once() -> None:
    (answer,) = _posted(Slow(create_app(), 10_000), 11)
    assert answer.status_code == 400


def test_a_run_against_a_slow_server_is_told_in_a_table() -> None:
    options = ("--images", "2", "--only", "createImage/response/created/*")
    told = slow_servers.section([Slowness(0.01, options, faulty=True)])
    cells = dict(line.strip("| ").split(" | ") for line in told.splitlines() if line.startswith("|"))
    assert (cells["images made"], cells["core and strict rules that fail"], cells["exit code"]) == ("2", "1", "1")
    assert "NOT CONFORMANT: 1 core or strict rule fails; 2 requests, asked for 2 images, got 2, " in told
