"""The faults of one phase: when each comes, beside its load, and what became of them."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

from pipeline.fault import FAULTS as FACTS
from pipeline.fault import Fault, moments_s
from pipeline.scenario import Phase
from results.attempt_result import FaultWindow
from workers.faults import worker_kill
from workers.faults.ground import Ground
from workers.faults.registry import FAULTS
from workers.faults.schedule import ScheduledFault
from workers.subjects.base import Stepping


class Timetable:
    """What is broken in one phase, by this worker.

    Args:
        phase: Says what and when.
        ground: What can be broken.
        shard: Which of the phase's workers this is, from 0.
        now_s: Seconds since the attempt began.
        numbers: Counts the attempt's windows.

    Raises:
        FaultError: What a fault breaks is not there.
    """

    def __init__(
        self,
        phase: Phase,
        ground: Ground,
        shard: int,
        now_s: Callable[[], float],
        numbers: Iterator[int],
    ) -> None:
        self.has_support = all(_can_break(fault, phase, ground) for fault in phase.faults)
        self._past: list[FaultWindow] = []
        self._scheduled: list[ScheduledFault] = []
        turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        mine = [fault for fault in phase.faults if fault.shard in (None, shard)]
        for fault in mine if self.has_support else ():
            if fault.kind == "worker_kill" and ground.lost:
                self._past.append(worker_kill.window_of(ground.lost, phase.name, next(numbers)))
                continue
            turn = turns[FACTS[fault.kind].group]
            self._scheduled += [
                ScheduledFault(
                    fault,
                    at_s,
                    phase.name,
                    FAULTS[fault.kind](fault, ground),
                    now_s=now_s,
                    numbers=numbers,
                    turn=turn,
                )
                for at_s in moments_s(fault, ground.seed)
            ]

    @property
    def windows(self) -> tuple[FaultWindow, ...]:
        """The times of what came, in the order of request."""
        came = [each.window for each in self._scheduled]
        windows = [*self._past, *(window for window in came if window is not None)]
        return tuple(sorted(windows, key=lambda window: window.number))

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why a measurement with them can't be trusted, a line each."""
        doubts = (each.doubt for each in self._scheduled)
        return tuple(doubt for doubt in doubts if doubt is not None)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Have them come while the body's load runs.

        Once the load has ended, those that are under way are seen to their end, the others dropped.

        Raises:
            FaultError: One could not be undone.
        """
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(fault.run()) for fault in self._scheduled]
            yield
            for fault, task in zip(self._scheduled, tasks, strict=True):
                if fault.requested_s is None:
                    task.cancel()


def _can_break(fault: Fault, phase: Phase, ground: Ground) -> bool:
    """Whether the subject and the load have what a fault breaks."""
    facts = FACTS[fault.kind]
    if "loader" in facts.needs and not getattr(phase.load, "loader", True):
        return False
    if fault.kind == "clock_step" and not isinstance(ground.subject, Stepping):
        return False
    return facts.breaks not in ground.subject.lacks
