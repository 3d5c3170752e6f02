r"""Disturbs the statements that this process sends to one SQLite file through SQLAlchemy.

    SQLAlchemy -> driver -> [ connection and cursor of ours ] -> sqlite3 -> the file
                                    \ asks before each statement what is broken now

All of it happens in the thread that sends the statement, so that a connection is as busy as it
would be if its database were slow. Drivers that pass SQLAlchemy's own cursors by are met as well.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar
from weakref import WeakSet

import sqlalchemy
from sqlalchemy import event

T = TypeVar("T")


class Disturbance:
    """What becomes of statements; by itself nothing."""

    max_pages: int | None = None
    """The most pages that the file may have, as each connection sees it; None for the default."""

    def around(self, connection: sqlite3.Connection, send: Callable[[], T]) -> T:  # noqa: ARG002 - others need it
        """Send a statement, with what happens before and to it.

        Args:
            connection: Sends it, from the calling thread.
            send: Does so and returns what SQLite answers.
        """
        return send()

    def end(self) -> None:
        """Let go of every statement that it holds."""


CALM = Disturbance()


class Statements:
    """What happens to the statements of this process's connections to one file.

    `meets_somebody` says whether SQLAlchemy had such a connection when the disturbance began, or
    has made one since.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.disturbance = CALM
        self.meets_somebody = False
        self._path = path.resolve()
        self._open: WeakSet[sqlite3.Connection] = WeakSet()

    def disturb(self, disturbance: Disturbance) -> None:
        """Have this happen to each statement from now on, on open connections and new ones."""
        self.meets_somebody = len(self._open) > 0
        before, self.disturbance = self.disturbance, disturbance
        before.end()

    def mend(self) -> None:
        """Let all statements pass, also those that are held."""
        self.disturb(CALM)

    @contextmanager
    def hooked(self) -> Iterator[Self]:
        """Make SQLAlchemy's connections to the file such as can be disturbed; mended at the end."""
        event.listen(sqlalchemy.Engine, "do_connect", self._connect)
        try:
            yield self
        finally:
            event.remove(sqlalchemy.Engine, "do_connect", self._connect)
            self.mend()

    def connect(self, timeout_s: float = 0.0) -> sqlite3.Connection:
        """A new connection that is disturbed like all others; it makes no file.

        Args:
            timeout_s: The longest that it waits for a lock.
        """
        place = f"{self._path.as_uri()}?mode=rw"
        return _Connection(self, place, uri=True, timeout=timeout_s, isolation_level=None)

    def _connect(
        self,
        dialect: sqlalchemy.Dialect,
        _record: object,
        arguments: Sequence[Any],
        options: Mapping[str, Any],
    ) -> Any:
        if dialect.name != "sqlite" or not arguments or not self._is_meant(arguments[0]):
            return None
        self.meets_somebody = True
        return dialect.connect(*arguments, **options, factory=self._opened)

    def _opened(self, *arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = _Connection(self, *arguments, **options)
        self._open.add(connection)
        return connection

    def _is_meant(self, database: str) -> bool:
        return Path(database).resolve() == self._path


class _Connection(sqlite3.Connection):
    """A connection that asks before each of its statements what is broken now."""

    def __init__(self, statements: Statements, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._statements = statements
        self._default_max_pages: int | None = None
        self._max_pages: int | None = None

    def cursor(self, factory: Any = None) -> Any:
        """A cursor whose statements are sent by `send`."""
        return super().cursor(factory or _Cursor)

    def execute(self, *arguments: Any) -> Any:
        """Execute a statement on a new cursor; sqlite3's own would not be made by `cursor`."""
        with self._new_cursor() as cursor:
            return cursor.execute(*arguments)

    def executemany(self, *arguments: Any) -> Any:
        """Execute a statement several times on a new cursor."""
        with self._new_cursor() as cursor:
            return cursor.executemany(*arguments)

    def executescript(self, *arguments: Any) -> Any:
        """Execute several statements on a new cursor."""
        with self._new_cursor() as cursor:
            return cursor.executescript(*arguments)

    def commit(self) -> None:
        """Commit."""
        self.send(super().commit)

    def send(self, statement: Callable[[], T]) -> T:
        """Send a statement as it is allowed to go now."""
        disturbance = self._statements.disturbance
        if disturbance.max_pages != self._max_pages:
            self._limit(disturbance.max_pages)
        return disturbance.around(self, statement)

    @contextmanager
    def _new_cursor(self) -> Iterator[sqlite3.Cursor]:
        """A cursor that is closed where it fails.

        An error's frames keep it alive, and with it the locks of a connection that was closed.
        """
        cursor = self.cursor()
        try:
            yield cursor
        except BaseException:
            cursor.close()
            raise

    def _limit(self, max_pages: int | None) -> None:
        cursor = super().cursor()
        if self._default_max_pages is None:
            (self._default_max_pages,) = cursor.execute("PRAGMA max_page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {max_pages or self._default_max_pages}")
        cursor.close()
        self._max_pages = max_pages


class _Cursor(sqlite3.Cursor):
    """A cursor of a `_Connection`."""

    connection: _Connection

    def execute(self, *arguments: Any) -> Self:
        """Execute a statement."""
        return self.connection.send(partial(super().execute, *arguments))

    def executemany(self, *arguments: Any) -> Self:
        """Execute a statement several times."""
        return self.connection.send(partial(super().executemany, *arguments))

    def executescript(self, *arguments: Any) -> sqlite3.Cursor:
        """Execute several statements."""
        return self.connection.send(partial(super().executescript, *arguments))
