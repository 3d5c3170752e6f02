"""The fault `cpu_taken`: other processes keep processors busy."""

from pipeline.fault import Fault
from workers.faults.ground import Ground
from workers.faults.takers import Takers

# An interpreter's start takes less than that much more.
_GROWTH_S = 0.05


class CpuTaken:
    """Starts processes that do nothing but count.

    Args:
        processes: How many.
    """

    def __init__(self, processes: int) -> None:
        self._takers = Takers("cpu", processes)
        self._processes = processes
        self._seen_s: list[float] = []

    async def inject(self) -> None:
        """Start them."""
        self._takers.start()

    async def undo(self) -> None:
        """End them."""
        self._takers.stop()

    async def is_effective(self) -> bool:
        """Whether each has got processor time since the first look."""
        cpu_s = self._takers.cpu_s
        if len(self._seen_s) != self._processes:
            self._seen_s = cpu_s
            return False
        grown_s = (now_s - seen_s for now_s, seen_s in zip(cpu_s, self._seen_s, strict=False))
        return len(cpu_s) == self._processes and min(grown_s) >= _GROWTH_S

    async def is_cleared(self) -> bool:
        """Whether all have ended."""
        return self._takers.are_gone


def cpu_taken(plan: Fault, _ground: Ground) -> CpuTaken:
    """The fault on this worker's machine."""
    return CpuTaken(plan.figure("processes"))
