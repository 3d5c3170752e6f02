"""The fault `l3_slow`: each statement takes longer.

SQLite's are held back in the thread that sends them. PostgreSQL's answers come late, a statement's
as well as those that a new connection needs.
"""

import sqlite3
from collections.abc import Callable
from functools import partial
from threading import Event
from typing import TypeVar

from pipeline.fault import Fault
from workers.faults import base
from workers.faults.ground import Ground
from workers.faults.l3_looks import HeldLook, PostgresqlLook
from workers.faults.l3_own import hooks, own, reached_through
from workers.faults.l3_statements import StatementsFault
from workers.faults.network import NetworkFault
from workers.proxy import Conditions
from workers.statements import Disturbance

T = TypeVar("T")


def slow(plan: Fault, ground: Ground) -> base.Fault:
    """`l3_slow`, as the job's own L3 has it."""
    delay_s = plan.figure("delay_s")
    if own(plan, ground).path is not None:
        statements = hooks(plan, ground)
        return StatementsFault(statements, partial(Delay, delay_s), HeldLook(statements, delay_s))
    proxy, url = reached_through(plan, ground)
    conditions = Conditions(delay_s=delay_s, direction="from_server")
    look = LateLook(PostgresqlLook(url, delay_s))
    return NetworkFault(plan.kind, proxy, conditions, look)


class Delay(Disturbance):
    """Holds each statement back, and its connection with it.

    Args:
        delay_s: For so many seconds.
    """

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._over = Event()

    def around(self, connection: sqlite3.Connection, send: Callable[[], T]) -> T:  # noqa: ARG002 - the shape of a disturbance
        """Wait, then send it."""
        self._over.wait(self._delay_s)
        return send()

    def end(self) -> None:
        """Send what waits at once."""
        self._over.set()


class LateLook:
    """Sees whether PostgreSQL greets late."""

    def __init__(self, look: PostgresqlLook) -> None:
        self.is_there = look.is_late
        self.is_gone = look.is_prompt
