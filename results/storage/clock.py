"""The database's own clock: the only one by which times are kept and claims are judged."""

from typing import Any

from sqlalchemy import Connection, Double, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Now(FunctionElement[float]):
    """An SQL expression: now, in seconds since the epoch."""

    type = Double()
    inherit_cache = True


@compiles(Now, "sqlite")
def _sqlite_now(_element: Now, _compiler: SQLCompiler, **_options: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(Now, "postgresql")
def _postgresql_now(_element: Now, _compiler: SQLCompiler, **_options: Any) -> str:
    # Not now(): that stands still at the transaction's begin, which may have waited for a lock.
    return "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"


def now_s(connection: Connection) -> float:
    """The database's time in seconds since the epoch."""
    return float(connection.execute(select(Now())).scalar_one())
