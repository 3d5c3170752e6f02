"""Makes sure that nothing which `bench run` started outlives it, however it ends."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from pipeline.cli.processes import adopt_orphans, kill_descendants

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(KeyboardInterrupt):
    """A signal asked the run to stop; `exit_code` is 128 + its number."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.exit_code = 128 + signum


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise `Interrupted` at the first signal to stop; at the second, kill everything and exit.

    What the caller has ignored (`nohup`) stays ignored. Whatever still runs at the end is killed.
    """
    before = {signum: signal.getsignal(signum) for signum in _SIGNALS}
    adopt_orphans()
    _handle_by(_first)
    try:
        yield
    finally:
        kill_descendants()
        for signum, handler in before.items():
            signal.signal(signum, handler)


def _first(signum: int, _frame: FrameType | None) -> NoReturn:
    _handle_by(_second)
    raise Interrupted(signum)


def _second(signum: int, _frame: FrameType | None) -> NoReturn:
    kill_descendants()
    os._exit(128 + signum)


def _handle_by(handler: Callable[[int, FrameType | None], NoReturn]) -> None:
    for signum in _SIGNALS:
        if signal.getsignal(signum) != signal.SIG_IGN:
            signal.signal(signum, handler)
