"""Percentiles of several workers: merged from what each stored, held against the raw samples."""

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.load import ClosedLoad
from pipeline.scenario import Phase
from results.attempt_result import Interval
from results.histogram import Histogram
from workers.intervals import NS_PER_S, intervals_of
from workers.recorder import CodeBook, Recorder

PHASE = Phase(name="load", load=ClosedLoad(users=1, operations=1))
PERCENTILES = (50, 95, 99, 99.9, 100)
BEGAN_NS = 5 * NS_PER_S


def recorded(durations_ns: NDArray[np.int64]) -> tuple[Interval, ...]:
    """What a worker stores of operations that took so long, recorded one by one."""
    recorder, codes = Recorder(), CodeBook()
    code = codes.number("get", "l1")
    now_ns = BEGAN_NS
    for duration_ns in durations_ns.tolist():
        recorder.record(now_ns, duration_ns, code)
        now_ns += duration_ns
    return intervals_of(PHASE, recorder.samples(), codes.codes, BEGAN_NS)


@pytest.fixture(scope="module")
def workers() -> list[NDArray[np.int64]]:
    """Skewed latencies of four workers: each has another speed, tail and number of operations."""
    random = np.random.default_rng(42)
    return [
        random.lognormal(mean, sigma, count).astype(np.int64)
        for mean, sigma, count in (
            (11, 0.4, 30_000),
            (12, 0.8, 9_000),
            (13, 1.2, 4_000),
            (15, 1, 500),
        )
    ]


def test_merged_percentiles_are_those_of_the_pooled_samples(
    workers: list[NDArray[np.int64]],
) -> None:
    """Seconds and workers merge to the exact percentile within three significant digits."""
    stored = [
        interval.histogram.encode() for durations in workers for interval in recorded(durations)
    ]
    assert len(stored) > 2 * len(workers)
    merged = Histogram.merge(Histogram.decode(each) for each in stored)
    pooled = np.concatenate(workers)
    exact = np.percentile(pooled, PERCENTILES, method="inverted_cdf")
    found = [merged.percentile_ns(percentile) for percentile in PERCENTILES]
    assert found == pytest.approx(exact.tolist(), rel=1e-3)
    assert (merged.count, merged.max_ns, merged.sum_ns) == (pooled.size, pooled.max(), pooled.sum())


def test_averaged_percentiles_are_not(workers: list[NDArray[np.int64]]) -> None:
    """The mean of the workers' own percentiles is far off: that is why nothing is averaged."""
    exact = np.percentile(np.concatenate(workers), PERCENTILES[:-1], method="inverted_cdf")
    averaged = np.mean(
        [np.percentile(each, PERCENTILES[:-1], method="inverted_cdf") for each in workers], axis=0
    )
    assert (np.abs(averaged / exact - 1) > 0.1).all()
