"""Watches the worker itself while it measures: how late its loop wakes, pauses, memory, time."""

import asyncio
import gc
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter_ns
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from workers.counters import Counters, in_bytes, look
from workers.readings import Event, readings_of

PERIOD_NS = 10_000_000
NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineView:
    """What was seen of this process and its machine in one phase.

    Args:
        loop_lag_ns: How late the event loop woke a sleeper who was due every 10 ms; shape (n,).
        gc_pauses_ns: How long each garbage collection took; shape (n,).
        cpu_s: Processor time of this process.
        memory_mib: Its largest resident memory, looked at once a second.
        voluntary_context_switches: Times that it waited for something.
        involuntary_context_switches: Times that it was made to wait.
        swapped_bytes: What of it went to swap or came from there; None where nobody knows.
        stolen_ratio: Share of all processors' time that went to other guests; None as above.
        readings: Name, second of the phase and value, by name and second.
    """

    loop_lag_ns: NDArray[np.int64]
    gc_pauses_ns: NDArray[np.int64]
    cpu_s: float
    memory_mib: float
    voluntary_context_switches: int
    involuntary_context_switches: int
    swapped_bytes: int | None
    stolen_ratio: float | None
    readings: tuple[tuple[str, int, float], ...]

    @property
    def gc_collections(self) -> int:
        """Number of garbage collections."""
        return len(self.gc_pauses_ns)


class MachineWatch:
    """Watches for as long as its `async with` lasts, and leaves nothing behind.

    The sleeper is an open loop of its own: it is due every 10 ms whatever happened before, so that
    a second in which the loop stood still is a hundred lags and not one.
    """

    def __init__(self) -> None:
        self._lags: list[Event] = []
        self._pauses: list[Event] = []
        self._looks: list[Counters] = []
        self._due_ns = 0
        self._second = 1
        self._collecting_since_ns = 0
        self._sampler: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to watch."""
        self._looks.append(look())
        self._due_ns = self._looks[0].at_ns + PERIOD_NS
        gc.callbacks.append(self._collected)
        self._sampler = asyncio.get_running_loop().create_task(self._sample())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End watching."""
        gc.callbacks.remove(self._collected)
        self._note_lags()
        self._looks.append(look())
        if self._sampler is not None:
            self._sampler.cancel()
            await asyncio.wait([self._sampler])
            if not self._sampler.cancelled():
                self._sampler.result()

    def view(self) -> MachineView:
        """What was seen; to be asked for after the end."""
        first, last = self._looks[0], self._looks[-1]
        return MachineView(
            loop_lag_ns=_lengths(self._lags),
            gc_pauses_ns=_lengths(self._pauses),
            cpu_s=last.cpu_s - first.cpu_s,
            memory_mib=max(each.memory_mib for each in self._looks),
            voluntary_context_switches=last.voluntary_switches - first.voluntary_switches,
            involuntary_context_switches=last.involuntary_switches - first.involuntary_switches,
            swapped_bytes=_swapped_bytes(first, last),
            stolen_ratio=_stolen_ratio(first, last),
            readings=readings_of(self._looks, self._lags, self._pauses),
        )

    async def _sample(self) -> None:
        while True:
            await asyncio.sleep(max(self._due_ns - perf_counter_ns(), 0) / 1e9)
            self._note_lags()
            if perf_counter_ns() - self._looks[0].at_ns >= self._second * NS_PER_S:
                self._look_again()

    def _look_again(self) -> None:
        self._looks.append(look())
        self._second = (self._looks[-1].at_ns - self._looks[0].at_ns) // NS_PER_S + 1

    def _note_lags(self) -> None:
        """Note each moment that the sleeper was due at since it last woke."""
        now_ns = perf_counter_ns()
        while self._due_ns <= now_ns:
            self._lags.append((self._due_ns, now_ns - self._due_ns))
            self._due_ns += PERIOD_NS

    def _collected(self, moment: str, _details: Mapping[str, int]) -> None:
        if moment == "start":
            self._collecting_since_ns = perf_counter_ns()
        elif self._collecting_since_ns:
            began_ns = self._collecting_since_ns
            self._pauses.append((began_ns, perf_counter_ns() - began_ns))


def _lengths(events: list[Event]) -> NDArray[np.int64]:
    return np.array([length_ns for _at_ns, length_ns in events], dtype=np.int64)


def _swapped_bytes(first: Counters, last: Counters) -> int | None:
    if first.swap_bytes is None or last.swap_bytes is None:
        return None
    gone = max(last.swap_bytes - first.swap_bytes, 0)
    if first.swapped_in_bytes is None or last.swapped_in_bytes is None:
        return gone
    # The whole machine's swapping is this process's only as far as it waited for the disk.
    waited_for = in_bytes(last.major_faults - first.major_faults)
    return gone + min(last.swapped_in_bytes - first.swapped_in_bytes, waited_for)


def _stolen_ratio(first: Counters, last: Counters) -> float | None:
    before = (first.stolen_ticks, first.all_ticks)
    after = (last.stolen_ticks, last.all_ticks)
    if before[0] is None or before[1] is None or after[0] is None or after[1] is None:
        return None
    passed = after[1] - before[1]
    return (after[0] - before[0]) / passed if passed else None
