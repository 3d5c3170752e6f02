"""What one loop tick asks is one batch; order is kept and nobody's cancellation spreads."""

import asyncio
import random

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


async def test_requests_of_one_key_go_apart() -> None:
    """No two of a batch name the same key, and none comes before an earlier one."""
    batches: list[list[list[str]]] = []

    async def run(batch: list[list[str]]) -> int:
        batches.append(batch)
        return len(batches)

    coalescer = Coalescer(run, apart=True)
    requests = [["a"], ["b", "c"], ["d", "b"], ["a"], ["b"], ["e"]]
    answers = await asyncio.gather(*map(coalescer.submit, requests))
    assert batches == [[["a"], ["b", "c"]], [["d", "b"], ["a"]], [["b"], ["e"]]]
    assert answers == [1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("max_in_flight", [None, 1, 3])
async def test_random_requests_keep_their_order_apart(max_in_flight: int | None) -> None:
    """Whatever comes when, the batches in a row are the requests in a row."""
    randomness = random.Random(f"apart {max_in_flight}")
    batches: list[list[tuple[int, ...]]] = []

    async def run(batch: list[tuple[int, ...]]) -> None:
        batches.append(batch)
        for _ in range(randomness.randrange(3)):
            await asyncio.sleep(0)

    coalescer = Coalescer(run, max_in_flight=max_in_flight, apart=True)
    requests = [tuple(randomness.sample(range(12), randomness.randint(1, 3))) for _ in range(300)]
    replies = []
    for request in requests:
        replies.append(coalescer.submit(request))
        if randomness.random() < 0.2:
            await asyncio.sleep(0)
    await asyncio.gather(*replies)
    assert [request for batch in batches for request in batch] == requests
    for batch in batches:
        keys = [key for request in batch for key in request]
        assert len(keys) == len(set(keys))
    assert max(map(len, batches)) > 1
