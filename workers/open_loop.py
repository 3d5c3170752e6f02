"""The open loop: operations are sent when they are due, however long others take.

    schedule --due--> dispatcher --> waiting --> slot 1 .. slot n --> caller
                          |             |
                         lag         dropped, where too many wait

A slot is a task that does one operation after the other. An operation's intended time runs from
when it was due, its service time from when a slot took it; how late the dispatcher itself handed it
over is a third figure.
"""

import asyncio
from array import array
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter_ns

import numpy as np
from numpy.typing import NDArray

from workers.caller import Caller
from workers.draws import Draw

# A sleep may end 1 ms late (epoll's granularity) and more; what is left is spent giving way.
MARGIN_NS = 2_000_000
# So long operations that never wait may keep the loop from its sockets and its timers.
SLICE_NS = 200_000
DRAIN_S = 5.0
NS_PER_S = 1_000_000_000
CHUNK = 8_192


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOutcome:
    """What became of a schedule.

    Args:
        done: Operations that ended, whether well or not.
        offered: Operations that were due.
        dropped: Operations that were never sent or never ended; with `done` all that were due.
        left_over: Operations that waited for a slot when the last one was due.
        began_ns: When the schedule began, on `time.perf_counter_ns`.
        due_ns: When each that ended was due, on that clock, in the order in which they were
            recorded; shape (done,).
        arrivals_ns: When each was due, on that clock, ascending; shape (offered,).
        lag_ns: How late each of these was handed over; shape (offered,).
    """

    done: int
    offered: int
    dropped: int
    left_over: int
    began_ns: int
    due_ns: NDArray[np.int64]
    arrivals_ns: NDArray[np.int64]
    lag_ns: NDArray[np.int64]


async def run_schedule(
    due_ns: NDArray[np.int64],
    draws: Iterator[Draw],
    caller: Caller,
    *,
    max_in_flight: int,
    max_waiting: int,
) -> OpenOutcome:
    """Do operations when they are due, until the last has ended or `DRAIN_S` after it was due.

    Args:
        due_ns: When each is due, in ns from now on, ascending; shape (n,).
        draws: At least so many operations.
        caller: Does and records them.
        max_in_flight: Slots.
        max_waiting: So many may wait for a slot; what is due beyond them is dropped.
    """
    return await _Schedule(due_ns, draws, caller, max_in_flight, max_waiting).run()


class _Schedule:
    """One schedule under way."""

    def __init__(
        self,
        due_ns: NDArray[np.int64],
        draws: Iterator[Draw],
        caller: Caller,
        max_in_flight: int,
        max_waiting: int,
    ) -> None:
        self._began_ns = perf_counter_ns()
        self._due_ns = due_ns + self._began_ns
        self._draws = draws
        self._operations = caller.operations
        self._max_in_flight, self._max_waiting = max_in_flight, max_waiting
        self._waiting: deque[tuple[int, Draw]] = deque()
        self._idle: list[asyncio.Future[None]] = []
        self._slots: list[asyncio.Task[None]] = []
        self._closed = False
        self._turn_ends_ns = 0
        self._lag_ns = array("q")
        self._done_due_ns = array("q")

    async def run(self) -> OpenOutcome:
        async with asyncio.TaskGroup() as group:
            await self._dispatch(group)
            # Those that were just handed over are taken by their slots first.
            await asyncio.sleep(0)
            left_over = len(self._waiting)
            await self._drain()
        offered, done = len(self._due_ns), len(self._done_due_ns)
        return OpenOutcome(
            done=done,
            offered=offered,
            dropped=offered - done,
            left_over=left_over,
            began_ns=self._began_ns,
            due_ns=np.array(self._done_due_ns, dtype=np.int64),
            arrivals_ns=self._due_ns,
            lag_ns=np.array(self._lag_ns, dtype=np.int64),
        )

    async def _dispatch(self, group: asyncio.TaskGroup) -> None:
        yield_ns = 0
        for due_ns in _integers(self._due_ns):
            now_ns = perf_counter_ns()
            if now_ns < due_ns or now_ns >= yield_ns:
                now_ns = await self._give_way_until(due_ns)
                yield_ns = now_ns + SLICE_NS
            self._lag_ns.append(now_ns - due_ns)
            self._hand_over(due_ns, next(self._draws), group)

    async def _give_way_until(self, due_ns: int) -> int:
        """Let the others go on, at least once; the time afterwards."""
        now_ns = perf_counter_ns()
        while True:
            self._turn_ends_ns = now_ns + SLICE_NS
            await asyncio.sleep(max(due_ns - now_ns - MARGIN_NS, 0) / NS_PER_S)
            now_ns = perf_counter_ns()
            if now_ns >= due_ns:
                return now_ns

    def _hand_over(self, due_ns: int, draw: Draw, group: asyncio.TaskGroup) -> None:
        if self._idle:
            self._idle.pop().set_result(None)
        elif len(self._slots) < self._max_in_flight:
            self._slots.append(group.create_task(self._slot()))
        elif len(self._waiting) >= self._max_waiting:
            return
        self._waiting.append((due_ns, draw))

    async def _slot(self) -> None:
        waiting, operations = self._waiting, self._operations
        while waiting or not self._closed:
            if not waiting:
                await self._woken()
                continue
            due_ns, (operation, keys) = waiting.popleft()
            end_ns = await operations[operation](keys)
            # Nothing is awaited between an operation's record and this.
            self._done_due_ns.append(due_ns)
            if end_ns >= self._turn_ends_ns:
                await asyncio.sleep(0)

    async def _woken(self) -> None:
        woken = asyncio.get_running_loop().create_future()
        self._idle.append(woken)
        await woken

    async def _drain(self) -> None:
        self._closed = True
        for idle in self._idle:
            idle.set_result(None)
        if self._slots:
            _ended, late = await asyncio.wait(self._slots, timeout=DRAIN_S)
            self._waiting.clear()
            for slot in late:
                slot.cancel()


def _integers(times_ns: NDArray[np.int64]) -> Iterator[int]:
    """Python's integers are quicker than numpy's one by one, and large all at once."""
    for begin in range(0, len(times_ns), CHUNK):
        yield from times_ns[begin : begin + CHUNK].tolist()
