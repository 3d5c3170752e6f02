"""One results database: its connections, its transactions, and its failures as one clear line."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from results.storage import address, layout, space
from results.storage.failure import one_clear_line

_OPEN_TIMEOUT_S = 4.0
_BUSY_TIMEOUT_S = 20.0
_WRITES = "tierbench_writes"


class Database:
    """Reads and writes of one results database; safe to use from several threads."""

    def __init__(self, url: URL) -> None:
        self.url = address.shown(url)
        self._engine = _engine(url, _BUSY_TIMEOUT_S)

    @classmethod
    def open(cls, text: str) -> Self:
        """Reach the database within 5 s and bring its tables to this code's layout.

        Raises:
            StoreUnavailableError: It can't be reached, written or understood.
        """
        url = address.parse(text)
        address.make_folder(url)
        opening = _engine(url, _OPEN_TIMEOUT_S)
        try:
            with one_clear_line(address.shown(url)):
                _prepare(opening)
        finally:
            opening.dispose()
        return cls(url)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def give_back_space(self) -> space.Space | None:
        """Make an SQLite file smaller where much of it is free; see `space.give_back`.

        Raises:
            StoreUnavailableError: The database failed.
        """
        with one_clear_line(self.url):
            return space.give_back(self._engine)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads.

        Raises:
            StoreUnavailableError: The database failed.
        """
        with one_clear_line(self.url), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes: all of it or nothing is kept.

        Raises:
            StoreUnavailableError: The database failed.
        """
        with one_clear_line(self.url), writing(self._engine) as connection:
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that holds SQLite's write lock from its begin."""
    with engine.connect() as connection:
        connection.execution_options(**{_WRITES: True})
        with connection.begin():
            yield connection


def _prepare(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        _use_wal(engine)
    with engine.begin() as connection:
        if layout.is_current(connection):
            return
    with writing(engine) as connection:
        layout.upgrade(connection)


def _engine(url: URL, timeout_s: float) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": timeout_s})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_pre_ping=True, connect_args=_postgresql_arguments(timeout_s))


def _postgresql_arguments(timeout_s: float) -> dict[str, Any]:
    return {
        # libpq's least; each address of a name gets as long, and localhost has two.
        "connect_timeout": 2,
        "tcp_user_timeout": 10_000,
        # A server whose machine is gone would else be waited for two hours.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "application_name": "tierbench",
        "options": f"-c lock_timeout={timeout_s * 1000:.0f}",
    }


def _set_up_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    # Transactions are begun below, as what they are; the driver's own would begin too late.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _use_wal(engine: Engine) -> None:
    connection = engine.raw_connection()
    try:
        give_up_at = time.monotonic() + _OPEN_TIMEOUT_S
        while not _is_wal(connection, last_try=time.monotonic() > give_up_at):
            time.sleep(0.02)
    finally:
        connection.close()


def _is_wal(connection: Any, *, last_try: bool) -> bool:
    # The one switch of a fresh file to WAL fails at once, unlike all else, where two do it.
    try:
        return bool(connection.cursor().execute("PRAGMA journal_mode = WAL").fetchone())
    except sqlite3.OperationalError as error:
        if last_try or "locked" not in str(error):
            raise
        return False
