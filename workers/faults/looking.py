"""The time that a look has, as its event loop has it: what stands still can't be looked at."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_STEPS = 10


@asynccontextmanager
async def at_most(look_s: float) -> AsyncIterator[None]:
    """Give up after so many seconds, of which a loop that stands still takes a tenth at most.

    An answer that has come meanwhile is heard: it was not late, whoever had asked was.

    Args:
        look_s: Seconds.

    Raises:
        TimeoutError: They are over.
    """
    async with asyncio.timeout(None) as limit:
        running_down = asyncio.create_task(_run_down(limit, look_s))
        try:
            yield
        finally:
            running_down.cancel()


async def _run_down(limit: asyncio.Timeout, look_s: float) -> None:
    for _ in range(_STEPS):
        await asyncio.sleep(look_s / _STEPS)
    limit.reschedule(0.0)
