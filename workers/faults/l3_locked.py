"""The fault `l3_locked`: somebody else holds the database's locks.

SQLite is held by `BEGIN EXCLUSIVE`: where its log is written ahead, as by our own cache, writers
wait and readers go on. PostgreSQL's tables are held so that readers wait, too.
"""

import sqlite3
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import psycopg
from psycopg import sql

from pipeline.fault import Fault
from pipeline.servers.postgresql import PostgresqlServer
from workers.errors import FaultError
from workers.faults import base
from workers.faults.ground import Ground
from workers.faults.l3_looks import open_postgresql, open_sqlite, refusal
from workers.faults.l3_own import own, postgresql
from workers.threads import run_to_end

_WAIT_S = 5.0
_TRIES = 5
_SUBJECTS_TABLES = """
SELECT schemaname, tablename FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"""


def locked(plan: Fault, ground: Ground) -> base.Fault:
    """`l3_locked`, as the job's own L3 has it."""
    path = own(plan, ground).path
    return PostgresqlLock(postgresql(plan, ground)) if path is None else SqliteLock(path)


class SqliteLock:
    """Holds the right to write.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._holder: sqlite3.Connection | None = None

    async def inject(self) -> None:
        """Take it."""
        await run_to_end(self._take)

    async def undo(self) -> None:
        """Give it back."""
        holder, self._holder = self._holder, None
        if holder is not None:
            await run_to_end(holder.close)

    async def is_effective(self) -> bool:
        """Look once whether nobody else may write, nor has written meanwhile.

        A subject under load alone keeps others waiting for as long, one write after the other.
        """
        return self._holds and await run_to_end(self._is_held)

    async def is_cleared(self) -> bool:
        """Look once whether others may."""
        return await self._refusal() is None

    async def _refusal(self) -> str | None:
        return await run_to_end(refusal, partial(open_sqlite, self._path), "BEGIN IMMEDIATE")

    @property
    def _holds(self) -> bool:
        return self._holder is not None and self._holder.in_transaction

    def _is_held(self) -> bool:
        with closing(open_sqlite(self._path)) as connection:
            before = _version(connection)
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                is_busy = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
                return is_busy and _version(connection) == before
        return False

    def _take(self) -> None:
        self._holder = sqlite3.connect(
            self._path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False
        )
        try:
            self._holder.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise FaultError(f"l3_locked: the lock is not to be had: {error}") from None


def _version(connection: sqlite3.Connection) -> int | None:
    """Another number once somebody else has committed; None where readers have to wait, too."""
    try:
        (version,) = connection.execute("PRAGMA data_version").fetchone()
    except sqlite3.OperationalError:
        return None
    return int(version)


class PostgresqlLock:
    """Holds every table of the database.

    Args:
        server: The job's own.
    """

    def __init__(self, server: PostgresqlServer) -> None:
        self._server = server
        self._holder: psycopg.Connection[tuple[object, ...]] | None = None
        self._tables: list[sql.Identifier] = []

    async def inject(self) -> None:
        """Take them, as soon as those who are at work in them have ended."""
        await run_to_end(self._take)

    async def undo(self) -> None:
        """Give them back."""
        holder, self._holder = self._holder, None
        if holder is not None:
            await run_to_end(holder.close)

    async def is_effective(self) -> bool:
        """Look once whether nobody else may read."""
        return await run_to_end(self._is_held)

    async def is_cleared(self) -> bool:
        """Look once whether others may."""
        return not await run_to_end(self._is_held)

    def _take(self) -> None:
        self._holder = holder = open_postgresql(self._server.administrators_url)
        found = holder.execute(_SUBJECTS_TABLES).fetchall()
        self._tables = [sql.Identifier(str(schema), str(table)) for schema, table in found]
        if not self._tables:
            raise FaultError("l3_locked: the cache has no tables in L3")
        holder.execute(sql.SQL("SET lock_timeout = {}").format(sql.Literal(f"{_WAIT_S:g}s")))
        for _ in range(_TRIES):
            with suppress(psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable):
                self._lock(holder)
                return
            holder.execute("ROLLBACK")
        raise FaultError("l3_locked: the locks are not to be had")

    def _lock(self, holder: "psycopg.Connection[tuple[object, ...]]") -> None:
        holder.execute("BEGIN")
        tables = sql.SQL(", ").join(self._tables)
        holder.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(tables))

    def _is_held(self) -> bool:
        with open_postgresql(self._server.administrators_url) as connection:
            connection.execute("SET lock_timeout = '20ms'")
            try:
                for table in self._tables:
                    connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 0").format(table))
            except psycopg.errors.LockNotAvailable:
                return True
        return False
