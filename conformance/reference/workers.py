"""Serves with several processes, which accept connections from one socket and keep uploads in one folder.

The processes are forked when everything is loaded, so that they share its memory and start at once; a supervisor that
starts each anew, as uvicorn has one, would import everything once more for each, and replaces one that dies without a
word. Here the program ends when a process ends by itself, because a server that dies in use is a fault to be seen. The
processes end when the program does, even if it is killed; only then does its folder stay behind.
"""

import asyncio
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, NoReturn, TypeAlias

from conformance.reference.folder import Folder
from conformance.reference.store import Shelf, Store

Work: TypeAlias = Callable[[Callable[[], None]], None]
"""Serves until SIGTERM comes, and calls what it is given in its event loop, when it has started."""

MOST: Final = 32
"""Processes that have room for a file of the largest size each in half of the usual budget of a folder."""
_TOLD: Final = frozenset((signal.SIGINT, signal.SIGTERM))


@contextmanager
def store_for(workers: int) -> Generator[Callable[[int], Store]]:
    """Give what makes the store of uploads: in memory for one process, else in a folder, which is removed at the end.

    Nobody but the user of the program may look into the folder.
    """
    if workers == 1:
        yield Shelf
        return
    with tempfile.TemporaryDirectory(prefix="images-reference-") as path:
        yield partial(Folder, path=Path(path), sharers=workers)


def can_fork() -> bool:
    """Whether this operating system has what is needed for several processes; Windows has not."""
    return hasattr(os, "fork")


def work_together(workers: int, work: Work, *, started: Callable[[], None]) -> str | None:
    """Do a work in several processes until a signal tells them to end; if one ends by itself, end all and say why.

    ``started`` is called when all of them are there.
    """
    # Waited for are only signals that are blocked and, on some systems, not ignored.
    signal.signal(signal.SIGCHLD, lambda _, __: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, {*_TOLD, signal.SIGCHLD})
    ends = os.pipe()
    running = {_start(work, ends) for _ in range(workers)}
    started()
    fault: str | None = None
    while fault is None and signal.sigwait({*_TOLD, signal.SIGCHLD}) == signal.SIGCHLD:
        for process in sorted(running):
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                running.remove(process)
                fault = f"worker {process} ended by itself: {_reason(os.waitstatus_to_exitcode(status))}"
    for process in running:
        os.kill(process, signal.SIGTERM)
    for process in running:
        os.waitpid(process, 0)
    return fault


def _reason(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _start(work: Work, ends: tuple[int, int]) -> int:
    """Start a process and give its number; the pipe has no other end any more when the parent is gone."""
    process = os.fork()
    if not process:
        os.close(ends[1])
        _work(work, ends[0])
    return process


def _settle(end: int) -> None:
    """Listen from now on to the parent: to its signal, and whether it is still there.

    What comes before waits. SIGINT stays blocked: a terminal sends it to all, and then the parent tells the others.
    """
    asyncio.get_running_loop().add_reader(end, signal.raise_signal, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGCHLD})


def _work(work: Work, end: int) -> NoReturn:
    """Work, and end without what the parent does at its end."""
    code = 1
    try:
        work(partial(_settle, end))
        code = 0
    except SystemExit as told:
        code = told.code if isinstance(told.code, int) else 0
    except BaseException:  # noqa: BLE001 - whatever it is, it must not unwind into the parent's code
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)
