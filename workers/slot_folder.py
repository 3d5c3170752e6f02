"""The folders of slots: each stays locked as long as any process that uses it lives."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "tierbench-slot-"
LOCK = "lock"


class SlotFolder:
    """A new folder in the system's folder for temporary files.

    `lock` is the descriptor that holds its lock; a process that inherits it holds it too.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.lock = os.open(self.path / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self.lock, fcntl.LOCK_EX)

    def remove(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self.lock)


def remove_abandoned() -> None:
    """Remove the folders whose supervisor and worker process were killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if _is_abandoned(path):
            shutil.rmtree(path, ignore_errors=True)


def _is_abandoned(path: Path) -> bool:
    try:
        lock = os.open(path / LOCK, os.O_RDWR)
    except OSError:
        # It is being made just now, or somebody else's.
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(lock)
