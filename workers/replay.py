"""Replay of a trace in its order: by one closed-loop user, or as an open loop at recorded times."""

import asyncio
from collections.abc import Iterator
from time import perf_counter_ns

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import TraceLoadError
from pipeline.load import TraceLoad
from pipeline.trace import (
    DEFAULT_REQUESTS,
    OPERATIONS,
    Trace,
    portion_of,
    read_trace,
    shard_of,
    synthetic_trace,
)
from results.records import StoredFile
from workers.caller import Caller
from workers.draws import CHUNK, EVERY, Draw
from workers.load import SLICE_NS
from workers.open_loop import OpenOutcome, run_schedule
from workers.part import WHOLE, Mask, Part
from workers.values import Values

MAX_WAITING = 100_000

_LATEST_NS = 2**62


def trace_of(load: TraceLoad, file: StoredFile | None, seed: int, part: Part = WHOLE) -> Trace:
    """The requests of a trace load that are this worker's.

    Args:
        load: Which trace, how much of it, and of how many keys.
        file: The trace's file; None where the load names none.
        seed: The job's seed, for a synthetic trace.
        part: The worker's part: all requests of its keys.

    Raises:
        TraceFormatError: The file is not a trace.
        TraceLoadError: The trace can't be replayed as the load says.
    """
    if file is None:
        whole = synthetic_trace(seed, load.requests or DEFAULT_REQUESTS, load.distinct_keys)
        name = "the synthetic trace"
    else:
        whole, name = read_trace(file.content, file.name), file.name
    return shard_of(portion_of(whole, load, name), part.shard, part.shards)


def use_values_of(trace: Trace, values: Values) -> None:
    """Have the values of a trace's keys be as large and live as long as recorded."""
    values.use_sizes(sizes_of(trace))
    values.use_ttls(ttls_of(trace))


def sizes_of(trace: Trace) -> dict[str, int]:
    """The bytes of each key's value: those of its last request that has any.

    Where a size of 0 was recorded, a read missed or a key was deleted; it counts for the keys that
    have no other.
    """
    return _last_of(trace, trace.sizes(), EVERY) | _last_of(trace, trace.sizes(), trace.sizes() > 0)


def ttls_of(trace: Trace) -> dict[str, float | None]:
    """The seconds that each key lives by its last write; None where that has no TTL."""
    writes = trace.operations == OPERATIONS.index("set")
    ttls = _last_of(trace, trace.ttls_s, writes)
    return {key: float(ttl_s) if ttl_s else None for key, ttl_s in ttls.items()}


def draws_of(trace: Trace) -> Iterator[Draw]:
    """The trace's operations with their keys, in its order."""
    for start in range(0, len(trace), CHUNK):
        chunk = slice(start, start + CHUNK)
        names = map(trace.keys.__getitem__, trace.key_ids[chunk].tolist())
        operations = map(OPERATIONS.__getitem__, trace.operations[chunk].tolist())
        yield from zip(operations, zip(names), strict=True)


def due_ns_of(trace: Trace, rate_scale: float) -> NDArray[np.int64]:
    """When each request of a timed replay is due, in ns from its start.

    Args:
        trace: One that has times.
        rate_scale: How many times faster than recorded it goes, above 0.

    Raises:
        TraceLoadError: It has none.
    """
    if trace.times_ns is None:
        raise TraceLoadError("timed: the trace has no recorded times")
    if rate_scale == 1:
        return trace.times_ns
    with np.errstate(over="ignore"):
        return np.minimum(trace.times_ns / rate_scale, _LATEST_NS).astype(np.int64)


async def replay(trace: Trace, caller: Caller) -> int:
    """Do the trace's requests, each after the last has ended.

    Args:
        trace: What the subject lacks of it is left out.
        caller: Does and records them.

    Returns:
        The number of operations done.
    """
    operations = caller.operations
    done = 0
    yield_ns = perf_counter_ns() + SLICE_NS
    for operation, keys in draws_of(_possible(trace, caller)):
        now_ns = await operations[operation](keys)
        done += 1
        if now_ns >= yield_ns:
            await asyncio.sleep(0)
            yield_ns = perf_counter_ns() + SLICE_NS
    return done


async def replay_timed(trace: Trace, load: TraceLoad, caller: Caller) -> OpenOutcome:
    """Do the trace's requests at their recorded times, however long others take.

    Args:
        trace: One that has times; what the subject lacks of it is left out.
        load: How fast, and how many at the same time.
        caller: Does and records them.
    """
    possible = _possible(trace, caller)
    return await run_schedule(
        due_ns_of(possible, load.rate_scale),
        draws_of(possible),
        caller,
        max_in_flight=load.max_in_flight,
        max_waiting=MAX_WAITING,
    )


def _possible(trace: Trace, caller: Caller) -> Trace:
    able = np.array([name in caller.operations for name in OPERATIONS])
    return trace if able.all() else trace.part(able[trace.operations])


def _last_of(trace: Trace, column: NDArray[np.int32], wanted: Mask | slice) -> dict[str, int]:
    """The figure of the last wanted request of each key that has one."""
    newest_first = trace.key_ids[wanted][::-1]
    key_ids, places = np.unique(newest_first, return_index=True)
    figures = column[wanted][::-1][places]
    names = map(trace.keys.__getitem__, key_ids.tolist())
    return dict(zip(names, figures.tolist(), strict=True))
