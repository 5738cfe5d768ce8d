"""What the command prints: what it checks, then the result, as short or as long as it is asked for."""

import io
import os
import pty
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from conformance import CONTRACT
from conformance.__main__ import main
from conformance.selftest.suite.loopback import Reply, serving

QUICK = ("--examples", "0", "--only", "createImage/n/maximum")
MARK = re.compile(r"\x1b\[([0-9;]*)m")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run in an empty folder, without the settings of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "IMAGES_HEADERS", "IMAGES_MAKE_VARIABLES"):
        monkeypatch.delenv(name, raising=False)
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("key", "told"), [("", "without a key"), ("sk-printing", "with a key")])
def test_at_the_start_it_is_told_what_is_checked(
    key: str, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    rest = f"{told}; report in there/"
    with serving() as server:
        assert main([server.url, *QUICK, "--out", "there"]) == 1
        assert capsys.readouterr().err == (
            f"checking {server.url}: 1 rule, up to 2 requests for 1 image if all is well, {rest}\n"
        )
        assert main(["--judge", "there/recording.ndjson", *QUICK, "--out", "there"]) == 1
    sent = r"\d+ recorded requests"
    again = rf"judging there/recording\.ndjson again, a recording of {server.url}: 1 rule, {sent}, {rest}\n"
    assert re.fullmatch(again, capsys.readouterr().err)


def test_a_quiet_run_prints_its_result_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with serving() as server:
        assert main([server.url, *QUICK, "-q"]) == 1
    captured = capsys.readouterr()
    assert re.fullmatch(r"NOT CONFORMANT: 1 core or strict rule fails; .*\n", captured.out)
    assert captured.err == ""
    assert main(["--judge", "report/recording.ndjson", *QUICK, "--quiet"]) == 1
    captured = capsys.readouterr()
    assert (captured.out.count("\n"), captured.err) == (1, "")


def test_a_quiet_run_tells_its_errors(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["http://127.0.0.1:9/v1", *QUICK, "-q"]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)
    assert captured.err.startswith("images-conformance: no connection to http://127.0.0.1:9/v1")


def test_a_verbose_run_prints_each_failure(capsys: pytest.CaptureFixture[str]) -> None:
    failure = "\nFAIL createImage/n/maximum  (strict)\n  contract openapi.yaml:"
    with serving() as server:
        assert main([server.url, *QUICK]) == 1
        assert failure not in capsys.readouterr().out
    for option in ("-v", "--verbose"):
        assert main(["--judge", "report/recording.ndjson", *QUICK, option]) == 1
        assert failure in capsys.readouterr().out


def test_quiet_and_verbose_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-q", "-v"]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)
    assert "leave one of the two out" in captured.err


def test_a_pipe_gets_no_escape_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with serving() as server:
        assert main([server.url, *QUICK, "-v"]) == 1
    assert "\x1b" not in "".join(capsys.readouterr())


def test_a_terminal_that_knows_ascii_alone_gets_the_rest_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", printed)
    with serving(lambda _: Reply(400, "\N{OTTER}".encode())) as server:
        assert main([server.url, "--examples", "0", "--only", "createImage/accepted"]) == 1
    printed.seek(0)
    assert r"status 400: \U0001f9a6" in " ".join(printed.read().split())


@pytest.mark.parametrize("arguments", [("--rules",), ("--examples", "0", "--only", "createImage/n/minimum")])
def test_who_reads_no_further_changes_no_exit_code(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with ExitStack() as streams:
        for name in ("stdout", "stderr"):
            reading, writing = os.pipe()
            os.close(reading)
            monkeypatch.setattr(sys, name, streams.enter_context(os.fdopen(writing, "w", encoding="utf-8")))
        assert main(arguments) == 0
    assert (tmp_path / "report/report.html").exists() is ("--only" in arguments)


@pytest.mark.parametrize(("given", "colours"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_colours_unless_it_wants_none(given: dict[str, str], *, colours: bool) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(CONTRACT.parent), "TERM": "xterm-256color", "COLUMNS": "60", **given}
    with (
        serving() as server,
        subprocess.Popen(  # noqa: S603 - this very interpreter, and arguments of the test
            [sys.executable, "-m", "conformance", server.url, *QUICK],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        ) as process,
    ):
        os.close(theirs)
        shown = _read(ours)
    assert process.returncode == 1
    assert "NOT CONFORMANT: 1 core or strict rule fails" in " ".join(MARK.sub("", shown).split())
    coloured = [code for codes in MARK.findall(shown) for code in codes.split(";") if re.fullmatch("[349][0-7]", code)]
    assert bool(coloured) is colours


def _read(terminal: int) -> str:
    """Return all that is written to a terminal until nobody has it open any more."""
    parts: list[bytes] = []
    try:
        while part := os.read(terminal, 65536):
            parts.append(part)
    except OSError:  # which is how Linux says that the other end is closed
        pass
    os.close(terminal)
    return b"".join(parts).decode()
