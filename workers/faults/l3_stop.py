"""The fault `l3_stop`: the job's own PostgreSQL server stops, and is started again with its data.

It stops as in a crash: all of its processes at once, without a word to its clients. What it had
acknowledged is in its log, from which it recovers.
"""

from pipeline.fault import Fault
from pipeline.servers.postgresql import PostgresqlServer
from workers.faults import base
from workers.faults.ground import Ground
from workers.faults.l3_looks import PostgresqlLook, lets_in
from workers.faults.l3_own import postgresql
from workers.threads import run_to_end


def stop(plan: Fault, ground: Ground) -> base.Fault:
    """`l3_stop`."""
    return PostgresqlStop(postgresql(plan, ground))


class PostgresqlStop:
    """Stops a server and starts it again on its port.

    Args:
        server: The job's own.
    """

    def __init__(self, server: PostgresqlServer) -> None:
        self._server = server
        self.is_effective = PostgresqlLook(server.url).is_refused

    async def inject(self) -> None:
        """Crash it."""
        await run_to_end(self._server.crash)

    async def undo(self) -> None:
        """Start it again."""
        await run_to_end(self._server.restart)

    async def is_cleared(self) -> bool:
        """Look once whether it lets a new connection in and answers it."""
        return await lets_in(self._server.url)
