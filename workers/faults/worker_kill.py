"""The fault `worker_kill`: this process dies by SIGKILL, and the job's next attempt measures."""

from collections.abc import Callable, Sequence

from pipeline.fault import Fault
from results.attempt_result import FaultWindow
from results.records import LostAttempt
from workers.faults.ground import Ground

OWN_DEATH = "by its own fault worker_kill"
"""How the reason ends for which an attempt was lost that this fault has ended."""


def resumed(lost: Sequence[LostAttempt], number: int) -> tuple[LostAttempt, ...]:
    """The attempt that an attempt resumes since this fault has ended it: the one before, or none.

    Any other death is no such fault, and after another attempt in between the time that it took to
    resume would be wrong: the fault then comes once more.

    Args:
        lost: The job's attempts before this one whose workers died.
        number: The attempt's.
    """
    return tuple(each for each in lost if each.number == number - 1 and OWN_DEATH in each.reason)


class WorkerKill:
    """Kills its own process; what comes afterwards is the next worker's.

    Args:
        kill: Does not return in a process that a supervisor looks after.
    """

    def __init__(self, kill: Callable[[], None]) -> None:
        self._kill = kill
        self._killed = False

    async def inject(self) -> None:
        """SIGKILL."""
        self._kill()
        self._killed = True

    async def undo(self) -> None:
        """Whoever is still here was not killed."""

    async def is_effective(self) -> bool:
        """Nobody is there to see it."""
        return self._killed

    async def is_cleared(self) -> bool:
        """Whoever looks lives."""
        return True


def worker_kill(_plan: Fault, ground: Ground) -> WorkerKill:
    """The fault on this process."""
    return WorkerKill(ground.kill)


def window_of(lost: Sequence[LostAttempt], phase: str, number: int) -> FaultWindow:
    """The window of what has killed the attempt before this one.

    Args:
        lost: The attempts whose workers died, one or more.
        phase: The phase that plans the fault.
        number: The window's.
    """
    ago_s = min(each.ended_ago_s for each in lost)
    return FaultWindow(
        number=number,
        kind="worker_kill",
        phase=phase,
        requested_s=-ago_s,
        effective_s=-ago_s,
        cleared_s=0.0,
    )
