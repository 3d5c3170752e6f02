"""The fault `l3_pool`: every connection to the database is taken.

SQLite has no limit of connections: those of this process, the new ones too, are kept busy by their
next statement until it is over. PostgreSQL's are all taken, the cache's own are ended, and who
connects is refused.
"""

import sqlite3
import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

import psycopg

from pipeline.fault import Fault
from pipeline.servers.postgresql import PostgresqlServer
from workers.errors import FaultError
from workers.faults import base
from workers.faults.ground import Ground
from workers.faults.l3_looks import HeldLook, lets_in, open_postgresql
from workers.faults.l3_own import hooks, own, postgresql
from workers.faults.l3_statements import StatementsFault
from workers.statements import Disturbance
from workers.threads import run_to_end

T = TypeVar("T")

_WITHIN_S = 5.0
_TAKEN = ("too many clients", "connection slots are reserved")
_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND NOT pid = ANY(%s)"""


def pool(plan: Fault, ground: Ground) -> base.Fault:
    """`l3_pool`, as the job's own L3 has it."""
    if own(plan, ground).path is None:
        return PostgresqlTaken(postgresql(plan, ground))
    statements = hooks(plan, ground)
    return StatementsFault(statements, Hold, HeldLook(statements))


class Hold(Disturbance):
    """Holds each statement, and its connection with it, until it is over."""

    def __init__(self) -> None:
        self._over = Event()

    def around(self, connection: sqlite3.Connection, send: Callable[[], T]) -> T:  # noqa: ARG002 - the shape of a disturbance
        """Wait, then send it."""
        self._over.wait()
        return send()

    def end(self) -> None:
        """Send what waits."""
        self._over.set()


class PostgresqlTaken:
    """Takes every connection of a server but those that its administrator has.

    Args:
        server: The job's own.
    """

    def __init__(self, server: PostgresqlServer) -> None:
        self._server = server
        # Kept while it lasts: its end would free a connection for somebody else.
        self._administrator: psycopg.Connection[tuple[object, ...]] | None = None
        self._taken: list[psycopg.Connection[tuple[object, ...]]] = []

    async def inject(self) -> None:
        """Take what is free and end what others have, until there is nothing left."""
        await run_to_end(self._take)

    async def undo(self) -> None:
        """Give all back."""
        await run_to_end(self._give_back)

    async def is_effective(self) -> bool:
        """Look once whether a new connection is refused for want of a free one."""
        return await run_to_end(self._refuses)

    async def is_cleared(self) -> bool:
        """Look once whether one is let in."""
        return await lets_in(self._server.url)

    def _take(self) -> None:
        self._administrator = administrator = open_postgresql(self._server.administrators_url)
        give_up_s = time.monotonic() + _WITHIN_S
        while time.monotonic() < give_up_s:
            if not self._refuses(keep=True):
                continue
            ours = [each.info.backend_pid for each in self._taken]
            if not administrator.execute(_OTHERS, (ours,)).fetchall():
                return
        raise FaultError("l3_pool: others keep connections to L3")

    def _give_back(self) -> None:
        while self._taken:
            self._taken.pop().close()
        if self._administrator is not None:
            self._administrator.close()
            self._administrator = None

    def _refuses(self, *, keep: bool = False) -> bool:
        try:
            connection = open_postgresql(self._server.url)
        except psycopg.OperationalError as error:
            return any(words in str(error) for words in _TAKEN)
        if keep:
            self._taken.append(connection)
        else:
            connection.close()
        return False
