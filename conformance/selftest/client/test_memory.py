"""What answers of megabytes cost: once the caller lets go of one, nothing of it is left, without the garbage collector.

Bounds are multiples of a body, and what is measured are allocations, so that no machine is too slow or too small.
"""

import asyncio
import gc
import json
import tracemalloc
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import contextmanager

import httpx
import pytest
from attrs import frozen
from openai_images_client import AuthenticatedClient
from openai_images_client.models import ImagesResponse

from conformance.selftest.client.wire import CALLS, GENERATION, TOKEN, AnyCall

SIZE = 1_000_000
HEAD, TAIL = json.dumps({"created": 1, "data": [{"b64_json": "?"}]}).encode().split(b"?")
CALLED = 5


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """An answer with one image, made piece by piece, so that nobody else holds it."""

    def __iter__(self) -> Iterator[bytes]:
        """Make it for a blocking call."""
        yield HEAD
        yield from (b"A" * 50_000 for _ in range(SIZE // 50_000))
        yield TAIL

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Make it for an asynchronous call."""
        for piece in self:
            yield piece


def client() -> AuthenticatedClient:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Body()))
    return AuthenticatedClient(base_url="http://server.test/v1", token=TOKEN, httpx_args={"transport": transport})


@frozen
class Cost:
    """What was allocated, in bodies: at the most, and what is left now."""

    peak: float
    left: float


@contextmanager
def uncollected() -> Generator[Callable[[], Cost]]:
    """Trace what is allocated while the garbage collector rests; yields what asks for the cost so far."""
    gc.collect()
    gc.disable()
    tracemalloc.start()

    def cost() -> Cost:
        left, peak = tracemalloc.get_traced_memory()
        return Cost(peak / SIZE, left / SIZE)

    try:
        yield cost
    finally:
        tracemalloc.stop()
        gc.enable()


@pytest.mark.parametrize("call", CALLS)
def test_blocking_calls_keep_the_images_alone(call: AnyCall) -> None:
    with client() as used:
        call.parsed(used)
        with uncollected() as cost:
            answers = [call.parsed(used) for _ in range(CALLED)]
            # The body, its text and the image in it, beside the answers before: json needs the three at once.
            assert cost().peak < CALLED - 1 + 3.3
            assert cost().left < CALLED + 0.3
            assert all(isinstance(answer, ImagesResponse) for answer in answers)
            answers.clear()
            assert cost().left < 0.3


def test_asynchronous_calls_keep_the_images_alone() -> None:
    async def calls() -> None:
        async with client() as used:
            await GENERATION.operation.asyncio(client=used, body=GENERATION.body)
            with uncollected() as cost:
                answers = [await GENERATION.operation.asyncio(client=used, body=GENERATION.body) for _ in range(CALLED)]
                assert cost().peak < CALLED - 1 + 3.3
                assert cost().left < CALLED + 0.3
                answers.clear()
                assert cost().left < 0.3

    asyncio.run(calls())


def test_answer_in_detail_keeps_its_content_too() -> None:
    with client() as used:
        GENERATION.parsed(used)
        with uncollected() as cost:
            answer = GENERATION.operation.sync_detailed(client=used, body=GENERATION.body)
            assert len(answer.content) == len(HEAD) + SIZE + len(TAIL)
            assert cost().left < 2.3
