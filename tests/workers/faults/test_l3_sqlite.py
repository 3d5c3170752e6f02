"""The faults of L3 on SQLite: each comes and goes, and our own cache goes on meanwhile."""

import asyncio
import gc
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy

from cache import CacheConfig, MultiLevelCache
from tests.support.waiting import wait_until_async
from tests.workers.faults.l3_cache import TIMEOUT_S, broken, callers_are_served, make
from workers.errors import FaultError
from workers.faults.ground import L3Ground
from workers.faults.l3_pool import Hold
from workers.statements import Statements

T = TypeVar("T")

KINDS = ["l3_locked", "l3_slow", "l3_errors", "l3_full", "l3_gone", "l3_pool"]


@contextmanager
def _connected(path: Path) -> Iterator[None]:
    """Somebody whose statements can be disturbed, as a cache's can."""
    engine = sqlalchemy.create_engine(f"sqlite:///{path}", poolclass=sqlalchemy.NullPool)
    with engine.connect():
        yield


@pytest.fixture
async def l3(tmp_path: Path) -> AsyncIterator[L3Ground]:
    """A file in a folder of its own; whatever broke, no connection to it stays open."""
    path = tmp_path / "l3" / "l3.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    with Statements(path).hooked() as statements, _connected(path):
        yield L3Ground(url=f"sqlite:///{path}", path=path, statements=statements)
    await wait_until_async(lambda: not _connections(), what="the end of all connections")


@pytest.mark.parametrize("kind", ["l3_slow", "l3_errors", "l3_full", "l3_gone", "l3_pool"])
async def test_a_fault_that_the_subject_can_not_notice_has_no_effect(
    kind: str, tmp_path: Path
) -> None:
    """One that speaks to its file by other ways than ours would go on undisturbed."""
    path = tmp_path / "l3" / "l3.db"
    path.parent.mkdir()
    with (
        closing(sqlite3.connect(path)) as past_us,
        Statements(path).hooked() as statements,
    ):
        past_us.execute("CREATE TABLE a (b)")
        with _connected(path):
            pass  # As the worker does when it notes the settings of L3.
        fault = make(kind, L3Ground(url=f"sqlite:///{path}", path=path, statements=statements))
        await fault.inject()
        assert past_us.execute("SELECT count(*) FROM a").fetchone() == (0,)
        assert not await fault.is_effective()
        await fault.undo()
        assert await fault.is_cleared()


@pytest.mark.integration
@pytest.mark.parametrize("kind", KINDS)
async def test_callers_are_served(kind: str, l3: L3Ground, redis_url: str, namespace: str) -> None:
    """With L2 at hand nobody gets an error or an old value, and no later one either."""
    await callers_are_served(make(kind, l3), namespace, redis_url, l3.url)


async def test_small_and_large_figures_are_seen(l3: L3Ground) -> None:
    """What is seen within one short look depends on no figure; the end of a fault ends a delay."""
    for kind, figures in (
        ("l3_slow", {"delay_s": 60.0}),
        ("l3_slow", {"delay_s": 0.01}),
        ("l3_errors", {"share": 0.05}),
        ("l3_errors", {"share": 1.0}),
    ):
        async with broken(make(kind, l3, **figures)):
            pass


async def test_readers_go_on_while_writers_are_locked_out(l3: L3Ground) -> None:
    """A file whose log is written ahead is locked for writers alone."""
    assert l3.path is not None
    async with broken(make("l3_locked", l3)):
        connection = sqlite3.connect(l3.path, timeout=0)
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            connection.execute("CREATE TABLE a (b)")
        connection.close()


async def test_a_busy_subject_is_no_lock(l3: L3Ground) -> None:
    """Whoever writes without a pause keeps others waiting, too, but gets something written."""
    assert l3.path is not None
    fault = make("l3_locked", l3)
    with closing(sqlite3.connect(l3.path, isolation_level=None)) as not_locking:
        not_locking.execute("BEGIN")
        fault._holder = not_locking  # type: ignore[attr-defined]
        over = threading.Event()
        writing = threading.Thread(target=_write, args=(l3.path, over))
        writing.start()
        try:
            assert not any([await fault.is_effective() for _ in range(5)])
        finally:
            over.set()
            writing.join()


def _write(path: Path, over: threading.Event) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE a (b)")
        while not over.is_set():
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO a VALUES (1)")
            over.wait(0.015)
            connection.execute("COMMIT")


async def test_no_other_file_takes_the_place_of_one_that_is_gone(l3: L3Ground) -> None:
    """While it is away nobody can make another; open connections get errors, then go on."""
    assert l3.path is not None
    assert l3.statements is not None
    open_before = l3.statements.connect()
    open_before.execute("CREATE TABLE a (b)")
    async with broken(make("l3_gone", l3)):
        with pytest.raises(sqlite3.OperationalError, match="unable to open database file"):
            sqlite3.connect(l3.path)
        with pytest.raises(sqlite3.OperationalError, match="disk I/O error"):
            open_before.execute("INSERT INTO a VALUES (1)")
    open_before.execute("INSERT INTO a VALUES (2)")
    open_before.close()
    with closing(sqlite3.connect(l3.path)) as connection:
        assert connection.execute("SELECT b FROM a").fetchall() == [(2,)]


async def test_a_fault_half_way_is_undone(l3: L3Ground) -> None:
    """Where the lock is not to be had, or the file is gone already, `undo` does no harm."""
    assert l3.path is not None
    gone = make("l3_gone", l3)
    await gone.inject()
    locked = make("l3_locked", l3)
    with pytest.raises(sqlite3.OperationalError):
        await locked.inject()
    await locked.undo()
    for _ in range(2):
        await gone.undo()
    assert await gone.is_cleared()
    assert await locked.is_cleared()


async def test_a_cache_leaves_while_its_statements_hang(l3: L3Ground, namespace: str) -> None:
    """Closing it takes bounded time, and its threads end with the fault."""
    cache = MultiLevelCache(_alone(namespace, l3))
    await cache.__aenter__()
    async with broken(make("l3_pool", l3)):
        await cache.set("k", 1)
        async with asyncio.timeout(10):
            await cache.__aexit__(None, None, None)
    await wait_until_async(lambda: not _connections(), what="the end of its threads")


async def test_a_connect_that_fails_half_way_leaves_nothing(l3: L3Ground, namespace: str) -> None:
    """Neither a first statement that fails nor one that hangs costs a thread and an open file."""
    for fault in (make("l3_errors", l3, share=1.0), make("l3_pool", l3)):
        async with broken(fault), MultiLevelCache(_alone(namespace, l3)) as cache:
            assert not cache._l3_cache.serves
        await wait_until_async(lambda: not _connections(), what="the end of its connections")


async def test_a_clear_that_was_given_up_has_no_effect_later(l3: L3Ground, namespace: str) -> None:
    """What is written after a clear that hung stays when the hung connection goes on."""
    assert l3.statements is not None
    async with MultiLevelCache(_alone(namespace, l3)) as cache:
        await cache.set("k", 1)
        l3.statements.disturb(HoldOpenOnes())
        await cache.clear()
        await wait_until_async(lambda: cache._l3_cache.serves, what="L3 on new connections")
        await cache.set("k", 2)
        l3.statements.mend()
        await wait_until_async(
            lambda: len(_connections()) == 2,
            what="the end of the hung ones",
            diagnosis=_connections,
        )
        await asyncio.sleep(0.02)  # Longer than L1 keeps a value.
        assert await cache.get("k") == 2


def test_without_its_own_l3_there_is_no_fault() -> None:
    """What others use is never broken, nor a file whose statements nothing stands in the way of."""
    for kind in [*KINDS, "l3_stop"]:
        with pytest.raises(FaultError, match=f"^{kind}: the job has no L3 of its own"):
            make(kind, None)
    bare = L3Ground(url="sqlite:///a.db", path=Path("a.db"))
    for kind in KINDS[1:]:
        with pytest.raises(FaultError, match=f"^{kind}: nothing stands between"):
            make(kind, bare)
    with pytest.raises(FaultError, match=r"^l3_stop: the job has no PostgreSQL server"):
        make("l3_stop", bare)


class HoldOpenOnes(Hold):
    """Holds the statements of the connections that are open now, and no others."""

    def __init__(self) -> None:
        super().__init__()
        self._open = [each for each in gc.get_objects() if isinstance(each, sqlite3.Connection)]

    def around(self, connection: sqlite3.Connection, send: Callable[[], T]) -> T:
        """Hold it, if it is one of them."""
        if any(connection is each for each in self._open):
            return super().around(connection, send)
        return send()


def _alone(namespace: str, l3: L3Ground) -> CacheConfig:
    return CacheConfig(
        namespace=namespace,
        l3_url=l3.url,
        enable_l2=False,
        l1_default_ttl=0.01,
        l3_timeout_s=TIMEOUT_S,
        health_interval_s=0.05,
    )


def _connections() -> list[str]:
    """The threads of SQLite's driver, one a connection."""
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if "_connection_worker_thread" in name]
