"""A clock that all workers of a group can read: the results database's, told by each one's own.

On one machine all processes share the monotonic clock, and one estimate serves them all: what they
note then differs by nothing. Between machines each has an estimate of its own, and these differ by
no more than half of the two round trips that they were made with (Cristian, 1989).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter_ns
from typing import Self
from uuid import uuid4

_LOOKS = 5
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIME_NAMESPACE = Path("/proc/self/ns/time")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReading:
    """One worker's look at the database's clock.

    Args:
        machine: The same where the monotonic clock is the same.
        offset_ns: The database's time less the worker's own monotonic time.
        round_trip_ns: What the look took; the offset is right to half of it.
    """

    machine: str
    offset_ns: int
    round_trip_ns: int

    def encode(self) -> bytes:
        """As bytes, for the other workers."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """What another worker has encoded."""
        return cls(**json.loads(encoded))


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedClock:
    """The clock of a group, as one worker reads it.

    Args:
        offset_ns: The shared time less this worker's own monotonic time.
        error_ns: By how much two workers' readings of one moment may differ.
    """

    offset_ns: int = 0
    error_ns: int = 0

    def own_ns(self, shared_ns: int) -> int:
        """A shared moment on this worker's monotonic clock."""
        return shared_ns - self.offset_ns


def read_clock(now_s: Callable[[], float], machine: str | None = None) -> ClockReading:
    """Look at the database's clock a few times, and keep the look with the shortest round trip.

    Args:
        now_s: The database's time in seconds since the epoch.
        machine: What the monotonic clock is called; the kernel's own name for it where None.
    """
    looks = [_look(now_s) for _ in range(_LOOKS)]
    round_trip_ns, offset_ns = min(looks)
    return ClockReading(
        machine=machine or _machine(), offset_ns=offset_ns, round_trip_ns=round_trip_ns
    )


def agree(readings: Mapping[int, ClockReading], shard: int) -> SharedClock:
    """The clock of a group.

    Args:
        readings: Every shard's reading by its number.
        shard: Whose clock it is.
    """
    of_machines: dict[str, ClockReading] = {}
    for _shard, reading in sorted(readings.items()):
        of_machines.setdefault(reading.machine, reading)
    slowest = sorted(reading.round_trip_ns for reading in of_machines.values())[-2:]
    return SharedClock(
        offset_ns=of_machines[readings[shard].machine].offset_ns,
        error_ns=sum(slowest) // 2 if len(slowest) > 1 else 0,
    )


def _look(now_s: Callable[[], float]) -> tuple[int, int]:
    begin_ns = perf_counter_ns()
    told_ns = round(now_s() * 1e9)
    end_ns = perf_counter_ns()
    return end_ns - begin_ns, told_ns - (begin_ns + end_ns) // 2


def _machine() -> str:
    try:
        return f"{_BOOT_ID.read_text().strip()} {_TIME_NAMESPACE.readlink()}"
    except OSError:
        return uuid4().hex
