"""The processes that take something from the machine, as their fault sees them."""

import os
import subprocess
import sys
from contextlib import suppress

import psutil

_STOP_S = 3.0


class Takers:
    """Processes that end with this one by whatever death.

    Args:
        what: What each takes, in the words of `workers.faults.taker`.
        count: How many, from 1.
    """

    def __init__(self, what: str, count: int = 1) -> None:
        self._what = what
        self._count = count
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start them.

        To be called in a thread that lives as long as this process: a child ends with the thread
        that started it.
        """
        for _ in range(self._count):
            self._started.append(
                subprocess.Popen(  # noqa: S603 - this package, run by this interpreter
                    [sys.executable, "-P", "-m", "workers.faults.taker", self._what, _parent()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                )
            )

    def stop(self) -> None:
        """Kill them and wait for their end."""
        for process in self._started:
            process.kill()
        for process in self._started:
            process.wait(_STOP_S)

    @property
    def are_gone(self) -> bool:
        """Whether none runs any more."""
        return all(process.poll() is not None for process in self._started)

    @property
    def cpu_s(self) -> list[float]:
        """Processor time of each that runs."""
        return [sum(each.cpu_times()[:2]) for each in self._running()]

    @property
    def memory_bytes(self) -> list[int]:
        """Resident memory of each that runs."""
        return [each.memory_info().rss for each in self._running()]

    def _running(self) -> list[psutil.Process]:
        running = []
        for process in self._started:
            if process.poll() is None:
                with suppress(psutil.NoSuchProcess):
                    running.append(psutil.Process(process.pid))
        return running


def _parent() -> str:
    return str(os.getpid())
