"""One fault of a phase, from its request to the probe that sees it gone."""

import asyncio
from collections.abc import Callable

from pipeline import scenario
from results.records import FaultWindow
from workers.errors import FaultError
from workers.faults.base import Fault
from workers.faults.probe import Probe
from workers.threads import run_to_end

EFFECTIVE_WITHIN_S = 2.0
CLEARED_WITHIN_S = 10.0


class ScheduledFault:
    """A fault with its time in a phase, and the window that came of it.

        at_s       inject             duration_s          undo
    -----|-- requested -- effective ------------------------|-- cleared --
                          probe: silence                        probe: an answer

    Args:
        plan: When, and for how long.
        phase: The phase's name.
        fault: Breaks and mends.
        probe: Sees whether it worked.
        now_s: Seconds since the attempt began.
    """

    def __init__(
        self,
        plan: scenario.Fault,
        phase: str,
        fault: Fault,
        probe: Probe,
        now_s: Callable[[], float],
    ) -> None:
        self.kind = plan.kind
        self.requested_s: float | None = None
        self.effective_s: float | None = None
        self.cleared_s: float | None = None
        self._plan = plan
        self._phase = phase
        self._fault = fault
        self._probe = probe
        self._now_s = now_s

    async def run(self) -> None:
        """Wait for its moment, break, wait, mend; mended in every exit path.

        Raises:
            FaultError: It could not be undone.
        """
        await asyncio.sleep(self._plan.at_s)
        self.requested_s = self._now_s()
        try:
            await run_to_end(self._fault.inject)
            self.effective_s = await self._probe.silent_since(EFFECTIVE_WITHIN_S)
            if self.effective_s is not None:
                await asyncio.sleep(self._plan.duration_s)
        finally:
            await run_to_end(self._fault.undo)
        self.cleared_s = await self._probe.answers_since(CLEARED_WITHIN_S)
        if self.cleared_s is None:
            raise FaultError(f"{self.kind}: the server did not answer again after it was mended")

    @property
    def window(self) -> FaultWindow | None:
        """Its times as they are stored; None where it was never requested."""
        if self.requested_s is None:
            return None
        return FaultWindow(
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
