"""A process that takes a processor or memory until it is ended, or its parent is gone.

`python -P -m workers.faults.taker cpu|MEMORY_BYTES PARENT_PID`
"""

import os
import signal
import sys
import time

from workers.parent import die_with_parent

_TURNS = 100_000
_PAGE_BYTES = 4_096
_LOOK_EVERY_S = 0.1


def _take_processor(parent: int) -> None:
    while os.getppid() == parent:
        for _ in range(_TURNS):
            pass


def _take_memory(size_bytes: int, parent: int) -> None:
    taken = bytearray(size_bytes)
    # Memory is the system's to give only once it is written to.
    taken[::_PAGE_BYTES] = b"\1" * len(range(0, size_bytes, _PAGE_BYTES))
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_S)


if __name__ == "__main__":
    what, parent_pid = sys.argv[1], int(sys.argv[2])
    die_with_parent(signal.SIGKILL, parent_pid)
    if what == "cpu":
        _take_processor(parent_pid)
    else:
        _take_memory(int(what), parent_pid)
