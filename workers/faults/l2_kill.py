"""The faults `l2_kill` and `l2_kill_with_data`: the job's own L2 server dies by SIGKILL.

It is started again empty, or with all that it has acknowledged.
"""

from pipeline.fault import Fault
from pipeline.servers import Server
from workers.faults.ground import Ground
from workers.faults.l2_server import process_of
from workers.faults.probe import Probe
from workers.threads import run_to_end


class L2Kill:
    """Kills a server and starts it again on its port."""

    def __init__(self, plan: Fault, ground: Ground) -> None:
        self._keeps_data = plan.kind == "l2_kill_with_data"
        self._plan = plan
        self._ground = ground
        self._server()

    async def inject(self) -> None:
        """SIGKILL."""
        await run_to_end(self._server().kill)

    async def undo(self) -> None:
        """Start it again."""
        await run_to_end(self._server().restart, keep_data=self._keeps_data)

    async def is_effective(self) -> bool:
        """Whether it is silent."""
        return not await Probe(self._server().url).answers()

    async def is_cleared(self) -> bool:
        """Whether it answers."""
        return await Probe(self._server().url).answers()

    def _server(self) -> Server:
        """The one that serves now: a failover may have come before."""
        return process_of(self._plan, self._ground)
