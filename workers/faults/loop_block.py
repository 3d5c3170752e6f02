"""The fault `loop_block`: the event loop of this worker stands still."""

import asyncio
import time
from threading import Thread
from time import perf_counter_ns

from pipeline.fault import Fault
from workers.faults.ground import Ground

_LEAST_SHARE = 0.5


class LoopBlock:
    """Sleeps without giving way. Nobody in the loop sees it while it lasts, so a thread does.

    Args:
        duration_s: For how long.
    """

    def __init__(self, duration_s: float) -> None:
        self._duration_s = duration_s
        self._asked_ns = 0
        self._answered_ns: int | None = None

    async def inject(self) -> None:
        """Stand still; what a thread asks meanwhile is answered only afterwards."""
        loop = asyncio.get_running_loop()
        asking = Thread(target=self._ask, args=(loop,), name="loop-block-look")
        asking.start()
        time.sleep(self._duration_s)  # noqa: ASYNC251 - to block the loop is what it is for
        asking.join()

    async def undo(self) -> None:
        """It is over by itself."""

    async def is_effective(self) -> bool:
        """Whether the thread's question has waited for at least half of the time."""
        if self._answered_ns is None:
            return False
        return self._answered_ns - self._asked_ns >= _LEAST_SHARE * self._duration_s * 1e9

    async def is_cleared(self) -> bool:
        """Whoever looks is not blocked."""
        return True

    @property
    def since_ns(self) -> int:
        """When the loop stood still already."""
        return self._asked_ns

    def _ask(self, loop: asyncio.AbstractEventLoop) -> None:
        self._asked_ns = perf_counter_ns()
        loop.call_soon_threadsafe(self._answer)

    def _answer(self) -> None:
        self._answered_ns = perf_counter_ns()


def loop_block(plan: Fault, _ground: Ground) -> LoopBlock:
    """The fault on this worker's event loop."""
    return LoopBlock(plan.duration_s)
