"""The fault `l3_gone`: the volume with the SQLite file goes away, and comes back as it was.

The file's folder is renamed, so that nobody can open the file or make another in its place. Linux
would let open connections go on with the file that they have; theirs get an error, as from a volume
that is gone, for else the cache would not notice anything.
"""

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NoReturn, TypeVar

from pipeline.fault import Fault
from workers.errors import FaultError
from workers.faults import base
from workers.faults.ground import Ground
from workers.faults.l3_looks import open_sqlite, refusal
from workers.faults.l3_own import hooks, own
from workers.statements import Disturbance, Statements
from workers.threads import run_to_end

T = TypeVar("T")


def gone(plan: Fault, ground: Ground) -> base.Fault:
    """`l3_gone`."""
    path = own(plan, ground).path
    if path is None:
        raise FaultError(f"{plan.kind}: L3 is no file")
    return SqliteGone(path, hooks(plan, ground))


class SqliteGone:
    """Takes the file away.

    Args:
        path: The file, alone in its folder but for what SQLite puts beside it.
        statements: Disturbs those of open connections.
    """

    def __init__(self, path: Path, statements: Statements) -> None:
        self._path = path
        self._here = path.parent
        self._away = path.parent.with_name(f"{path.parent.name}-away")
        self._statements = statements

    async def inject(self) -> None:
        """Rename its folder, and fail what is open."""
        self._here.rename(self._away)
        self._statements.disturb(Unreadable())

    async def undo(self) -> None:
        """Rename it back."""
        if self._away.exists():
            self._away.rename(self._here)
        self._statements.mend()

    async def is_effective(self) -> bool:
        """Look once whether a new connection can't open it, and open ones can be failed."""
        return self._statements.meets_somebody and await self._refusal() == "SQLITE_CANTOPEN"

    async def is_cleared(self) -> bool:
        """Look once whether a new connection reads it."""
        return await self._refusal() is None

    async def _refusal(self) -> str | None:
        connect = partial(open_sqlite, self._path)
        return await run_to_end(refusal, connect, "SELECT count(*) FROM sqlite_master")


class Unreadable(Disturbance):
    """Fails each statement as SQLite does when the system can't read or write its file."""

    def around(self, connection: sqlite3.Connection, send: Callable[[], T]) -> NoReturn:  # noqa: ARG002 - the shape of a disturbance
        """Fail it.

        Raises:
            sqlite3.OperationalError: Always.
        """
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        error.sqlite_errorname = "SQLITE_IOERR"
        raise error
