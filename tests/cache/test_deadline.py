"""Tasks end in bounded time, and a late timer is not held against who answers."""

import asyncio
import time

from cache.deadline import arrives, end, ended
from tests.support.waiting import wait_until_async


async def _stubborn(cancellations: int, seen: list[int]) -> None:
    for number in range(cancellations):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append(number)
    await asyncio.sleep(0)


async def _fails() -> None:
    raise LookupError


async def test_a_task_that_swallows_one_cancellation_ends() -> None:
    """The second one reaches it."""
    seen: list[int] = []
    task = asyncio.create_task(_stubborn(1, seen))
    await asyncio.sleep(0)
    assert await end({task}, 0.2)
    assert task.done()


async def test_a_task_that_never_ends_is_waited_for_no_longer() -> None:
    """The caller goes on, and hears of it."""
    seen: list[int] = []
    task = asyncio.create_task(_stubborn(3, seen))
    await asyncio.sleep(0)
    assert not await end({task}, 0.05)
    assert seen == [0, 1]
    task.cancel()
    await wait_until_async(task.done, what="the task's end")


async def test_failures_are_nobodys_business() -> None:
    """A failed task counts as ended, and its exception as seen."""
    assert await ended({asyncio.create_task(_fails())}, 5) == set()
    assert await end(set())


async def test_time_in_which_the_process_stood_still_does_not_count() -> None:
    """An answer that takes a few turns of the loop arrives although the timer is overdue."""

    async def answer() -> int:
        time.sleep(0.2)  # noqa: ASYNC251 - the standstill
        for _ in range(20):
            await asyncio.sleep(0)
        return 1

    task = asyncio.create_task(answer())
    assert await arrives(task, 0.05)
    silent = asyncio.create_task(asyncio.Event().wait())
    assert not await arrives(silent, 0.05)
    await end({silent})
