"""The fault `l3_errors`: a share of the statements fails.

Of SQLite's statements each is drawn, and interrupted inside of SQLite, which rolls back what a
write was part of. PostgreSQL's connections are reset in a share of the moments: who has a statement
out, or sends one, loses it with its connection.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from random import Random
from typing import TypeVar

from pipeline.fault import Fault
from workers.faults import base
from workers.faults.ground import Ground
from workers.faults.l3_looks import PostgresqlLook, lets_in
from workers.faults.l3_own import hooks, own, reached_through
from workers.faults.l3_statements import StatementsFault
from workers.proxy import Conditions, Proxy
from workers.statements import Disturbance, Statements
from workers.threads import run_to_end

T = TypeVar("T")

_ATTEMPTS = 30
_MOMENT_S = 0.05


def errors(plan: Fault, ground: Ground) -> base.Fault:
    """`l3_errors`, as the job's own L3 has it."""
    share, draw = plan.figure("share"), Random(f"{ground.seed}:{plan.kind}")
    if own(plan, ground).path is not None:
        statements = hooks(plan, ground)
        return StatementsFault(
            statements, lambda: Interruptions(share, draw), InterruptedLook(statements)
        )
    return Resets(*reached_through(plan, ground), share, draw)


class Interruptions(Disturbance):
    """Interrupts statements.

    Args:
        share: Of them, above 0 to 1.
        draw: Draws which.
    """

    def __init__(self, share: float, draw: Random) -> None:
        self._share = share
        self._draw = draw

    def around(self, connection: sqlite3.Connection, send: Callable[[], T]) -> T:
        """Send it, and have SQLite stop at its first step where it is drawn."""
        if self._draw.random() >= self._share:
            return send()
        connection.set_progress_handler(lambda: 1, 1)
        try:
            return send()
        finally:
            connection.set_progress_handler(None, 0)


class InterruptedLook:
    """Sees whether any of some statements on a new connection is interrupted.

    Args:
        statements: What disturbs them.
    """

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def is_there(self) -> bool:
        """Whether one is; where few are, it takes several looks."""
        return await run_to_end(self._interrupted) > 0

    async def is_gone(self) -> bool:
        """Whether none is."""
        return await run_to_end(self._interrupted) == 0

    def _interrupted(self) -> int:
        interrupted = 0
        with closing(self._statements.connect()) as connection:
            for _ in range(_ATTEMPTS):
                try:
                    connection.execute("SELECT 1")
                except sqlite3.OperationalError as error:
                    interrupted += error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT
        return interrupted


class Resets:
    """Resets every connection at moments that are drawn; from one to the next is `_MOMENT_S`.

    Args:
        proxy: In front of PostgreSQL.
        url: Through the proxy.
        share: Of the moments, above 0 to 1.
        draw: Draws which.
    """

    def __init__(self, proxy: Proxy, url: str, share: float, draw: Random) -> None:
        self._proxy = proxy
        self._url = url
        self._look = PostgresqlLook(url)
        self._share = share
        self._draw = draw
        self._seen = False
        self._going: asyncio.Task[None] | None = None

    async def inject(self) -> None:
        """Begin."""
        self._going = asyncio.create_task(self._go())

    async def undo(self) -> None:
        """End."""
        going, self._going = self._going, None
        if going is not None:
            going.cancel()
            await asyncio.wait({going})
        await self._proxy.remove("l3_errors")
        self._seen = False

    async def is_effective(self) -> bool:
        """Whether a connection of our own was reset at one of the moments."""
        return self._seen

    async def is_cleared(self) -> bool:
        """Look once whether a new connection is let in and answered."""
        return await lets_in(self._url)

    async def _go(self) -> None:
        while True:
            if self._draw.random() < self._share:
                await self._proxy.add("l3_errors", Conditions(reset=True))
                self._seen |= await self._look.is_reset()
                await asyncio.sleep(_MOMENT_S)
                await self._proxy.remove("l3_errors")
            else:
                await asyncio.sleep(_MOMENT_S)
