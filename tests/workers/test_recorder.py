"""Recording, and the intervals made of it."""

import numpy as np
from hdrh.histogram import HdrHistogram

from pipeline.scenario import ClosedLoad, Phase
from workers.intervals import intervals_of
from workers.recorder import BLOCK_BYTES, ROW_BYTES, CodeBook, Recorder

S = 1_000_000_000


def test_every_operation_is_kept_in_order_over_many_blocks() -> None:
    """Crossing from one block of memory into the next loses and repeats nothing."""
    count = 2 * (BLOCK_BYTES // ROW_BYTES) + 3
    recorder = Recorder()
    for number in range(count):
        recorder.record(number, 2 * number, number % 5)
    samples = recorder.samples()
    assert np.array_equal(samples.start_ns, np.arange(count))
    assert np.array_equal(samples.duration_ns, 2 * np.arange(count))
    assert np.array_equal(samples.code, np.arange(count) % 5)


def test_a_recorder_that_saw_nothing_has_empty_arrays() -> None:
    """No operation is no sample."""
    assert len(Recorder().samples()) == 0


def test_a_code_is_one_number_for_one_combination() -> None:
    """The book gives the same number again, and its order is the numbers'."""
    codes = CodeBook()
    numbers = [codes.number("get", "l1"), codes.number("set", "none"), codes.number("get", "l1")]
    assert numbers == [0, 1, 0]
    assert codes.codes == (("get", "l1", "ok"), ("set", "none", "ok"))


def test_intervals_hold_every_operation_in_its_second_and_kind() -> None:
    """Histograms by second and code equal those that hdrhistogram counts one by one."""
    random = np.random.default_rng(2)
    codes, recorder, began = CodeBook(), Recorder(), 5 * S
    numbers = [codes.number("get", "l1"), codes.number("get", "l2"), codes.number("set", "none")]
    expected: dict[tuple[int, int], HdrHistogram] = {}
    for _ in range(3_000):
        start, number = began + int(random.integers(3 * S)), int(random.integers(3))
        duration = int(random.integers(1_000, 5_000_000))
        recorder.record(start, duration, numbers[number])
        histogram = expected.setdefault(((start - began) // S, number), HdrHistogram(1, 10**10, 3))
        histogram.record_value(duration)
    phase = Phase(name="steady", load=ClosedLoad(operations=1))
    intervals = intervals_of(phase, recorder.samples(), codes.codes, began)
    assert len(intervals) == len(expected) == 9
    for interval in intervals:
        number = codes.codes.index((interval.operation, interval.tier, interval.outcome))
        oracle = expected[interval.second, number]
        assert interval.histogram.count == oracle.total_count
        ours, theirs = interval.histogram.percentile_ns(99), oracle.get_value_at_percentile(99)
        assert abs(ours - theirs) <= theirs / 1_000


def test_no_samples_make_no_intervals() -> None:
    """A phase in which nothing happened has no intervals."""
    phase = Phase(name="quiet", load=ClosedLoad(operations=1))
    assert intervals_of(phase, Recorder().samples(), (), 0) == ()
