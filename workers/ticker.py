"""Ticks in the event loop while a job is held: a stopped or wedged loop is soon seen to be one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from workers.slot import Slot

EVERY_S = 0.5


@asynccontextmanager
async def ticking(slot: Slot) -> AsyncIterator[None]:
    """Tick while the body runs."""
    task = asyncio.create_task(_tick(slot))
    try:
        yield
    finally:
        task.cancel()


async def _tick(slot: Slot) -> None:
    while True:
        slot.tick()
        await asyncio.sleep(EVERY_S)
