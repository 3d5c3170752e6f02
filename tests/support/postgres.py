"""A real PostgreSQL server of the tests' own, and databases on it that last one test."""

import os
import pwd
import shutil
import stat
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_postgresql.executors import PostgreSQLExecutor
from pytest_postgresql.janitor import DatabaseJanitor

from tests.support.servers import LOOPBACK, free_port, require

_SYSTEM_USER = "postgres"
_BINARIES = Path("/usr/lib/postgresql")


@contextmanager
def postgresql() -> Iterator[PostgreSQLExecutor]:
    """A PostgreSQL server on loopback and a free port, stopped and removed afterwards.

    Skips the test where there are no server binaries; fails it under CI.
    """
    folder = Path(tempfile.mkdtemp(prefix="tierbench-postgresql-"))
    server = None
    try:
        server = _server(folder)
        server.start()
        yield server
    finally:
        if server is not None and server.running():
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database_of(server: PostgreSQLExecutor) -> Iterator[str]:
    """The URL of an empty database that is dropped afterwards, whoever is still connected."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    place = {"user": server.user, "host": server.host, "port": server.port}
    with DatabaseJanitor(dbname=name, **place):
        yield f"postgresql://{server.user}@{server.host}:{server.port}/{name}"


def _server(folder: Path) -> PostgreSQLExecutor:
    return PostgreSQLExecutor(
        executable=str(_control_program(folder)),
        host=LOOPBACK,
        port=free_port(),
        datadir=str(folder / "data"),
        unixsocketdir=str(folder),
        logfile=str(folder / "log"),
        startparams="-w",
        dbname="tierbench",
        postgres_options=f"-c listen_addresses={LOOPBACK}",
    )


def _control_program(folder: Path) -> Path:
    found = installed()
    if found is None:
        require("PostgreSQL", f"no server binaries in {_BINARIES}; install `postgresql`")
    if os.getuid() != 0:
        return found
    # The server refuses to run as root: it runs as its own user, in a folder of that user.
    user = pwd.getpwnam(_SYSTEM_USER)
    os.chown(folder, user.pw_uid, user.pw_gid)
    wrapper = folder / "pg_ctl"
    wrapper.write_text(f'#!/bin/sh\ncd /\nexec runuser -u {_SYSTEM_USER} -- {found} "$@"\n')
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    return wrapper


def installed() -> Path | None:
    """The newest `pg_ctl` of this machine; None where there is none."""
    versions = sorted(_BINARIES.glob("*/bin/pg_ctl"), key=_major_version)
    on_path = shutil.which("pg_ctl")
    return versions[-1] if versions else Path(on_path) if on_path else None


def _major_version(program: Path) -> int:
    name = program.parent.parent.name
    return int(name) if name.isdigit() else 0
