"""A PostgreSQL server of one's own: its data outlive a crash, and it outlives nobody."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pipeline.errors import ServiceUnavailableError
from pipeline.servers import postgresql
from pipeline.servers.postgresql import MISSING, PostgresqlServer
from pipeline.servers.postgresql_programs import find_programs
from tests.support.servers import require
from tests.support.waiting import wait_until

_OWNER = """
import time
from pipeline.servers.postgresql import PostgresqlServer
server = PostgresqlServer()
server.start()
print(server._process.pid, server._home, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    """A started server."""
    if find_programs() is None:
        require("PostgreSQL", MISSING)
    with PostgresqlServer() as started:
        yield started


@pytest.mark.postgresql
def test_commits_outlive_crashes_and_stops(server: PostgresqlServer) -> None:
    """It comes back at its URL with what was committed, however it ended."""
    _execute(server, "CREATE TABLE rows (row int)")
    for number, end in enumerate((server.crash, server.shut_down, lambda: None)):
        _execute(server, f"INSERT INTO rows VALUES ({number})")
        url = server.url
        end()
        server.restart()
        assert server.url == url
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT * FROM rows").fetchall() == [(0,), (1,), (2,)]
    assert "database system is ready" in server.log()


@pytest.mark.postgresql
def test_its_user_has_no_privileges_and_needs_the_password(server: PostgresqlServer) -> None:
    """The cache can't use what is kept for the administrator; nobody gets in without a password."""
    with psycopg.connect(server.url) as connection:
        row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert row.fetchone() == (False,)
    password = server.url.split(":")[2].partition("@")[0]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url.replace(password, "guessed"))
    assert password not in repr(server) + server.log()


@pytest.mark.postgresql
def test_it_dies_with_its_owner(server: PostgresqlServer) -> None:
    """Where its owner's whole process group is killed, it ends with it."""
    owner = subprocess.Popen(
        [sys.executable, "-c", _OWNER], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert owner.stdout is not None
    pid, home = owner.stdout.readline().split()
    os.killpg(owner.pid, signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    wait_until(lambda: not _runs(int(pid)), what="the server's end")
    shutil.rmtree(home)


@pytest.mark.postgresql
def test_its_end_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that can't be started leaves no file behind either."""
    if find_programs() is None:
        require("PostgreSQL", MISSING)
    monkeypatch.setattr(postgresql, "_INITDB", ("--no-such-option",))
    server = PostgresqlServer(tmp_path)
    with pytest.raises(ServiceUnavailableError, match="initdb fails"):
        server.start()
    server.stop()
    assert not list(tmp_path.iterdir())


def _execute(server: PostgresqlServer, statement: str) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute(statement.encode())


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
