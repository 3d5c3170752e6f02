"""The fault `memory_pressed`: another process takes memory, and keeps it."""

import psutil

from pipeline.fault import Fault
from workers.faults.ground import Ground
from workers.faults.takers import Takers

_MIB = 1 << 20
_MOST_OF_IT = 0.9


class MemoryPressed:
    """Starts a process that takes memory: never more than half of what is left.

    Where more is asked for it has no effect.

    Args:
        memory_mib: How much.
    """

    def __init__(self, memory_mib: int) -> None:
        self._wanted_bytes = memory_mib * _MIB
        left_bytes = psutil.virtual_memory().available // 2
        self._takers = Takers(str(min(self._wanted_bytes, left_bytes)))

    async def inject(self) -> None:
        """Start it."""
        self._takers.start()

    async def undo(self) -> None:
        """End it."""
        self._takers.stop()

    async def is_effective(self) -> bool:
        """Whether the memory is really taken, and as much as was asked for."""
        return sum(self._takers.memory_bytes) >= _MOST_OF_IT * self._wanted_bytes

    async def is_cleared(self) -> bool:
        """Whether it has ended."""
        return self._takers.are_gone


def memory_pressed(plan: Fault, _ground: Ground) -> MemoryPressed:
    """The fault on this worker's machine."""
    return MemoryPressed(plan.figure("memory_mib"))
