"""The server as several processes: any of them serves the images of all, and all end together."""

import os
import signal
import stat
import time
from pathlib import Path

import httpx
import pytest

from conformance.reference import program as programs
from conformance.reference.__main__ import main
from conformance.selftest.reference.running import MOCK, SECONDS, Program, program
from conformance.selftest.reference.server import PROMPT, SMALL, images, opened, png

WORKERS = ("--port", "0", "--workers", "2")
ASKED = {"prompt": PROMPT, "size": SMALL}
LISTED = "/proc/{0}/task/{0}/children"

pytestmark = pytest.mark.skipif(not Path(LISTED.format(os.getpid())).exists(), reason="this system lists no processes")


def children(parent: int) -> list[int]:
    """Find the processes that a process has started."""
    return [int(child) for child in Path(LISTED.format(parent)).read_text(encoding="ascii").split()]


def ask(running: Program, operation: str) -> str:
    """Ask for one image over a connection of its own, and give its URL."""
    url = f"{running.url}/images/{operation}"
    files = {"image": png((64, 64))}
    answer = httpx.post(url, json=ASKED) if operation == "generations" else httpx.post(url, data=ASKED, files=files)
    return images(answer)[0]["url"]


def ended(processes: list[int]) -> bool:
    """Wait until processes are gone, or are only still listed because nobody asked for their end."""
    deadline = time.monotonic() + SECONDS
    while any(map(is_running, processes)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not any(map(is_running, processes))


def is_running(process: int) -> bool:
    """Whether a process is neither gone nor a zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(") ")[2][0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_each_worker_serves_the_images_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with program(*WORKERS, "--quiet", module=MOCK) as running:
        workers = children(running.process.pid)
        assert len(workers) == 2
        urls: dict[int, list[str]] = {}
        for number, worker in enumerate(workers):
            # While one is stopped, the other accepts all connections.
            os.kill(workers[1 - number], signal.SIGSTOP)
            urls[worker] = [ask(running, operation) for operation in ("generations", "edits", "variations")]
            os.kill(workers[1 - number], signal.SIGCONT)
        for number, worker in enumerate(workers):
            os.kill(workers[1 - number], signal.SIGSTOP)
            for url in urls[workers[1 - number]] + urls[worker]:
                assert opened(httpx.get(url).content).size == (256, 256)
            os.kill(workers[1 - number], signal.SIGCONT)
        (folder,) = tmp_path.iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert len(list(folder.iterdir())) == 1
        running.process.send_signal(signal.SIGTERM)
        output, errors = running.process.communicate(timeout=SECONDS)
        assert (running.process.returncode, output, errors) == (0, "", "")
    assert not list(tmp_path.iterdir())


def test_a_worker_that_dies_is_told_and_ends_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with program(*WORKERS) as running:
        ask(running, "generations")
        workers = children(running.process.pid)
        os.kill(workers[0], signal.SIGKILL)
        output, errors = running.process.communicate(timeout=SECONDS)
    assert (running.process.returncode, output) == (2, "")
    assert errors == f"conformance.reference: worker {workers[0]} ended by itself: SIGKILL\n"
    assert ended(workers)
    assert not list(tmp_path.iterdir())


def test_the_workers_end_when_the_program_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with program(*WORKERS) as running:
        ask(running, "generations")
        workers = children(running.process.pid)
        running.process.kill()
        assert ended(workers)


def test_a_signal_from_a_terminal_reaches_all_and_ends_all_quietly() -> None:
    with program(*WORKERS) as running:
        ask(running, "generations")
        for process in (running.process.pid, *children(running.process.pid)):
            os.kill(process, signal.SIGINT)
        output, errors = running.process.communicate(timeout=SECONDS)
        assert (running.process.returncode, output, errors) == (0, "", "")


@pytest.mark.parametrize("number", ["0", "33", "-1", "x", "٣", "1.5"])
def test_a_number_of_workers_that_is_none_is_told(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(("--workers", number))
    assert caught.value.code == 2
    assert capsys.readouterr().err == (
        f"conformance.reference: argument --workers: {number!r} is not a number between 1 and 32\n"
    )


def test_where_there_is_no_fork_it_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(programs, "can_fork", lambda: False)
    with pytest.raises(SystemExit) as caught:
        main(("--port", "0", "--workers", "2"))
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith(
        "conformance.reference: --workers needs an operating system that can fork"
    )
