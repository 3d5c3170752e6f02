"""Replay of a trace by one closed-loop user, in its order, as fast as it goes."""

import asyncio
from time import perf_counter_ns

from pipeline.scenario import TraceLoad
from pipeline.trace import DEFAULT_REQUESTS, Trace, read_trace, synthetic_trace
from results.records import StoredFile
from workers.caller import Caller
from workers.load import SLICE_NS


def trace_of(load: TraceLoad, file: StoredFile | None, seed: int) -> Trace:
    """The requests of a trace load.

    Args:
        load: Which trace, and how much of it.
        file: The trace's file; None where the load names none.
        seed: The job's seed, for a synthetic trace.

    Raises:
        TraceFormatError: The file is not a trace.
    """
    if file is None:
        return synthetic_trace(seed, load.requests or DEFAULT_REQUESTS, load.distinct_keys)
    return read_trace(file.content, file.name).head(load.requests)


def sizes_of(trace: Trace) -> dict[str, int]:
    """The bytes of each key's value: the size that its last request gives it."""
    sizes = zip(trace.key_ids.tolist(), trace.value_bytes.tolist(), strict=True)
    return {trace.keys[key]: size for key, size in dict(sizes).items()}


async def replay(trace: Trace, caller: Caller) -> int:
    """Do the trace's requests, each after the last has ended.

    Returns:
        The number of operations done.
    """
    done = 0
    yield_ns = perf_counter_ns() + SLICE_NS
    for request in trace:
        await caller.operations[request.operation]((request.key,))
        done += 1
        if perf_counter_ns() >= yield_ns:
            await asyncio.sleep(0)
            yield_ns = perf_counter_ns() + SLICE_NS
    return done
