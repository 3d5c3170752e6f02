"""The worker processes of one `bench run`: a supervisor started by its module's name."""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pipeline.cli.errors import WorkersDiedError
from pipeline.cli.processes import kill_descendants
from pipeline.servers.identity import server_identity
from pipeline.subjects import check_import_path

# Reads until this process's end of the pipe is closed, by whatever death.
_GUARD = 'read _; kill "$1" 2>/dev/null'
_STOP_GRACE_S = 12.0
_SHOWN_LINES = 12


def supervisor(
    processes: int, allowed: Sequence[str], destructible: Sequence[str] = ()
) -> list[str]:
    """The command that becomes a supervisor.

    Args:
        processes: Measuring processes, from 1.
        allowed: Import paths of the subjects that they may import beside installed ones.
        destructible: URLs of servers of others that their faults may break.

    Raises:
        UnknownNameError: One is not of the form `package.module:factory`.
        SettingsError: One is not a URL of a Redis or Valkey server.
    """
    command = [sys.executable, "-P", "-m", "workers.supervisor", "--processes", str(processes)]
    for name in allowed:
        command += ["--allow-subject", check_import_path(name)]
    for url in destructible:
        # A command line is for everybody to read: no password gets there.
        command += ["--allow-destructive", server_identity(url, "--allow-destructive")]
    return command


class Workers:
    """A running supervisor whose output goes to `log`, or to stderr where there is none."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path | None) -> None:
        self._process = process
        self._log = log

    def check(self) -> None:
        """Make sure that it still runs.

        Raises:
            WorkersDiedError: It has ended; the text shows the last lines of its log.
        """
        code = self._process.poll()
        if code is not None:
            raise WorkersDiedError(f"the workers ended by themselves (exit {code}){self._tail()}")

    def stop(self) -> None:
        """Ask it to stop, and end it where it doesn't within its grace."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(_STOP_GRACE_S)
        except subprocess.TimeoutExpired:
            # Once it is dead, nobody knows any more which processes were its own.
            kill_descendants(self._process.pid)
            self._process.kill()
            self._process.wait()

    def _tail(self) -> str:
        if self._log is None:
            return ""
        with self._log.open(encoding="utf-8", errors="replace") as lines:
            last = deque(lines, maxlen=_SHOWN_LINES)
        return f"; {self._log} ends with:\n{''.join(last).rstrip()}"


@contextmanager
def running_workers(
    processes: int,
    environment: Mapping[str, str],
    log: Path | None,
    allowed: Sequence[str] = (),
    destructible: Sequence[str] = (),
) -> Iterator[Workers]:
    """Start a supervisor, and stop it in every exit path.

    It is a session of its own, so that Ctrl-C reaches this process alone, which decides the
    order in which things stop.

    Args:
        processes: Measuring processes, from 1.
        environment: Addresses to use, by the name of their environment variable.
        log: Where its output goes; to stderr where None.
        allowed: Import paths of the subjects that they may import beside installed ones.
        destructible: URLs of servers of others that their faults may break.
    """
    process = _start(supervisor(processes, allowed, destructible), environment, log)
    workers = Workers(process, log)
    try:
        with _stopped_with_this_process(process.pid):
            yield workers
    finally:
        workers.stop()


def _start(
    command: Sequence[str], environment: Mapping[str, str], log: Path | None
) -> "subprocess.Popen[bytes]":
    with _output(log) as output:
        return subprocess.Popen(  # noqa: S603 - our own module, by its name
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


@contextmanager
def _output(log: Path | None) -> Iterator[IO[bytes] | IO[str]]:
    if log is None:
        yield sys.stderr
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    # Appending keeps the lines of two runs in one folder whole.
    with log.open("ab") as output:
        yield output


@contextmanager
def _stopped_with_this_process(pid: int) -> Iterator[None]:
    """Have a process told to stop once this one has ended, even where it was killed."""
    guard = subprocess.Popen(  # noqa: S603 - a fixed text and a number
        ["/bin/sh", "-c", _GUARD, "guard", str(pid)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    with guard:
        try:
            yield
        finally:
            guard.kill()
