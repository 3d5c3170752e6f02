"""What a load replays of a trace: with more or fewer keys, as much as asked for, by shards."""

import numpy as np

from pipeline.errors import TraceLoadError
from pipeline.load import TraceLoad
from pipeline.trace.hashing import key_hashes, sampled_keys
from pipeline.trace.requests import Trace

MAX_REQUESTS = 50_000_000


def check_load(load: TraceLoad, name: str, *, has_times: bool) -> None:
    """See that a trace can be replayed as the load says.

    Args:
        load: How it is replayed.
        name: What errors call the trace.
        has_times: Whether the trace has times.

    Raises:
        TraceLoadError: It asks for times that there are none of, or for parts of copies.
    """
    if load.timed and not has_times:
        raise TraceLoadError(
            f"timed: {name} has no recorded times; name a .csv trace with timestamps, or leave "
            "timed out"
        )
    if load.key_scale > 1 and load.key_scale % 1:
        raise TraceLoadError(
            f"key_scale: expected a share of the keys up to 1 or a whole number of copies, "
            f"got {load.key_scale:g}"
        )


def portion_of(trace: Trace, load: TraceLoad, name: str) -> Trace:
    """The requests that a load replays of a trace: its keys scaled, then the first of them.

    Args:
        trace: As recorded.
        load: How much of it, and of how many keys.
        name: What errors call the trace.

    Raises:
        TraceLoadError: It can't be replayed so, leaves no request or makes too many.
    """
    check_load(load, name, has_times=trace.times_ns is not None)
    if load.key_scale >= 1:
        portion = _copies(trace, int(load.key_scale), load.requests, name)
    else:
        portion = _sample(trace, load.key_scale, name)
    return portion.head(load.requests)


def shard_of(trace: Trace, shard: int, shards: int) -> Trace:
    """The requests that one of several workers replays: all those of its keys, in their order.

    The shards of a trace share no key, and together hold each of its requests once.

    Args:
        trace: What all of them replay together.
        shard: The worker's number, from 0.
        shards: How many workers there are, from 1.
    """
    if shards == 1:
        return trace
    own = key_hashes(trace.keys, "shard") % np.uint64(shards) == shard
    return trace.part(own[trace.key_ids])


def _sample(trace: Trace, share: float, name: str) -> Trace:
    portion = trace.part(sampled_keys(trace.keys, share, "sample")[trace.key_ids])
    if not len(portion):
        raise TraceLoadError(
            f"key_scale: {share:g} leaves none of the {len(trace.keys):,} keys of {name}; raise it"
        )
    return portion


def _copies(trace: Trace, copies: int, requests: int | None, name: str) -> Trace:
    """Each request once for each copy of its key, one after the other until the next is due."""
    if requests is not None:
        trace = trace.head(-(-requests // copies))
    total = copies * len(trace)
    if copies > 1 and total > MAX_REQUESTS:
        raise TraceLoadError(
            f"key_scale: {copies} copies of {name} are {total:,} requests, expected at most "
            f"{MAX_REQUESTS:,}; lower it or set requests"
        )
    if copies == 1:
        return trace
    each = np.tile(np.arange(copies), len(trace))
    many = trace.part(np.repeat(np.arange(len(trace)), copies))
    return Trace(
        keys=tuple(f"{copy}:{key}" for key in trace.keys for copy in range(copies)),
        key_ids=(many.key_ids * copies + each).astype(np.int32),
        operations=many.operations,
        value_bytes=many.value_bytes,
        ttls_s=many.ttls_s,
        times_ns=_times_of_copies(trace, copies),
    )


def _times_of_copies(trace: Trace, copies: int) -> np.ndarray | None:
    times = trace.times_ns
    if times is None:
        return None
    gaps = np.diff(times, append=times[-1:])
    each = np.tile(np.arange(copies), len(times))
    return np.repeat(times, copies) + np.repeat(gaps // copies, copies) * each
