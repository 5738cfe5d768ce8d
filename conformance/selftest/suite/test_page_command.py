"""The command that makes a run again: read as a command line, it gives the settings of the run."""

import shlex
from pathlib import Path

import pytest
from attrs import evolve

from conformance.selftest.suite.runs import run_on, settings, status
from conformance.suite import options
from conformance.suite.exchange.recording import Header, Shape
from conformance.suite.report import again, report
from conformance.suite.settings import Settings

KEY = "sk-selftest-0123456789abcdef"
ENVIRONMENT = {"OPENAI_API_KEY": KEY, "IMAGES_HEADERS": "!X-Route: route-secret-1; X-Team: otters"}
HERE, THERE = "http://127.0.0.1:8000/v1", "https://gateway.example/v1"
LINES = [
    "",
    "--images 7",
    "--images all --concurrency 2",
    "--concurrency 1",
    "--model 'my model' --models dall-e-2=a,createImageEdit:dall-e-3=b --sizes 64x64,512x512 --max-size 512x512",
    "--only 'createImage/*,*/n/maximum' --exclude '*/user/*' --level strict",
    "--timeout 7.5 --deadline 10m --rate 10/m --requests 100 --examples 0 --seed 7 --insecure",
    "--rate 5/s --deadline 1.5",
    "--rate 7/h --timeout 30",
    "--known 'my known.toml' --contract other.yaml",
    "--model=--odd",
]


def header(made: Settings) -> Header:
    """Return the header that the recording of a run with these settings has."""
    limits = made.limits
    shape = Shape(
        made.seed,
        made.examples,
        limits.images,
        limits.concurrency,
        limits.seconds,
        limits.size,
        limits.deadline,
        limits.rate,
        limits.requests,
    )
    target = made.target
    return Header(
        target.url,
        made.model,
        made.models,
        key_used=target.key is not None,
        started=0.0,
        contract_sha256="",
        embedded=not target.url,
        shape=shape,
        sizes=made.sizes,
        insecure=target.insecure,
    )


@pytest.mark.parametrize("url", [HERE, THERE, ""])
@pytest.mark.parametrize("line", LINES)
def test_it_gives_the_same_settings(line: str, url: str) -> None:
    made = options.parse([*([url] if url else []), *shlex.split(line), "--out", "elsewhere"], ENVIRONMENT).settings
    command = again.command(made, header(made))
    program, words = command[: len(again.PROGRAM)], shlex.split(command[len(again.PROGRAM) :])
    assert program == "python -m conformance"
    repeated = options.parse(words, ENVIRONMENT).settings
    assert evolve(repeated, out=made.out) == made
    assert "elsewhere" not in words
    assert KEY not in command
    assert "route-secret" not in command
    assert "otters" not in command


def test_what_is_the_default_is_not_told() -> None:
    for url in (HERE, ""):
        made = options.parse([url] if url else [], {}).settings
        assert again.command(made, header(made)) == f"python -m conformance {url}".strip()


def test_what_a_recording_does_not_say_is_left_out() -> None:
    made = options.parse([HERE, "--seed", "7"], {}).settings
    assert again.command(made, evolve(header(made), shape=None)) == f"python -m conformance {HERE}"


def test_a_key_that_stands_in_an_option_is_cut_out() -> None:
    made = options.parse([HERE, "--model", f"model-{KEY}"], ENVIRONMENT).settings
    assert KEY not in again.command(made, header(made))


def test_it_stands_in_the_report(tmp_path: Path) -> None:
    chosen = evolve(settings("createImage/n/maximum"), out=tmp_path)
    built = report.build(run_on(status(400), chosen))
    shaped = "--only createImage/n/maximum --images all --concurrency 2 --examples 0"
    assert built["command"] == f"python -m conformance http://reference.test/v1 {shaped}"
