"""One coming of a fault, from its request to the look that sees it gone."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from time import perf_counter_ns

from pipeline import fault
from results.attempt_result import FaultWindow
from workers.errors import FaultError
from workers.faults.base import Fault, Hindsight
from workers.threads import shielded

EFFECTIVE_WITHIN_S = 2.0
CLEARED_WITHIN_S = 10.0
_PAUSE_S = 0.005

Look = Callable[[], Awaitable[bool]]


class ScheduledFault:
    """A fault with its time in a phase, and the window that came of it.

        at_s       inject             duration_s          undo
    -----|-- requested -- effective ------------------------|-- cleared --
                          a look: broken                        a look: well

    Args:
        plan: What is broken, and for how long.
        at_s: When, in seconds after it is run.
        phase: The phase's name.
        broken: Breaks, mends and looks.
        now_s: Seconds since the attempt began.
        numbers: Counts the attempt's windows.
        turn: Faults of one group follow each other, however long each takes to be gone.
    """

    def __init__(
        self,
        plan: fault.Fault,
        at_s: float,
        phase: str,
        broken: Fault,
        *,
        now_s: Callable[[], float],
        numbers: Iterator[int],
        turn: asyncio.Lock,
    ) -> None:
        self.kind = plan.kind
        self.requested_s: float | None = None
        self.effective_s: float | None = None
        self.cleared_s: float | None = None
        self._number = 0
        self._plan = plan
        self._at_s = at_s
        self._phase = phase
        self._fault = broken
        self._now_s = now_s
        self._numbers = numbers
        self._turn = turn

    async def run(self) -> None:
        """Wait for its moment, break, wait, mend; mended in every exit path.

        Raises:
            FaultError: It was not gone after it was mended.
        """
        await asyncio.sleep(self._at_s)
        async with self._turn:
            await self._come()

    async def _come(self) -> None:
        self.requested_s, self._number = self._now_s(), next(self._numbers)
        try:
            await shielded(self._fault.inject())
            self.effective_s = await self._effective_since()
            if self.effective_s is not None:
                left_s = self.effective_s + self._plan.duration_s - self._now_s()
                await asyncio.sleep(max(left_s, 0.0))
        finally:
            await shielded(self._fault.undo())
        if await self._yes_since(self._fault.is_cleared, CLEARED_WITHIN_S) is None:
            raise FaultError(
                f"{self.kind}: {CLEARED_WITHIN_S:g} s after it was undone, not all is as before"
            )
        self.cleared_s = self._now_s()

    async def _effective_since(self) -> float | None:
        since_s = await self._yes_since(self._fault.is_effective, EFFECTIVE_WITHIN_S)
        if since_s is not None and isinstance(self._fault, Hindsight):
            return self._now_s() - (perf_counter_ns() - self._fault.since_ns) / 1e9
        return since_s

    async def _yes_since(self, look: Look, within_s: float) -> float | None:
        """When the first look began that said yes; None where none did in time."""
        give_up_s = self._now_s() + within_s
        while (began_s := self._now_s()) < give_up_s:
            if await look():
                return began_s
            await asyncio.sleep(_PAUSE_S)
        return None

    @property
    def window(self) -> FaultWindow | None:
        """Its times as they are stored; None where it was never requested."""
        if self.requested_s is None:
            return None
        return FaultWindow(
            number=self._number,
            kind=self.kind,
            phase=self._phase,
            requested_s=self.requested_s,
            effective_s=self.effective_s,
            cleared_s=self.cleared_s,
        )

    @property
    def doubt(self) -> str | None:
        """Why a measurement with it can't be trusted; None where it took effect."""
        if self.requested_s is None:
            return f"phase {self._phase}: the load ended before the fault {self.kind} was due"
        if self.effective_s is None:
            return f"phase {self._phase}: the fault {self.kind} had no effect"
        return None
