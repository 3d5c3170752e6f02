"""The fault `loader_slow`: each load takes longer."""

from pipeline.fault import Fault
from workers.faults.ground import Ground
from workers.faults.loader_looks import LOOK_S, Loaded, look
from workers.faults.loader_switch import LoaderSwitch


class LoaderSlow:
    """Adds a delay to each load.

    Args:
        switch: Of the loader.
        delay_s: Seconds.
    """

    def __init__(self, switch: LoaderSwitch, delay_s: float) -> None:
        self._switch = switch
        self._delay_s = delay_s

    async def inject(self) -> None:
        """Delay what begins from now on."""
        self._switch.delay_s = self._delay_s

    async def undo(self) -> None:
        """Delay nothing any more; what was delayed already comes in its time."""
        self._switch.delay_s = 0.0

    async def is_effective(self) -> bool:
        """Whether loads take most of the delay, or longer than a look."""
        return Loaded.WELL not in await self._look()

    async def is_cleared(self) -> bool:
        """Whether none of them does."""
        return Loaded.LATE not in await self._look()

    async def _look(self) -> set[Loaded]:
        return await look(self._switch, min(0.9 * self._delay_s, LOOK_S))


def loader_slow(plan: Fault, ground: Ground) -> LoaderSlow:
    """The fault on this worker's loader."""
    return LoaderSlow(ground.loader, plan.figure("delay_s"))
