"""The fault `clock_step`: the clock that the cache reads is stepped, then stepped back."""

import time

from pipeline.fault import Fault
from workers.errors import FaultError
from workers.faults.ground import Ground
from workers.subjects.base import Stepping

_CLOSE_S = 0.05


class ClockStep:
    """Steps a subject's clock.

    Args:
        subject: Its clock can be stepped.
        step_s: By how much; negative is back.
    """

    def __init__(self, subject: Stepping, step_s: float) -> None:
        self._subject = subject
        self._step_s = step_s
        self._before_s = 0.0
        self._stepped_s = 0.0

    async def inject(self) -> None:
        """Step it."""
        self._before_s = self._ahead_s()
        self._subject.step_clock(self._step_s)
        self._stepped_s = self._step_s

    async def undo(self) -> None:
        """Step it back."""
        self._subject.step_clock(-self._stepped_s)

    async def is_effective(self) -> bool:
        """Whether it is ahead of ours by the step more than before."""
        return abs(self._ahead_s() - self._before_s - self._step_s) < _CLOSE_S

    async def is_cleared(self) -> bool:
        """Whether it is where it was."""
        return abs(self._ahead_s() - self._before_s) < _CLOSE_S

    def _ahead_s(self) -> float:
        return self._subject.clock_s() - time.monotonic()


def clock_step(plan: Fault, ground: Ground) -> ClockStep:
    """The fault on the subject's clock.

    Raises:
        FaultError: The subject has none that can be stepped.
    """
    if not isinstance(ground.subject, Stepping):
        raise FaultError("clock_step: the subject's clock can't be stepped")
    return ClockStep(ground.subject, plan.figure("step_s"))
