"""The mock as a program: its own options, and what it refuses to start with."""

import httpx
import pytest

from conformance.mock.__main__ import main
from conformance.mock.faults.armed import Armed
from conformance.mock.faults.grammar import FaultError, parse
from conformance.selftest.reference.running import MOCK, SECONDS, program
from conformance.selftest.reference.server import GENERATIONS, SMALL

KEY = "sk-mock-program-3"
QUESTION = {"prompt": "a", "size": SMALL, "model": "own"}


def test_the_options_do_what_they_say() -> None:
    with program("--port", "0", "--models", "own, other", "--fault", "500 x1", key=KEY, module=MOCK) as running:
        with httpx.Client(base_url=running.url, headers={"Authorization": f"Bearer {KEY}"}) as client:
            assert [client.post(GENERATIONS, json=QUESTION).status_code for _ in range(3)] == [500, 200, 200]
            assert client.post(GENERATIONS, json=QUESTION | {"model": "dall-e-2"}).status_code == 404
            assert [model["id"] for model in client.get("/models").json()["data"]] == ["own", "other"]
        running.process.terminate()
        output, errors = running.process.communicate(timeout=SECONDS)
    assert (running.process.returncode, output) == (0, "")
    lines = errors.splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("POST /v1/images/generations 500 ")
    assert lines[0].endswith(" ms model=own size=256x256 fault=500 x1")
    assert KEY not in errors


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--models", "a,,b"), "'a,,b' names a model that has no name"),
        (("--models", ""), "'' names a model that has no name"),
        (("--fault", "nope"), "argument --fault: there is no fault 'nope'; there are 429, 500, 502, "),
        (("--fault", "500=1"), "argument --fault: the fault 500 takes no value."),
        (("--key", KEY), "unrecognized arguments: --key"),
    ],
)
def test_a_bad_argument_is_told_in_one_sentence(
    arguments: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith("images-mock: ")
    assert sentence in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "times", "steps"),
    [
        ("429", None, {"429": 1}),
        (" 429=0 x2 ", 2, {"429": 0}),
        ("latency=0.25,500 x10 # anything, x3", 10, {"latency": 0.25, "500": 0}),
        ("images=10", None, {"images": 10}),
        ("slow-body=600 #x2", None, {"slow-body": 600}),
        ("500 #" + "x" * 495, None, {"500": 0}),
    ],
)
def test_the_grammar_of_faults(text: str, times: int | None, steps: dict[str, float]) -> None:
    fault = parse(text)
    assert (fault.text, fault.times) == (text.strip(), times)
    assert {kind.name: value for kind, value in fault.steps} == steps


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no fault is named; there are 429"),
        ("#label", "no fault is named"),
        ("x3", "there is no fault 'x3'"),
        ("500,", "there is no fault ''"),
        ("429 x0", "a fault can't happen x0 times"),
        ("429 x-1", "there is no fault '429 x-1'"),
        ("latency=601", "takes seconds from 0 to 600, not '601'"),
        ("latency=-1", "takes seconds from 0 to 600, not '-1'"),
        ("latency=1e1", "takes seconds from 0 to 600, not '1e1'"),
        ("latency=", "takes seconds from 0 to 600, not ''"),
        ("images=1.5", "takes images from 0 to 10, not '1.5'"),
        ("500 #" + "x" * 496, "a fault has 500 characters at most, with its label"),
        ("\x1b[2J" + "x" * 99, "there is no fault '\\x1b[2Jxxx"),
    ],
)
def test_a_fault_that_can_not_be_read(text: str, sentence: str) -> None:
    with pytest.raises(FaultError) as caught:
        parse(text)
    assert sentence in str(caught.value)
    assert str(caught.value).endswith(".")
    assert len(str(caught.value)) < 200


def test_several_workers_count_nothing() -> None:
    with pytest.raises(FaultError, match="several workers can't count together"):
        Armed(parse("429 x2"), alone=False)
    alike = Armed(parse("429"), alone=False)
    assert alike.next() is alike.standing
    with pytest.raises(FaultError):
        alike.asked(parse("500 x1"))


def test_what_is_ordered_comes_before_what_stands() -> None:
    armed = Armed(parse("500 x1"))
    for text in ("429 x2", "502"):
        armed.order(parse(text))
    assert [fault.text if (fault := armed.next()) else None for _ in range(5)] == [
        "429 x2",
        "429 x2",
        "502",
        "500 x1",
        None,
    ]


def test_no_more_texts_are_counted_than_there_is_room_for() -> None:
    armed = Armed()
    for number in range(1100):
        assert armed.asked(parse(f"500 x2 #{number}"))
    for label, faulty in (("#1099", [True, False]), ("#0", [True, True, False])):  # the first one is forgotten
        assert [armed.asked(parse(f"500 x2 {label}")) is not None for _ in faulty] == faulty
