"""The fault `l2_client_kill`: L2 cuts every connection, and each new one soon after."""

from pipeline.fault import Fault
from workers.faults.ground import Ground
from workers.faults.l2_server import admin, breakable_l2
from workers.faults.probe import Probe
from workers.faults.repeating import Repeating

_EVERY_S = 0.1
_KINDS = ("normal", "pubsub")


class L2ClientKill:
    """Kills all connections but its own, again and again."""

    def __init__(self, plan: Fault, ground: Ground) -> None:
        self._l2 = breakable_l2(plan, ground)
        self._killed = 0
        self._killing = Repeating(self._kill, _EVERY_S)

    async def inject(self) -> None:
        """Begin."""
        self._killing.begin()

    async def undo(self) -> None:
        """End."""
        await self._killing.end()

    async def is_effective(self) -> bool:
        """Whether a connection was killed."""
        return self._killed > 0

    async def is_cleared(self) -> bool:
        """Whether the server answers."""
        return await Probe(self._l2.url).answers()

    async def _kill(self) -> None:
        async with admin(self._l2.url) as client:
            for kind in _KINDS:
                self._killed += await client.execute_command(
                    *("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
                )
