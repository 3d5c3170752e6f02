"""What a job may leave behind on its machine: processes that it started, and files."""

import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import psutil

from workers.errors import LeftoverError

# Who was told to end may take a moment, and so may a guard that sees it.
_WITHIN_S = 2.0
_PAUSE_S = 0.02
_SHOWN = 3


def children() -> frozenset[psutil.Process]:
    """The processes that this one and its children have started, and that still run."""
    found = psutil.Process().children(recursive=True)
    return frozenset(each for each in found if _runs(each))


def check_nothing_left(before: Collection[psutil.Process], folder: Path) -> None:
    """See whether everything that was started has ended, and all that was written is gone.

    Args:
        before: The processes that ran before the job did.
        folder: The attempt's own.

    Raises:
        LeftoverError: It has not, or is not; the processes are killed by then.
    """
    processes = _still_running(before)
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
    if not processes and not files:
        return
    names = [f"process {each.pid} ({_name(each)})" for each in processes]
    for each in processes:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    found = [*names, *(f"file {name}" for name in files)]
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    raise LeftoverError(f"left over after the job: {', '.join(found[:_SHOWN])}{more}")


def _still_running(before: Collection[psutil.Process]) -> list[psutil.Process]:
    give_up_at = time.monotonic() + _WITHIN_S
    while (started := children().difference(before)) and time.monotonic() < give_up_at:
        time.sleep(_PAUSE_S)
    return sorted(started, key=lambda process: process.pid)


def _runs(process: psutil.Process) -> bool:
    """Whether it is more than an entry that nobody has asked for yet."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return "gone"
