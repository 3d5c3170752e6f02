"""Something that a fault does again and again for as long as it lasts."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from workers.errors import FaultError


class Repeating:
    """Does one step after the other, with pauses between them.

    It is ended between two steps and never cancelled in one: a client that is cancelled as it
    connects leaves its socket open.

    Args:
        step: One step; where it fails with a `FaultError` the next one follows all the same, since
            another fault may have taken the server away for a while.
        every_s: Seconds between two steps.
    """

    def __init__(self, step: Callable[[], Awaitable[None]], every_s: float) -> None:
        self._step = step
        self._every_s = every_s
        self._is_over = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Take the first step soon."""
        self._task = asyncio.create_task(self._go_on())

    async def end(self) -> None:
        """Take no further step, and wait for the one under way; harmless where none was taken."""
        self._is_over.set()
        if self._task is not None:
            await self._task

    async def _go_on(self) -> None:
        while not self._is_over.is_set():
            with suppress(FaultError):
                await self._step()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_over.wait(), self._every_s)
