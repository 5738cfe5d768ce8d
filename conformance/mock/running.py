"""Runs the mock inside another program, such as a test: in a thread, on a free port of the loopback interface."""

import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Final

import attrs
import uvicorn

from conformance.mock.app import Mock, create_mock
from conformance.mock.asked import Asked
from conformance.mock.faults.grammar import parse
from conformance.reference import Behaviour
from conformance.reference.app import BASE
from conformance.reference.gathering import GatheringProtocol
from conformance.reference.program import listen

KEY: Final = "sk-images-mock"
"""The key that requests must carry unless another one is given."""
_SECONDS_TO_FINISH: Final = 1


@attrs.frozen
class ImagesMock:
    """A running mock: ``url`` is its base URL, ``key`` what requests must carry as a bearer token."""

    url: str
    key: str = attrs.field(repr=False)
    _mock: Mock = attrs.field(repr=False)

    @property
    def requests(self) -> tuple[Asked, ...]:
        """What was asked since it started or was cleared, the oldest first, at most the last 1000."""
        return self._mock.recorder.requests()

    def fail_next(self, fault: str) -> None:
        """Let the next operation have a fault, or the next N by ``429 xN``; raises FaultError, a ValueError.

        What is ordered later comes later. docs/mock.md has the table of the faults.
        """
        self._mock.armed.order(parse(fault))

    def clear(self) -> None:
        """Forget what was asked, and the faults that have not happened yet."""
        self._mock.recorder.clear()
        self._mock.armed.clear()


@contextmanager
def running(*, key: str = KEY, models: Sequence[str] = ()) -> Generator[ImagesMock]:
    """Run a mock until the block ends; it takes ``models`` alone, or any if there are none."""
    mock = create_mock(Behaviour(api_key=key), offered=models)
    with listen("127.0.0.1", 0) as listener:
        # The program's own logging stays as it is.
        config = uvicorn.Config(
            mock,
            http=GatheringProtocol,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=_SECONDS_TO_FINISH,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="images-mock", daemon=True)
        thread.start()
        try:
            # What connects from now on waits in the listening socket until the server takes it.
            yield ImagesMock(f"http://127.0.0.1:{listener.getsockname()[1]}{BASE}", key, mock)
        finally:
            server.should_exit = True
            thread.join()
