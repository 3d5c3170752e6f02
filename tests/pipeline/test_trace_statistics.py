"""What is told about a trace, against cases worked by hand."""

import numpy as np
import pytest

from pipeline.trace import Trace, read_trace, synthetic_trace
from pipeline.trace.popularity import popularity_of
from pipeline.trace.statistics import Spread, Times, statistics_of

CSV = b"""5,a,1,100,1,get,0
5,b,1,0,1,get,0
5,b,1,300,1,set,60
7,a,1,100,1,get,0
7,c,1,50,1,set,0
9,a,1,0,1,delete,0
"""


def test_a_small_trace_is_told_in_full() -> None:
    """Sizes of 0 stand for misses and deletes, and TTLs of 0 for none."""
    begun: list[str] = []
    told = statistics_of(read_trace(CSV, "a.csv"), begun.append)
    assert (told.requests, told.distinct_keys) == (6, 3)
    assert told.operations == {"get": 3, "set": 2, "delete": 1}
    assert told.popularity.counts.tolist() == [3, 2, 1]
    assert told.value_bytes == Spread(count=4, smallest=50, median=100, p99=300, largest=300)
    assert told.ttls_s == Spread(count=1, smallest=60, median=60, p99=60, largest=60)
    assert told.times == Times(duration_s=4.0, peak_per_s=3)
    assert told.reuse is not None
    assert told.reuse.distances.tolist() == [1]
    assert begun


def test_what_was_not_recorded_is_not_told() -> None:
    """An integer trace has reads and keys alone."""
    told = statistics_of(Trace.of_reads(np.array([3, 4, 3])), lambda _: None)
    assert (told.value_bytes, told.ttls_s, told.times) == (None, None, None)


def test_the_fitted_exponent_is_that_of_an_exact_power_law() -> None:
    """Counts that fall as rank to the -0.8 are fitted to 0.8."""
    counts = np.round(1e5 * np.arange(1, 200) ** -0.8).astype(np.int64)
    popularity = popularity_of(Trace.of_reads(np.repeat(np.arange(len(counts)), counts)))
    assert popularity.zipf_exponent() == pytest.approx(0.8, abs=1e-2)
    assert popularity.fitted_ranks == 199


def test_keys_asked_for_once_do_not_bend_the_fit() -> None:
    """They are one-hit wonders, counted and left out of it."""
    numbers = np.concatenate([np.repeat([0, 1], [8, 4]), np.arange(2, 100)])
    popularity = popularity_of(Trace.of_reads(numbers))
    assert (popularity.one_hit_wonders, popularity.fitted_ranks) == (98, 2)
    assert popularity.zipf_exponent() == pytest.approx(1.0)


@pytest.mark.parametrize("numbers", [[1], [1, 2, 3], [1, 1, 2]])
def test_no_exponent_is_told_of_too_few_ranks(numbers: list[int]) -> None:
    """Through one point goes any line."""
    assert popularity_of(Trace.of_reads(np.array(numbers))).zipf_exponent() is None


def test_the_popular_keys_have_their_share() -> None:
    """The share is of all requests; at least one key is looked at."""
    popularity = popularity_of(Trace.of_reads(np.repeat(np.arange(10), [11, *[1] * 9])))
    assert popularity.top_share(0.01) == popularity.top_share(0.1) == 0.55
    assert popularity.top_share(1.0) == 1.0


def test_a_synthetic_trace_is_told_to_be_as_skewed_as_it_is() -> None:
    """Zipf's 0.99 is drawn, and 0.99 is found within 0.1."""
    trace = synthetic_trace(3, 200_000, 500)
    assert popularity_of(trace).zipf_exponent() == pytest.approx(0.99, abs=0.1)
