"""What disturbs this process's statements to one SQLite file."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import aiosqlite
import pytest
import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine

from tests.support.waiting import wait_until
from workers.faults.l3_full import NoRoom
from workers.faults.l3_pool import Hold
from workers.statements import Disturbance, Statements

T = TypeVar("T")


class Fails(Disturbance):
    """Fails each statement, and counts them."""

    def __init__(self) -> None:
        self.met = 0

    def around(self, connection: sqlite3.Connection, send: Callable[[], T]) -> T:
        """Fail it."""
        self.met += 1
        raise sqlite3.OperationalError("on purpose")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with a table, as our own cache sets it up."""
    file = tmp_path / "a.db"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE rows (row)")
    connection.close()
    return file


@pytest.fixture
def statements(path: Path) -> Iterator[Statements]:
    """Those to the file."""
    with Statements(path).hooked() as hooked:
        yield hooked


@pytest.fixture
def engine(path: Path, statements: Statements) -> Iterator[sqlalchemy.Engine]:
    """SQLAlchemy's way to the file."""
    made = sqlalchemy.create_engine(f"sqlite:///{path}", poolclass=sqlalchemy.NullPool)
    yield made
    made.dispose()


async def test_each_way_to_send_a_statement_is_met(path: Path, statements: Statements) -> None:
    """Neither the driver's own ways nor a cursor's pass by what disturbs them."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
    ways: list[Callable[[aiosqlite.Connection], object]] = [
        lambda driver: driver.execute("SELECT 1"),
        lambda driver: driver.execute_fetchall("SELECT 1"),
        lambda driver: driver.executemany("INSERT INTO rows VALUES (?)", [(1,)]),
        lambda driver: driver.executescript("SELECT 1"),
        lambda driver: driver.commit(),
    ]
    async with engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert isinstance(driver, aiosqlite.Connection)
        cursor = await driver.cursor()
        ways += [
            lambda _: cursor.execute("SELECT 1"),
            lambda _: cursor.executemany("INSERT INTO rows VALUES (?)", [(1,)]),
            lambda _: cursor.executescript("SELECT 1"),
        ]
        statements.disturb(fails := Fails())
        for met, way in enumerate(ways, start=1):
            with pytest.raises(sqlite3.OperationalError, match="on purpose"):
                await way(driver)  # type: ignore[misc] - they return what can be awaited
            assert fails.met == met
        statements.mend()
        assert await driver.execute_fetchall("SELECT 1") == [(1,)]
        await cursor.close()
    await engine.dispose()


def test_other_files_are_left_alone(tmp_path: Path, statements: Statements) -> None:
    """Connections to another file are sqlite3's own."""
    statements.disturb(Fails())
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path}/other.db")
    with engine.connect() as connection:
        assert connection.scalar(sqlalchemy.text("SELECT 1")) == 1
        assert type(connection.connection.driver_connection) is sqlite3.Connection
    engine.dispose()


def test_nothing_stays_hooked(path: Path) -> None:
    """At the end statements pass, and later connections are sqlite3's own."""
    engine = sqlalchemy.create_engine(f"sqlite:///{path}", poolclass=sqlalchemy.NullPool)
    with Statements(path).hooked() as statements:
        before = engine.connect()
        statements.disturb(Fails())
    assert before.scalar(sqlalchemy.text("SELECT 1")) == 1
    before.close()
    with engine.connect() as after:
        assert type(after.connection.driver_connection) is sqlite3.Connection


def test_what_is_held_is_let_go_at_the_end(path: Path) -> None:
    """A statement that hangs when all ends is sent then, and its thread ends."""
    with Statements(path).hooked() as statements:
        statements.disturb(Hold())
        answers: list[object] = []
        thread = threading.Thread(target=lambda: answers.append(_ask(statements)), daemon=True)
        thread.start()
        thread.join(0.05)
        assert thread.is_alive()
    wait_until(lambda: answers == [(1,)], what="the held statement")
    thread.join()


def test_a_failed_statement_holds_no_lock(path: Path, statements: Statements) -> None:
    """A write that fails and whose connection is closed keeps nobody else from writing.

    The error, which somebody may keep, must not keep the statement, and with it the lock.
    """
    failing = statements.connect()
    failing.execute("BEGIN IMMEDIATE")
    statements.disturb(NoRoom())
    with pytest.raises(sqlite3.OperationalError) as kept:
        failing.execute("INSERT INTO rows SELECT zeroblob(1000000) RETURNING 1")
    failing.close()
    other = statements.connect()
    other.execute("BEGIN IMMEDIATE")
    other.close()
    assert kept.value.sqlite_errorname == "SQLITE_FULL"


def test_room_is_limited_and_given_back(statements: Statements, engine: sqlalchemy.Engine) -> None:
    """Open connections and new ones get no new page while it lasts; then they do."""
    large = sqlalchemy.text("INSERT INTO rows VALUES (zeroblob(1000000))")
    with engine.connect() as before:
        default = before.scalar(sqlalchemy.text("PRAGMA max_page_count"))
        statements.disturb(NoRoom())
        with engine.connect() as new:
            for connection in (before, new):
                with pytest.raises(sqlalchemy.exc.OperationalError, match="disk is full"):
                    connection.execute(large)
                connection.rollback()
            statements.mend()
            for connection in (before, new):
                connection.execute(large)
                connection.commit()
                assert connection.scalar(sqlalchemy.text("PRAGMA max_page_count")) == default
                connection.rollback()


async def test_many_connections_are_held_and_let_go(path: Path, statements: Statements) -> None:
    """Held statements are sent as soon as the disturbance ends, whatever their connection."""
    statements.disturb(Hold())
    asked = [asyncio.ensure_future(asyncio.to_thread(_ask, statements)) for _ in range(4)]
    done, _ = await asyncio.wait(asked, timeout=0.05)
    assert not done
    statements.mend()
    assert await asyncio.gather(*asked) == [(1,)] * len(asked)


def _ask(statements: Statements) -> object:
    connection = statements.connect()
    try:
        return connection.execute("SELECT 1").fetchone()
    finally:
        connection.close()
