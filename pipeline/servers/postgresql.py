"""A PostgreSQL server from the system's programs, as a child that can't outlive its owner."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import psycopg
from psycopg import sql

from pipeline.errors import ServiceUnavailableError
from pipeline.servers.base import HOST, free_port, wait_until
from pipeline.servers.postgresql_programs import PostgresqlPrograms, find_programs

CONNECTIONS: Final = 16
"""Connections that it takes, those of its administrator included."""

MISSING: Final = (
    "PostgreSQL's server programs are missing, or the user postgres to run them as; install them "
    "(Debian: apt-get install postgresql), or leave this scenario out"
)
"""What is missing where it can't be started, and how to mend it."""

_RESERVED = 3
_ADMINISTRATOR = "administrator"
_NAME = "tierbench"
_SETTINGS: Final = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": str(CONNECTIONS),
    "superuser_reserved_connections": str(_RESERVED),
    "shared_buffers": "16MB",
    # Commits outlive the server's processes, not the machine's end.
    "fsync": "off",
    # Elsewhere a killed server would leave files behind.
    "dynamic_shared_memory_type": "mmap",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
_INITDB: Final = (
    *("--no-sync", "--no-locale", "--encoding=UTF8", "--no-instructions", "--wal-segsize=1"),
    *("--auth=scram-sha-256", f"--username={_ADMINISTRATOR}", "--pgdata=data"),
    "--pwfile=password",
)
_START_S = 20.0
_STOP_S = 8.0
_PORT_TRIES = 3
_CONNECT_S = 2
_LOG_BYTES = 4_000
# Reads until its owner's end of the pipe is closed, by whatever death. A SIGKILL at once would
# leave the server's children and its shared memory; SIGQUIT takes all down without a checkpoint.
_GUARD = """
read _
kill -QUIT "$1"
kill -CONT "$1"
for _ in 1 2 3 4 5 6 7 8 9 10; do sleep 0.2; kill -0 "$1" || exit 0; done
kill -9 "$1"
"""


class PostgresqlServer:
    """One PostgreSQL server on loopback and a free port, which it keeps over restarts.

    Its passwords are random. Its files lie in a folder of its own, which goes with it.

    Args:
        folder: Where it makes its folder, which the programs' user must be able to reach; among
            the system's temporary files where None.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._parent = folder
        self._port = 0
        self._administrators_password = secrets.token_hex(16)
        self._password = secrets.token_hex(16)
        self._home: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def url(self) -> str:
        """URL of its database once it was started, for a user who has no privileges beyond it."""
        return f"postgresql://{_NAME}:{self._password}@{HOST}:{self._port}/{_NAME}"

    @property
    def administrators_url(self) -> str:
        """The same for its administrator, for whom some connections are kept."""
        user = f"{_ADMINISTRATOR}:{self._administrators_password}"
        return f"postgresql://{user}@{HOST}:{self._port}/{_NAME}"

    def start(self) -> str:
        """Make its data, start it and wait until it answers; its URL.

        Raises:
            ServiceUnavailableError: Its programs are missing, or it does not start.
        """
        self._log = tempfile.TemporaryFile("a+b")  # noqa: SIM115 - stop() closes it
        self._home = Path(tempfile.mkdtemp(prefix="postgresql-", dir=self._parent))
        try:
            self._initialise(self._home)
            self._launch_on_some_port()
            self._make_database()
        except BaseException:
            self.stop()
            raise
        return self.url

    def crash(self) -> None:
        """End all of its processes at once, without a word to its clients (SIGQUIT).

        What was committed is in its log, which it replays when it is started again.
        """
        self._end(signal.SIGQUIT)

    def shut_down(self) -> None:
        """End it in order: transactions are rolled back, clients told (SIGINT)."""
        self._end(signal.SIGINT)

    def restart(self) -> None:
        """Start it again on its port and with its data; crashed first where it still runs.

        Raises:
            ServiceUnavailableError: It does not start.
        """
        self.crash()
        if not self._launch():
            words = self._last_words()
            raise ServiceUnavailableError(f"PostgreSQL on {HOST} does not start again: {words}")

    def stop(self) -> None:
        """End it in whatever state it is, and leave nothing behind; harmless when repeated."""
        self.crash()
        if self._log is not None:
            self._log.close()
            self._log = None
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)
            self._home = None

    def log(self) -> str:
        """The end of what it has logged."""
        if self._log is None:
            return ""
        size_bytes = os.fstat(self._log.fileno()).st_size
        start = max(0, size_bytes - _LOG_BYTES)
        return os.pread(self._log.fileno(), _LOG_BYTES, start).decode(errors="replace").strip()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        self.stop()

    def _initialise(self, home: Path) -> None:
        programs = _programs()
        password = home / "password"
        password.touch(mode=0o600)
        password.write_text(self._administrators_password)
        for path in (home, password):
            programs.give(path)
        done = programs.run("initdb", *_INITDB, cwd=home)
        password.unlink()
        if done.returncode != 0:
            words = " ".join(done.stderr.split())[:300]
            raise ServiceUnavailableError(f"PostgreSQL's initdb fails: {words}")

    def _launch_on_some_port(self) -> None:
        for _ in range(_PORT_TRIES):
            self._port = free_port()
            if self._launch():
                return
        raise ServiceUnavailableError(f"PostgreSQL does not start: {self._last_words()}")

    def _launch(self) -> bool:
        """Start it on its port; False where it ended again."""
        if self._home is None:
            return False
        settings = {**_SETTINGS, "port": str(self._port)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        process = _programs().launch(
            "postgres", "-D", "data", *options, cwd=self._home, log=self._log
        )
        self._process = process
        self._guard = _start_guard(process.pid)
        wait_until(lambda: process.poll() is not None or self._answers(), _START_S)
        if process.poll() is None and self._answers():
            return True
        self._end(signal.SIGKILL)
        return False

    def _answers(self) -> bool:
        # Its password is random: whoever lets us in is the one that we have started.
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _make_database(self) -> None:
        name, password = sql.Identifier(_NAME), sql.Literal(self._password)
        with self._connect("postgres") as connection:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(name, password))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))

    def _connect(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=HOST,
            port=self._port,
            user=_ADMINISTRATOR,
            password=self._administrators_password,
            dbname=database,
            connect_timeout=_CONNECT_S,
            autocommit=True,
        )

    def _end(self, number: signal.Signals) -> None:
        # The guard goes first: once the server is reaped its number may be another process's.
        if self._guard is not None:
            _reap(self._guard, signal.SIGKILL)
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            _reap(self._process, number)
        self._process = self._guard = None

    def _last_words(self) -> str:
        return "".join(self.log().splitlines()[-1:])


def _programs() -> PostgresqlPrograms:
    programs = find_programs()
    if programs is None:
        raise ServiceUnavailableError(MISSING)
    return programs


def _start_guard(pid: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - a fixed script
        ["/bin/sh", "-c", _GUARD, "guard", str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _reap(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    process.send_signal(number)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        with suppress(BrokenPipeError):
            process.stdin.close()
