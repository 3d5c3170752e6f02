"""The fault `l2_stop`: the job's own L2 server is frozen by SIGSTOP, then continued.

Its connections stay open and accept bytes, but nothing answers: what timeouts are for.
"""

from pipeline.fault import Fault
from pipeline.servers import Server
from workers.faults.ground import Ground
from workers.faults.l2_server import process_of
from workers.faults.probe import Probe
from workers.threads import run_to_end


class L2Stop:
    """Freezes a server and lets it run on."""

    def __init__(self, plan: Fault, ground: Ground) -> None:
        self._plan = plan
        self._ground = ground
        self._server()

    async def inject(self) -> None:
        """SIGSTOP."""
        await run_to_end(self._server().pause)

    async def undo(self) -> None:
        """SIGCONT."""
        await run_to_end(self._server().resume)

    async def is_effective(self) -> bool:
        """Whether it is silent."""
        return not await Probe(self._server().url).answers()

    async def is_cleared(self) -> bool:
        """Whether it answers."""
        return await Probe(self._server().url).answers()

    def _server(self) -> Server:
        """The one that serves now: a failover may have come before."""
        return process_of(self._plan, self._ground)
