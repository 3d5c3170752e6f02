"""The shards of a group as they meet: through the results database, which all of them can reach."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter_ns
from typing import NoReturn

from pipeline.scenario import Scenario
from results.records import Claim
from results.storage.meetings import Meeting
from results.store import Store
from workers.errors import InvalidAttemptError
from workers.group import Alone, Gathering
from workers.patience import patiently
from workers.shared_clock import ClockReading, SharedClock, agree, read_clock
from workers.threads import run_to_end

POLL_EVERY_S = 0.05
# From the last arrival to the start: time enough for everybody to see that all have come.
LEAD_S = 0.3
# A sleeping loop wakes up to a millisecond late; the last bit is waited for awake.
_AWAKE_S = 0.002
_ENDED = "its group was ended"


async def assemble(store: Store, claim: Claim, scenario: Scenario) -> Gathering:
    """Find the other workers of a scenario that has several.

    Args:
        store: The results database.
        claim: This worker's right to do one of the shards.
        scenario: Says how many there are and how long they are waited for.

    Raises:
        InvalidAttemptError: They did not all come in time; the whole group is given up by then, for
            another attempt would want the same workers.
    """
    if scenario.workers == 1:
        return Alone()
    reading = await run_to_end(patiently, read_clock, store.now_s)
    waiting = _Waiting(store, claim, scenario.workers)
    await waiting.meet("begin", reading.encode(), within_s=scenario.start_within_s)
    handed_over = await waiting.handed_over("begin")
    await run_to_end(patiently, store.begin, claim.attempt_id)
    readings = {shard: ClockReading.decode(each) for shard, each in handed_over.items()}
    return Assembly(waiting, readings)


class Assembly:
    """The other shards, found.

    Args:
        waiting: How this shard waits for them.
        readings: Everybody's look at the database's clock.
    """

    def __init__(self, waiting: "_Waiting", readings: Mapping[int, ClockReading]) -> None:
        self._waiting = waiting
        self.shard = waiting.claim.job.shard
        self.shards = waiting.shards
        self.clock: SharedClock = agree(readings, self.shard)
        slowest_ns = max(reading.round_trip_ns for reading in readings.values())
        self._lead_ns = round(LEAD_S * 1e9) + 4 * slowest_ns

    async def start(self, name: str) -> float:
        """Wait for all shards, then until the moment that they agree on."""
        meeting = await self._waiting.meet(f"start {name}", b"")
        last_ns = round(max(meeting.arrived_at_s.values()) * 1e9)
        return await _sleep_until(self.clock.own_ns(last_ns + self._lead_ns))

    async def hand_over(self, name: str, content: bytes) -> Mapping[int, bytes]:
        """Give the others something, and wait for what they give."""
        await self._waiting.meet(f"give {name}", content)
        return await self._waiting.handed_over(f"give {name}")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """How one shard comes to meetings and waits there, while its event loop goes on."""

    store: Store
    claim: Claim
    shards: int

    async def meet(self, name: str, content: bytes, within_s: float | None = None) -> Meeting:
        """Come to a meeting, and wait until all have come."""
        await run_to_end(patiently, self.store.arrive, self.claim, name, content)
        give_up_at_s = None if within_s is None else time.monotonic() + within_s
        while True:
            meeting = await run_to_end(patiently, self.store.meeting, self.claim, name)
            come = len(meeting.arrived_at_s)
            if come == self.shards:
                return meeting
            if not meeting.wanted:
                raise InvalidAttemptError(_ENDED)
            if give_up_at_s is not None and time.monotonic() > give_up_at_s:
                await self._give_up(come, within_s)
            await asyncio.sleep(POLL_EVERY_S)

    async def handed_over(self, name: str) -> dict[int, bytes]:
        """What everybody has brought to a meeting."""
        brought = await run_to_end(patiently, self.store.handed_over, self.claim, name)
        if len(brought) < self.shards:
            raise InvalidAttemptError(_ENDED)
        return brought

    async def _give_up(self, come: int, within_s: float | None) -> NoReturn:
        reason = (
            f"not started together: {come} of {self.shards} workers had come after {within_s:g} s; "
            f"start more: bench worker --processes {self.shards}"
        )
        await run_to_end(patiently, self.store.give_up, self.claim.attempt_id, reason)
        raise InvalidAttemptError(reason)


async def _sleep_until(at_ns: int) -> float:
    """Sleep until a moment of the monotonic clock; by how many seconds it was missed."""
    await asyncio.sleep(max(0.0, (at_ns - perf_counter_ns()) / 1e9 - _AWAKE_S))
    while (late_ns := perf_counter_ns() - at_ns) < 0:
        pass
    return late_ns / 1e9
