"""Becomes Dramatiq's own command, in a process that is told to stop when its supervisor dies."""

import os
import signal
import sys
from types import FrameType

from dramatiq.cli import main

from workers.parent import die_with_parent
from workers.slot import SUPERVISOR_VARIABLE


def _stop_once(_number: int, _frame: FrameType | None) -> None:
    """Pass a supervisor's death on as one SIGTERM.

    The system tells it once for each thread that the supervisor had, and to Dramatiq a second
    SIGTERM means to drop everything.
    """
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _stop_once)
    die_with_parent(signal.SIGUSR1)
    # The supervisor may have died before the line above.
    if os.getppid() != int(os.environ[SUPERVISOR_VARIABLE]):
        sys.exit("the supervisor is gone")
    sys.exit(main())  # type: ignore[no-untyped-call]  # Dramatiq leaves it untyped
