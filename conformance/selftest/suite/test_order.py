"""The same server gives the same report, in whichever order its answers come back."""

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from conformance.reference import Behaviour, create_app
from conformance.selftest.suite.runs import KEY, prepared_for, run_on, settings
from conformance.suite import run
from conformance.suite.exchange import recording
from conformance.suite.images import IMAGES
from conformance.suite.report import report
from conformance.suite.report.report import Result
from conformance.suite.settings import Limits

CHOSEN = settings("createImage/*", examples=3, limits=Limits(concurrency=4))


class Slow(httpx.AsyncBaseTransport):
    """A server with several faults that takes its time, now a longer one and now a shorter one."""

    def __init__(self, seed: int) -> None:
        """Take the seed of its slowness."""
        self._server = httpx.ASGITransport(create_app(Behaviour(api_key=KEY)))
        self._slowness = random.Random(seed)  # noqa: S311 - decides nothing but how long a test takes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(self._slowness.random() * 0.004)
        response = await self._server.handle_async_request(request)
        body = await response.aread()
        if request.method != "POST":
            return httpx.Response(response.status_code, headers=response.headers, content=body)
        said: dict[str, Any] = json.loads(body)
        length = len(request.content)
        if "data" in said:
            said["data"] = said["data"][:1]
            said["created"] = length
        elif length % 3 == 0:
            return httpx.Response(500, headers={"server": f"otter {length}"}, json={"error": f"{length} bytes"})
        return httpx.Response(response.status_code, headers={"server": f"otter {length}"}, json=said)


def told(result: Result, out: Path) -> dict[str, object]:
    """Return what a report tells of a run, but for when it was made and how long it, and its answers, took."""
    built = report.build(attrs.evolve(result, settings=attrs.evolve(result.settings, out=out)))
    started = str(int(result.recording.header.started))
    kept = json.loads(json.dumps(built).replace(started, "NOW"))
    for verdict in kept["verdicts"]:
        del verdict["seconds"]
    return {name: value for name, value in kept.items() if name not in ("date", "seconds", "latency")}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Result, Path]]:
    """Make the same run twice."""
    folders = [tmp_path_factory.mktemp("run") for _ in range(2)]
    return [(run_on(Slow(seed), CHOSEN, folder / run.RECORDING), folder) for seed, folder in enumerate(folders)]


def test_answers_came_back_in_another_order(runs: list[tuple[Result, Path]]) -> None:
    lines = [(folder / run.RECORDING).read_text(encoding="utf-8").splitlines()[1:] for _, folder in runs]
    ids = [[json.loads(line)["exchange"]["id"] for line in each] for each in lines]
    assert len({*map(tuple, ids)}) > 1
    assert len({frozenset(each) for each in ids}) == 1


def test_two_runs_give_the_same_report(runs: list[tuple[Result, Path]], tmp_path: Path) -> None:
    first, second = (told(result, tmp_path) for result, _ in runs)
    failed = [verdict for verdict in runs[0][0].verdicts if verdict.outcome == "fail"]
    assert len(failed) > 5
    assert any(len(verdict.evidence) > 5 for verdict in failed)
    assert second == first


def test_a_recording_judged_again_gives_the_same_report(runs: list[tuple[Result, Path]], tmp_path: Path) -> None:
    for made, folder in runs:
        kept = recording.read(folder / run.RECORDING, IMAGES.contents)
        again = run.result_of(made.settings, prepared_for(made), kept)
        assert again.verdicts == made.verdicts
        assert list(again.recording.exchanges) == list(made.recording.exchanges)
        assert told(again, tmp_path) == told(made, tmp_path)
