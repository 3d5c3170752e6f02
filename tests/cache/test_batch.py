"""What one loop tick asks is one batch; order is kept and nobody's cancellation spreads."""

import asyncio

import pytest

from cache.batch import Coalescer


async def test_one_tick_is_one_batch() -> None:
    """Requests of one tick run together, later ones in a batch of their own."""
    batches: list[list[int]] = []

    async def run(batch: list[int]) -> int:
        batches.append(batch)
        return sum(batch)

    coalescer = Coalescer(run)
    assert await asyncio.gather(*(coalescer.submit(number) for number in range(4))) == [6] * 4
    assert await coalescer.submit(9) == 9
    assert batches == [[0, 1, 2, 3], [9]]


async def test_a_busy_tier_gets_larger_batches() -> None:
    """With one batch at a time, what arrives meanwhile goes together into the next."""
    batches: list[list[int]] = []
    release = asyncio.Event()

    async def run(batch: list[int]) -> None:
        batches.append(batch)
        await release.wait()

    coalescer = Coalescer(run, max_in_flight=1)
    replies = []
    for number in range(4):
        replies.append(coalescer.submit(number))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert batches == [[0]]
    release.set()
    await asyncio.gather(*replies)
    assert batches == [[0], [1, 2, 3]]


async def test_a_cancelled_waiter_cancels_nobody_else() -> None:
    """The batch goes on for the others."""
    release = asyncio.Event()

    async def run(batch: list[int]) -> str:
        await release.wait()
        return "done"

    coalescer = Coalescer(run)
    first, second = coalescer.submit(1), coalescer.submit(2)
    await asyncio.sleep(0)
    first.cancel()
    release.set()
    assert await second == "done"
    with pytest.raises(asyncio.CancelledError):
        await first
