"""Every way in which a results database can fail is one line that says what to mend."""

import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from pytest_postgresql.executors import PostgreSQLExecutor
from sqlalchemy import URL, event, make_url

from results.errors import StoreUnavailableError
from results.storage import database
from results.store import Store
from tests.results.build import a_job, a_result, a_run, an_interval, complete, plan
from tests.support.postgres import database_of
from tests.support.servers import free_port

OPENING_LIMIT_S = 5.0


@contextmanager
def one_line(*parts: str) -> Iterator[None]:
    """The body fails with a StoreUnavailableError, one line of which these are parts."""
    with pytest.raises(StoreUnavailableError) as failure:
        yield
    told = str(failure.value)
    assert "\n" not in told
    assert "s3cret" not in told
    for part in parts:
        assert part in told
    assert failure.value.__cause__ is None


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """A file of something else is left as it is."""
    path = tmp_path / "notes.txt"
    path.write_text("nothing of the kind" * 100)
    with one_line("is no SQLite database", str(path)):
        Store.open(f"sqlite:///{path}")
    assert path.read_text().startswith("nothing")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Where a file is in the way of the folder, the line names it."""
    (tmp_path / "bench").write_text("in the way")
    with one_line("can't be made", str(tmp_path / "bench"), "BENCH_RESULTS_URL"):
        Store.open(f"sqlite:///{tmp_path}/bench/results.db")


def test_a_path_that_is_a_folder(tmp_path: Path) -> None:
    """A folder can't be opened as a file."""
    with one_line("can't be opened"):
        Store.open(f"sqlite:///{tmp_path}")


def test_a_read_only_database(tmp_path: Path) -> None:
    """It may be read, and the first write says that it can't be written."""
    path = tmp_path / "results.db"
    Store.open(f"sqlite:///{path}").close()
    with (
        Store.open(f"sqlite:///file:{path}?mode=ro&uri=true") as store,
        one_line("is read-only", "writable"),
    ):
        store.create_run(a_run(), [], [])


def test_a_fresh_database_that_is_read_only(tmp_path: Path) -> None:
    """Tables that can't be made are the same error, and leave nothing."""
    path = tmp_path / "results.db"
    sqlite3.connect(path).close()
    with one_line("is read-only"):
        Store.open(f"sqlite:///file:{path}?mode=ro&uri=true")


def test_a_full_disk_in_mid_attempt(sqlite_store: Store) -> None:
    """An attempt that does not fit is not half stored."""
    job = a_job()
    plan(sqlite_store, [job])

    def leave_little_room(connection: sqlite3.Connection, *_: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 4}")

    event.listen(sqlite_store.database._engine, "checkout", leave_little_room)
    large = a_result(intervals=tuple(an_interval(*range(1, 200)) for _ in range(500)))
    with one_line("has no space left", "free some"):
        complete(sqlite_store, job, large)
    assert sqlite_store.progress("run-1").running == 1


def test_a_locked_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that never ends is waited for, but not for ever; nobody waits to read."""
    monkeypatch.setattr(database, "_BUSY_TIMEOUT_S", 0.2)
    url = f"sqlite:///{tmp_path}/results.db"
    with Store.open(url) as store, closing(sqlite3.connect(tmp_path / "results.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with one_line("is locked", "end the one that holds it"):
            store.create_run(a_run(), [], [])
        assert store.runs(1) == []
        Store.open(url).close()
        other.rollback()
        store.create_run(a_run(), [], [])


def test_a_server_that_is_not_there() -> None:
    """A refused connection names the address, not the password, within five seconds."""
    begin = time.monotonic()
    with one_line("does not answer", "postgresql://bob:***@127.0.0.1"):
        Store.open(f"postgresql://bob:s3cret@127.0.0.1:{free_port()}/results")
    assert time.monotonic() - begin < OPENING_LIMIT_S


def test_a_server_that_says_nothing() -> None:
    """A port that accepts and keeps silent is given up within five seconds."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        begin = time.monotonic()
        with one_line("does not answer"):
            Store.open(f"postgresql://bob:s3cret@127.0.0.1:{port}/results")
        assert time.monotonic() - begin < OPENING_LIMIT_S


def test_a_host_that_does_not_exist() -> None:
    """A name that can't be resolved says so."""
    with one_line("host that is not known"):
        Store.open("postgresql://bob:s3cret@nowhere.invalid/results")


@pytest.mark.postgresql
def test_a_database_that_the_server_lacks(postgresql_server: PostgreSQLExecutor) -> None:
    """A wrong name is told apart from a dead server."""
    place = f"postgres@127.0.0.1:{postgresql_server.port}"
    with one_line("lacks what the URL names", '"nothing_here"'):
        Store.open(f"postgresql://{place}/nothing_here")


@pytest.mark.postgresql
def test_a_user_without_rights(postgresql_server: PostgreSQLExecutor) -> None:
    """Who may not make tables is told so."""
    with database_of(postgresql_server) as url, Store.open(url) as store:
        with store.database.write() as connection:
            connection.exec_driver_sql("CREATE ROLE reader LOGIN")
        try:
            with one_line("denies this user"):
                Store.open(str(_as_user(url, "reader")))
        finally:
            with store.database.write() as connection:
                connection.exec_driver_sql("DROP ROLE reader")


@pytest.mark.postgresql
def test_a_locked_row(
    postgresql_server: PostgreSQLExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that holds a run's jobs is waited for, but not for ever."""
    monkeypatch.setattr(database, "_BUSY_TIMEOUT_S", 0.2)
    with database_of(postgresql_server) as url, Store.open(url) as store:
        plan(store, [a_job()])
        with store.database.write() as connection:
            connection.exec_driver_sql("SELECT * FROM jobs FOR UPDATE")
            with one_line("is locked by another session"):
                store.cancel_run("run-1")
        assert store.cancel_run("run-1") == 1


@pytest.mark.postgresql
def test_a_server_that_went_away_and_came_back(postgresql_server: PostgreSQLExecutor) -> None:
    """Connections that the server ended are one error at most, then replaced."""
    with database_of(postgresql_server) as url, Store.open(url) as store:
        plan(store, [a_job()])
        with Store.open(url) as other, other.database.write() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert store.progress("run-1").queued == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://bob:s3cret@host/db", "can't be kept in mysql"),
        ("sqlite://", "in memory would be lost"),
        ("sqlite:///:memory:", "in memory would be lost"),
        ("bob:s3cret", "URL can't be read"),
        ("postgresql://bob:s3cret@host:port/db", "URL can't be read"),
    ],
)
def test_urls_that_cannot_be_used(url: str, said: str) -> None:
    """A wrong URL is one line that shows a right one and no password."""
    with one_line(said, "sqlite:///PATH"):
        Store.open(url)


def test_passwords_are_shown_nowhere(tmp_path: Path) -> None:
    """Neither where it belongs nor as a parameter does a password reach the shown URL."""
    url = "postgresql://bob:s3cret@127.0.0.1:1/results?password=t0psecret&sslpassword=hush"
    with pytest.raises(StoreUnavailableError) as failure:
        Store.open(url)
    for secret in ("s3cret", "t0psecret", "hush"):
        assert secret not in str(failure.value)
    with Store.open(f"sqlite:///{tmp_path}/results.db") as store:
        assert store.url == f"sqlite:///{tmp_path}/results.db"


def _as_user(url: str, user: str) -> URL:
    return make_url(url).set(username=user)


def test_an_option_that_nobody_knows() -> None:
    """A URL's mistaken option is named."""
    with one_line("has an option that is not known", "nonsense", "BENCH_RESULTS_URL"):
        Store.open(f"postgresql://u:s3cret@127.0.0.1:{free_port()}/d?nonsense=1")
