"""The fault `l3_full`: the disk of the SQLite file is full.

Each connection is forbidden to let the file grow (`PRAGMA max_page_count`). A write that finds room
in the pages that there are succeeds, as on a full disk; one that needs a new page fails.
"""

from functools import partial

from pipeline.fault import Fault
from workers.faults import base
from workers.faults.ground import Ground
from workers.faults.l3_looks import refusal
from workers.faults.l3_own import hooks
from workers.faults.l3_statements import StatementsFault
from workers.statements import Disturbance, Statements
from workers.threads import run_to_end

_LOCK_S = 0.05
# Larger than all that is free inside of the file; rolled back when the connection is closed.
_LARGE_ROW = (
    "BEGIN IMMEDIATE",
    "CREATE TABLE bench_probe (row BLOB)",
    """
    INSERT INTO bench_probe SELECT zeroblob((free.freelist_count + 16) * page.page_size)
    FROM pragma_freelist_count() AS free, pragma_page_size() AS page""",
)


def full(plan: Fault, ground: Ground) -> base.Fault:
    """`l3_full`."""
    statements = hooks(plan, ground)
    return StatementsFault(statements, NoRoom, FullLook(statements))


class NoRoom(Disturbance):
    """Lets the file have no more pages than it has."""

    max_pages = 1  # Which SQLite raises to those that there are.


class FullLook:
    """Sees whether there is room for a large row, as a new connection sees it.

    Args:
        statements: What disturbs them.
    """

    def __init__(self, statements: Statements) -> None:
        self._connect = partial(statements.connect, _LOCK_S)

    async def is_there(self) -> bool:
        """Whether there is none."""
        return await run_to_end(refusal, self._connect, *_LARGE_ROW) == "SQLITE_FULL"

    async def is_gone(self) -> bool:
        """Whether there is."""
        return await run_to_end(refusal, self._connect, *_LARGE_ROW) is None
