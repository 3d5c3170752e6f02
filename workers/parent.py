"""Processes that don't outlive their parent, where the system can see to it (Linux)."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(how: signal.Signals) -> None:
    """Have this process sent a signal when the thread that started it ends, by whatever death.

    Does nothing on other systems.

    Args:
        how: The signal.

    Raises:
        OSError: The system refused.
    """
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, how) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
