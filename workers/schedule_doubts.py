"""Whether an open loop kept its schedule: a generator that stood still, a subject that fell behind.

Operations of an open loop are due whatever the subject does. Whoever hands them over late measures
himself; whoever can't serve them as fast as they come has no response time, only a growing queue.
Where something was broken on purpose, that is what shall be seen: a fault of the worker makes the
generator late, and any fault lets a queue grow.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.fault import FAULTS
from pipeline.load import OpenLoad
from workers.measured import MeasuredPhase

OF_THE_WORKER = frozenset(kind for kind, facts in FAULTS.items() if facts.breaks == "worker")
LATE_NS = 10_000_000
LATE_LIMIT = 0.01
LEFT_OVER_LIMIT = 0.01
SERVED_LIMIT = 0.95
SERVED_OF = 100

_NS_PER_S = 1_000_000_000
_NS_PER_MS = 1_000_000


def generator_blocked(measured: MeasuredPhase) -> str | None:
    """Why the generator was not in time; None where it was, or had no schedule."""
    if measured.lag_ns is None:
        return None
    lag_ns = measured.lag_ns[~_delayed_on_purpose(measured, measured.lag_ns)]
    if not is_late(lag_ns):
        return None
    late = float((lag_ns > LATE_NS).mean())
    return (
        f"generator blocked: {late:.1%} of the arrivals were handed over more than "
        f"{LATE_NS / _NS_PER_MS:g} ms late, limit {LATE_LIMIT:.0%} "
        f"(p99 {np.percentile(lag_ns, 99) / _NS_PER_MS:,.0f} ms{_longest_lag(measured)}); "
        "find what blocks the event loop, or run less beside it"
    )


def is_late(lag_ns: NDArray[np.int64]) -> bool:
    """Whether more than 1 % of the arrivals were handed over late; a single one is an accident.

    Args:
        lag_ns: How late each was; shape (n,).
    """
    late = int((lag_ns > LATE_NS).sum())
    return late > max(1, LATE_LIMIT * len(lag_ns))


def saturated(measured: MeasuredPhase) -> str | None:
    """Why the subject could not serve what was due; None where it could, or something was broken.

    It could not where operations were dropped, where more than the slots and 1 % of the arrivals
    still waited when the last was due, or where less than 95 % of at least 100 arrivals had been
    served by then; what fills the slots at that moment counts as served.
    """
    if measured.offered is None or measured.fault_windows:
        return None
    if not _fell_behind(measured, measured.offered):
        return None
    due_s = _schedule_s(measured)
    dropped = f", {measured.dropped:,} were dropped" if measured.dropped else ""
    return (
        f"saturated: {measured.offered / due_s:,.0f}/s were due, "
        f"{_served_in_time(measured) / due_s:,.0f}/s were served{dropped}; lower the rate"
    )


def _delayed_on_purpose(measured: MeasuredPhase, lag_ns: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which arrivals were due in a fault of the worker, or before the generator had caught up."""
    delayed = np.zeros(len(lag_ns), dtype=np.bool_)
    if measured.arrivals_ns is None:
        return delayed
    for window in measured.fault_windows:
        if window.kind not in OF_THE_WORKER or window.cleared_s is None:
            continue
        span_ns = (measured.at_ns(window.requested_s), measured.at_ns(window.cleared_s))
        first, over = np.searchsorted(measured.arrivals_ns, span_ns)
        in_time = np.flatnonzero(lag_ns[over:] <= LATE_NS)
        delayed[first : over + in_time[0] if len(in_time) else None] = True
    return delayed


def _fell_behind(measured: MeasuredPhase, offered: int) -> bool:
    slots = int(getattr(measured.phase.load, "max_in_flight", 0))
    if measured.dropped or measured.left_over > slots + LEFT_OVER_LIMIT * offered:
        return True
    in_time = min(_served_in_time(measured) + slots, offered)
    return offered >= SERVED_OF and in_time < SERVED_LIMIT * offered


def _served_in_time(measured: MeasuredPhase) -> int:
    samples = measured.samples
    end_ns = measured.began_ns + _schedule_s(measured) * _NS_PER_S
    return int((samples.start_ns + samples.duration_ns <= end_ns).sum())


def _schedule_s(measured: MeasuredPhase) -> float:
    """From the phase's begin until its last operation was due."""
    load, due_ns = measured.phase.load, measured.samples.due_ns
    if isinstance(load, OpenLoad):
        return load.duration_s
    if due_ns is None or not len(due_ns):
        return measured.duration_s
    return float(due_ns.max() - measured.began_ns) / _NS_PER_S or measured.duration_s


def _longest_lag(measured: MeasuredPhase) -> str:
    if measured.machine is None or not len(measured.machine.loop_lag_ns):
        return ""
    longest_ms = measured.machine.loop_lag_ns.max() / _NS_PER_MS
    return f"; the event loop stood still for up to {longest_ms:,.0f} ms"
