"""From a phase's arrays to intervals."""

import numpy as np

from pipeline.load import ClosedLoad
from pipeline.scenario import Phase
from results.histogram import Histogram
from workers.intervals import intervals_of
from workers.recorder import Code, Samples

S = 1_000_000_000
BEGAN = 5 * S
CODES = (Code("get", "l1", "ok"), Code("get", "l2", "ok"), Code("set", "none", "TimeoutError"))
PHASE = Phase(name="steady", load=ClosedLoad(operations=1))


def _samples(*, open_loop: bool) -> Samples:
    """3,000 operations of 3 seconds; in an open loop sent up to 1.5 s after they were due."""
    random = np.random.default_rng(2)
    due_ns = BEGAN + random.integers(3 * S, size=3_000)
    waited_ns = random.integers(3 * S // 2, size=3_000) if open_loop else 0
    return Samples(
        start_ns=due_ns + waited_ns,
        duration_ns=random.integers(1_000, 5_000_000, size=3_000),
        code=random.integers(3, size=3_000),
        due_ns=due_ns if open_loop else None,
    )


def _by_second_and_kind(
    samples: Samples, moments_ns: np.ndarray, times_ns: np.ndarray
) -> dict[tuple[int, Code], list[int]]:
    """The times, put into their places one by one."""
    placed: dict[tuple[int, Code], list[int]] = {}
    rows = zip(moments_ns.tolist(), times_ns.tolist(), samples.code.tolist(), strict=True)
    for moment_ns, time_ns, code in rows:
        placed.setdefault(((moment_ns - BEGAN) // S, CODES[code]), []).append(time_ns)
    return placed


def _assert_of(histogram: Histogram, times_ns: list[int]) -> None:
    expected = (len(times_ns), sum(times_ns), min(times_ns), max(times_ns))
    found = (histogram.count, histogram.sum_ns, histogram.min_ns, histogram.max_ns)
    assert found == expected


def test_a_closed_loops_operations_lie_in_the_second_in_which_they_were_sent() -> None:
    """Nothing was due, so there is one time, and no service time beside it."""
    samples = _samples(open_loop=False)
    expected = _by_second_and_kind(samples, samples.start_ns, samples.duration_ns)
    intervals = intervals_of(PHASE, samples, CODES, BEGAN)
    assert len(intervals) == len(expected) == 9
    for each in intervals:
        assert each.service is None
        kind = Code(each.operation, each.tier, each.outcome)
        _assert_of(each.histogram, expected[each.second, kind])


def test_an_open_loops_operations_lie_in_the_second_in_which_they_were_due() -> None:
    """Its histogram runs from then, its service time from when each was sent."""
    samples = _samples(open_loop=True)
    ends_ns = samples.start_ns + samples.duration_ns
    intended = _by_second_and_kind(samples, samples.due_ns, ends_ns - samples.due_ns)
    service = _by_second_and_kind(samples, samples.due_ns, samples.duration_ns)
    intervals = intervals_of(PHASE, samples, CODES, BEGAN)
    assert len(intervals) == len(intended) == 9
    for each in intervals:
        place = (each.second, Code(each.operation, each.tier, each.outcome))
        _assert_of(each.histogram, intended[place])
        _assert_of(each.service, service[place])


def test_no_samples_make_no_intervals() -> None:
    """A phase in which nothing happened has no intervals."""
    nothing = np.empty(0, dtype=np.int64)
    quiet = Samples(start_ns=nothing, duration_ns=nothing, code=nothing)
    assert intervals_of(PHASE, quiet, (), 0) == ()
