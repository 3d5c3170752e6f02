"""Processes that don't outlive their parent, where the system can see to it (Linux)."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(how: signal.Signals, parent: int) -> None:
    """Have this process sent a signal when the thread that started it ends, by whatever death.

    Where the parent has died already this process exits at once. On systems other than Linux that
    is all it does.

    Args:
        how: The signal.
        parent: The process id of the parent.

    Raises:
        OSError: The system refused.
    """
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, how) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    if os.getppid() != parent:
        sys.exit(f"process {parent}, which started this one, is gone")
