"""How quick the machine is by itself: a fixed loop of Python, a PING, and the recorder's own cost.

They are measured with each attempt, in the thread that measures, and take about a tenth of a
second. What is quickest of several is the machine undisturbed; a median would tell of the others.
A neighbour on the other half of a processor's core makes the loop take nearly twice as long, often
for some 10 ms at a time: so the loop is tried in several places.
"""

import asyncio
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter_ns

import redis

from pipeline.data import Data
from workers.caller import Caller
from workers.errors import ServerError
from workers.l2_client import l2_client
from workers.ledger import Ledger
from workers.recorder import CodeBook, Recorder
from workers.subjects.null import NullSubject
from workers.threads import run_to_end
from workers.values import Values

_PLACES = 3
_SLICES = 12
_GAP_S = 0.01
# The loop's length is part of the metric's meaning: another length starts all its series afresh.
_TURNS = 10_000
_PINGS = 50
_ROUNDS = 8
_READS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What the machine takes for three fixed things.

    Args:
        loop_ns: The fixed loop, at its quickest.
        ping_ns: The median round trip of a PING on one connection to L2; None where there is none.
        recorder_cost_ns: What one read of a null subject costs more where it is recorded.
    """

    loop_ns: int
    ping_ns: int | None
    recorder_cost_ns: float


async def calibrate(l2_url: str | None) -> Calibration:
    """Measure the machine, while nothing else of this worker runs.

    Args:
        l2_url: A Redis or Valkey URL; None where the subject has no L2.

    Raises:
        ServerError: L2 does not answer.
    """
    return Calibration(
        loop_ns=await quickest_loop_ns(),
        ping_ns=None if l2_url is None else await run_to_end(_ping_ns, l2_url),
        recorder_cost_ns=await _recorder_cost_ns(),
    )


async def quickest_loop_ns() -> int:
    """The fixed loop's time, the least of many; blocks for some 6 ms in each of several places."""
    quickest_ns = min(_loop_ns() for _ in range(_SLICES))
    for _ in range(_PLACES - 1):
        await asyncio.sleep(_GAP_S)
        quickest_ns = min(quickest_ns, *(_loop_ns() for _ in range(_SLICES)))
    return quickest_ns


def _loop_ns() -> int:
    counts: dict[int, int] = {}
    begin_ns = perf_counter_ns()
    for turn in range(_TURNS):
        slot = turn & 63
        counts[slot] = counts.get(slot, 0) + turn
    return perf_counter_ns() - begin_ns


def _ping_ns(url: str) -> int:
    try:
        with l2_client(url) as client:
            client.ping()
            return round(statistics.median(_timed_ns(client.ping) for _ in range(_PINGS)))
    except redis.RedisError as error:
        raise ServerError(f"L2 does not answer PING: {error}") from None


def _timed_ns(function: Callable[[], object]) -> int:
    begin_ns = perf_counter_ns()
    function()
    return perf_counter_ns() - begin_ns


async def _recorder_cost_ns() -> float:
    """The difference of the quickest round of reads with and of the quickest without a recorder.

    The rounds take turns, so that a machine that slows down slows both.
    """
    subject, wanted = NullSubject(), ["simple:0"]
    recorder = Recorder()
    caller = Caller(subject, Ledger(Values(0, Data())), CodeBook(), recorder.record, None)

    async def plain(keys: Sequence[str]) -> None:
        await subject.get(keys[0], None)

    recorded_ns, plain_ns = [], []
    for _ in range(_ROUNDS):
        recorded_ns.append(await _round_ns(caller.get, wanted))
        plain_ns.append(await _round_ns(plain, wanted))
    return max(min(recorded_ns) - min(plain_ns), 0) / _READS


async def _round_ns(read: Callable[[Sequence[str]], Awaitable[object]], keys: Sequence[str]) -> int:
    begin_ns = perf_counter_ns()
    for _ in range(_READS):
        await read(keys)
    return perf_counter_ns() - begin_ns
