"""The fault `loader_hang`: loads don't return until it is over."""

import asyncio

from pipeline.fault import Fault
from workers.faults.ground import Ground
from workers.faults.loader_looks import Loaded, look
from workers.faults.loader_switch import LoaderSwitch


class LoaderHang:
    """Holds loads, and lets all of them go at its end.

    Args:
        switch: Of the loader.
    """

    def __init__(self, switch: LoaderSwitch) -> None:
        self._switch = switch

    async def inject(self) -> None:
        """Hold what begins from now on."""
        self._switch.hangs_until = asyncio.Event()

    async def undo(self) -> None:
        """Let them go."""
        if self._switch.hangs_until is not None:
            self._switch.hangs_until.set()
        self._switch.hangs_until = None

    async def is_effective(self) -> bool:
        """Whether no load returns in time."""
        return Loaded.WELL not in await look(self._switch)

    async def is_cleared(self) -> bool:
        """Whether loads return."""
        return Loaded.WELL in await look(self._switch)


def loader_hang(_plan: Fault, ground: Ground) -> LoaderHang:
    """The fault on this worker's loader."""
    return LoaderHang(ground.loader)
