"""Makes sure that nothing which `bench run` started outlives it, however it ends."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(KeyboardInterrupt):
    """A signal asked the run to stop; `exit_code` is 128 + its number."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.exit_code = 128 + signum


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise `Interrupted` at the first signal to stop; at the second, kill everything and exit.

    Whatever is still there at the end is killed.
    """
    before = {signum: signal.signal(signum, _first) for signum in _SIGNALS}
    try:
        yield
    finally:
        kill_descendants()
        for signum, handler in before.items():
            signal.signal(signum, handler)


def kill_descendants() -> None:
    """Kill every process that this one started, and those that they started."""
    import psutil

    left = psutil.Process().children(recursive=True)
    for process in left:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(left, timeout=5)


def _first(signum: int, _frame: FrameType | None) -> NoReturn:
    for other in _SIGNALS:
        signal.signal(other, _second)
    raise Interrupted(signum)


def _second(signum: int, _frame: FrameType | None) -> NoReturn:
    kill_descendants()
    os._exit(128 + signum)
