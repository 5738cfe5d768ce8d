"""A run that is taken up where it ended sends only what is missing, and comes to what a whole run comes to."""

from functools import cache
from pathlib import Path

import httpx
import pytest
from attrs import evolve

from conformance.__main__ import main
from conformance.mutants import catalogue
from conformance.mutants.measure.trial import Network
from conformance.reference import Behaviour
from conformance.selftest.suite.runs import KEY, TARGET, outcomes, prepared_for, run_on, settings
from conformance.selftest.suite.test_budget import Generous
from conformance.selftest.suite.test_interruption import Cutting, interrupted, reference
from conformance.suite import run
from conformance.suite.exchange import recording
from conformance.suite.images import IMAGES
from conformance.suite.report import report
from conformance.suite.report.report import Result
from conformance.suite.settings import Limits, Settings, UsageError

CHOSEN = settings(
    *(f"createImage/{some}" for some in ("n/*", "property/*", "response/created/*", "stable")),
    examples=1,
    limits=Limits(concurrency=1),
)
LIE = catalogue.mutants()["createImage/n-ignored"]


def lying() -> httpx.AsyncBaseTransport:
    return Network(LIE.make())


@cache
def whole(*, lies: bool) -> Result:
    return run_on(lying() if lies else reference(), CHOSEN)


def told(result: Result) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [(one.rule.id, one.outcome.value, one.message, one.evidence) for one in result.verdicts]


def resumed(server: httpx.AsyncBaseTransport, path: Path, chosen: Settings = CHOSEN) -> tuple[Result, int]:
    """Resume a run; returns what it came to, and how many requests were sent for that."""
    counting = Cutting(server, at=10_000)
    return run_on(counting, evolve(chosen, resume=True), path), counting.received


@pytest.mark.parametrize("lies", [False, True])
@pytest.mark.parametrize("at", [1, 9, -6, -1])
def test_an_interrupted_run_that_is_resumed_is_a_whole_one(at: int, *, lies: bool, tmp_path: Path) -> None:
    server = lying if lies else reference
    expected = whole(lies=lies)
    number = at if at > 0 else expected.requests + at
    path = tmp_path / "recording.ndjson"
    interrupted(server(), number, CHOSEN, path)
    assert len(recording.sent(path, IMAGES.contents)) == number
    made, sent = resumed(server(), path)
    assert told(made) == told(expected)
    assert sent == expected.requests - (number - 1)
    assert report.build(made)["outcome"] == report.build(expected)["outcome"]
    kept = recording.read(path, IMAGES.contents)
    assert kept == made.recording
    assert run.result_of(made.settings, prepared_for(made), kept).verdicts == made.verdicts


def test_a_run_may_be_interrupted_again_and_again(tmp_path: Path) -> None:
    path = tmp_path / "recording.ndjson"
    interrupted(reference(), 4, CHOSEN, path)
    for _ in range(2):
        interrupted(reference(), 5, evolve(CHOSEN, resume=True), path)
    made, sent = resumed(reference(), path)
    assert told(made) == told(whole(lies=False))
    assert sent == whole(lies=False).requests - 3 - 4 - 4
    again, more = resumed(reference(), path)
    assert (told(again), more) == (told(made), 0)


@pytest.mark.parametrize("kept", [0.0, 0.7])
def test_what_a_crash_left_of_a_recording_is_resumed(kept: float, tmp_path: Path) -> None:
    path = tmp_path / "recording.ndjson"
    run_on(reference(), CHOSEN, path)
    written = path.read_bytes()
    end = max(written.index(b"\n") + 1, int(len(written) * kept))
    path.write_bytes(written[:end])
    made, _ = resumed(reference(), path)
    assert told(made) == told(whole(lies=False))


def test_what_a_budget_left_out_is_made_good(tmp_path: Path) -> None:
    path = tmp_path / "recording.ndjson"
    run_on(Cutting(reference(), at=10_000), evolve(CHOSEN, limits=Limits(images=2, concurrency=1)), path)
    assert any(one.limited for one in recording.read(path, IMAGES.contents).exchanges.values())
    made, _ = resumed(reference(), path)
    assert outcomes(made) == outcomes(whole(lies=False))


def test_the_image_budget_holds_for_all_parts_of_a_run_together(tmp_path: Path) -> None:
    path = tmp_path / "recording.ndjson"
    chosen = evolve(CHOSEN, limits=Limits(images=6, concurrency=1))
    server = Generous(most=11)
    given_up = interrupted(httpx.MockTransport(server), 3, chosen, path)
    assert given_up.images_requested > 0
    resumed(httpx.MockTransport(server), path, chosen)
    assert 0 < server.made + 1 <= 6  # what was given up may have been made too


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (evolve(CHOSEN, target=evolve(TARGET, url="http://other.test/v1")), "URL"),
        (evolve(CHOSEN, target=evolve(TARGET, key=None)), "choice between a key and none"),
        (evolve(CHOSEN, target=evolve(TARGET, headers={"x-route": "b"})), "headers"),
        (evolve(CHOSEN, model="own"), "MODEL"),
        (evolve(CHOSEN, models={"dall-e-2": "own"}), "MODELS"),
        (evolve(CHOSEN, seed=2), "--seed"),
        (evolve(CHOSEN, examples=2), "--examples"),
    ],
)
def test_a_run_with_other_settings_is_not_resumed(other: Settings, what: str, tmp_path: Path) -> None:
    path = tmp_path / "recording.ndjson"
    run_on(Behaviour(), settings("createImage/n/maximum", examples=1), path)
    before = path.read_bytes()
    counting = Cutting(reference(), at=10_000)
    with pytest.raises(UsageError, match=f"is of a run with another {what}; give the same, or leave --resume out"):
        run_on(counting, evolve(other, resume=True), path)
    assert (counting.received, path.read_bytes()) == (0, before)


def test_where_there_is_nothing_to_resume_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert main(["http://127.0.0.1:9/v1", "--resume", "--only", "createImage/n/maximum"]) == 2
    checking, said = capsys.readouterr().err.splitlines()
    assert checking.startswith("checking http://127.0.0.1:9/v1: ")
    assert said.startswith("images-conformance: there is no report/recording.ndjson to resume;")
    assert main(["http://127.0.0.1:9/v1", "--resume", "--judge", "old.ndjson"]) == 2
    assert "leave one of the two out" in capsys.readouterr().err
