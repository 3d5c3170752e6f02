"""The fault `l2_flush`: all of L2 is gone at once, by FLUSHALL."""

from pipeline.fault import Fault
from workers.faults.ground import Ground
from workers.faults.l2_server import admin, breakable_l2, mark_of
from workers.faults.probe import Probe

_MARK_MS = 60_000


class L2Flush:
    """Empties a server once; what the cache writes afterwards stays."""

    def __init__(self, plan: Fault, ground: Ground) -> None:
        self._l2 = breakable_l2(plan, ground)
        self._mark = mark_of(ground)
        self._is_marked = False

    async def inject(self) -> None:
        """Leave a mark that nobody else writes, and empty the server."""
        async with admin(self._l2.url) as client:
            await client.set(self._mark, b"", px=_MARK_MS)
            self._is_marked = True
            await client.flushall()

    async def undo(self) -> None:
        """Nothing comes back but what the cache writes; the mark goes where it is still there."""
        async with admin(self._l2.url) as client:
            await client.unlink(self._mark)

    async def is_effective(self) -> bool:
        """Whether the mark is gone with all the rest."""
        async with admin(self._l2.url) as client:
            return self._is_marked and not await client.exists(self._mark)

    async def is_cleared(self) -> bool:
        """Whether the server answers."""
        return await Probe(self._l2.url).answers()
