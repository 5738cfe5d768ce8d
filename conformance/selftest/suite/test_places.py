"""Places go to whoever comes first in the plan, and none is lost."""

import asyncio

import pytest

from conformance.suite.sending.places import Places


def test_a_free_place_goes_to_the_lowest_turn() -> None:
    async def run() -> list[int]:
        places, order = Places(1), list[int]()

        async def take(turn: int) -> None:
            async with places.taken(turn):
                order.append(turn)
                await asyncio.sleep(0)

        async with asyncio.TaskGroup() as group:
            for turn in (0, 5, 3, 4, 1, 2):
                group.create_task(take(turn))
        return order

    assert asyncio.run(run()) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("free", [1, 2, 3])
def test_no_more_hold_a_place_than_there_are(free: int) -> None:
    async def run() -> int:
        places, at_once, most = Places(free), 0, 0

        async def take(turn: int) -> None:
            nonlocal at_once, most
            async with places.taken(turn):
                at_once += 1
                most = max(most, at_once)
                await asyncio.sleep(0)
                at_once -= 1

        async with asyncio.TaskGroup() as group:
            for turn in range(9):
                group.create_task(take(turn))
        return most

    assert asyncio.run(run()) == free


@pytest.mark.parametrize("given", [False, True], ids=["waiting", "given"])
def test_who_is_cancelled_keeps_no_place(*, given: bool) -> None:
    async def run() -> list[str]:
        places, told = Places(1), list[str]()

        async def take(name: str, turn: int) -> None:
            async with places.taken(turn):
                told.append(name)

        async with places.taken(0):
            first, second = asyncio.create_task(take("first", 1)), asyncio.create_task(take("second", 2))
            await asyncio.sleep(0)
            if not given:
                first.cancel()
        # The place is the first one's by now, who has not come to know it.
        first.cancel()
        await asyncio.wait([first, second], timeout=5)
        async with asyncio.timeout(5), places.taken(3):
            told.append("after")
        return told

    assert asyncio.run(run()) == ["second", "after"]
