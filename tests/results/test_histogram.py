"""Histograms against HdrHistogram's own implementation and against the raw samples."""

import hdrh.histogram
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.histogram import Histogram

times_ns = st.integers(min_value=0, max_value=3_600_000_000_000)
samples = st.lists(times_ns, min_size=1, max_size=200)
percentiles = st.floats(min_value=0, max_value=100)


def of(values: list[int]) -> Histogram:
    """A histogram of these."""
    return Histogram.of(np.array(values, dtype=np.int64))


@given(samples)
def test_buckets_are_those_of_hdrhistogram(values: list[int]) -> None:
    """Bucket numbers and counts are those of the reference implementation."""
    oracle = hdrh.histogram.HdrHistogram(1, 3_600_000_000_001, 3)
    for value in values:
        oracle.record_value(value)
    ours = of(values)
    expected = {
        index: oracle.get_count_at_index(index)
        for index in range(int(ours.indices.max()) + 1)
        if oracle.get_count_at_index(index)
    }
    assert dict(zip(ours.indices.tolist(), ours.counts.tolist(), strict=True)) == expected


@given(st.lists(samples, min_size=1, max_size=5), percentiles)
def test_merged_percentiles_are_those_of_the_pooled_samples(
    parts: list[list[int]], percentile: float
) -> None:
    """Merging gives the nearest-rank percentile of all samples to three significant digits."""
    merged = Histogram.merge([of(part) for part in parts])
    pooled = np.array([value for part in parts for value in part])
    exact = int(np.percentile(pooled, percentile, method="inverted_cdf"))
    below = int(np.percentile(pooled, np.nextafter(percentile, 0), method="inverted_cdf"))
    found = merged.percentile_ns(percentile)
    assert below <= found <= exact + exact / 1000


@given(st.lists(samples, max_size=4))
def test_merging_is_counting_all_at_once(parts: list[list[int]]) -> None:
    """A merged histogram equals that of all the values, with exact sum and extremes."""
    pooled = [value for part in parts for value in part]
    merged = Histogram.merge([of(part) for part in parts])
    assert merged == (of(pooled) if pooled else Histogram.empty())
    assert merged.sum_ns == sum(pooled)
    assert merged.count == len(pooled)


@given(samples)
def test_what_is_encoded_is_decoded(values: list[int]) -> None:
    """Bytes keep everything."""
    histogram = of(values)
    decoded = Histogram.decode(histogram.encode())
    assert decoded == histogram
    assert hash(decoded) == hash(histogram)
    assert (decoded.min_ns, decoded.max_ns) == (min(values), max(values))


@pytest.mark.parametrize("count", [1, 255, 256, 65_536, 1 << 32])
def test_large_counts_survive(count: int) -> None:
    """Counts are stored as narrow as they fit and come back whole."""
    one = np.array([7], dtype=np.int64)
    histogram = Histogram(one, np.array([count], dtype=np.int64), 7 * count, 7, 7)
    assert Histogram.decode(histogram.encode()).count == count


def test_the_largest_times_fit() -> None:
    """Any int64 has a bucket, and the largest is not rounded out of it."""
    largest = 2**63 - 1
    histogram = of([largest])
    assert Histogram.decode(histogram.encode()).percentile_ns(100) == largest


def test_rounding_does_not_move_a_percentile_up() -> None:
    """99.9 percent of a thousand values are 999 of them."""
    histogram = of(list(range(1, 1001)))
    assert histogram.percentile_ns(99.9) == 999


def test_equal_are_those_with_the_same_counts() -> None:
    """Not every histogram, and nothing that is none."""
    assert of([1, 2]) == of([2, 1])
    assert of([1]) != of([2])
    assert of([1]) != [1]


def test_an_empty_histogram() -> None:
    """Nothing has no mean, no extremes and no percentiles."""
    empty = Histogram.merge([])
    assert empty == Histogram.decode(Histogram.empty().encode())
    assert (empty.count, empty.sum_ns, empty.mean_ns, empty.max_ns) == (0, 0, 0.0, 0)
    with pytest.raises(ValueError, match="no percentiles"):
        empty.percentile_ns(50)


def test_impossible_input_is_refused() -> None:
    """Negative times, percentiles past 100 and foreign bytes are errors."""
    with pytest.raises(ValueError, match="negative: -5 ns"):
        of([3, -5])
    with pytest.raises(ValueError, match="between 0 and 100"):
        of([1]).percentile_ns(100.1)
    encoded = of([1, 2, 3]).encode()
    for foreign in (b"", b"\x01", b"\x09" + encoded[1:], b"\x01\x07" + encoded[2:]):
        with pytest.raises(ValueError, match="histogram"):
            Histogram.decode(foreign)
    with pytest.raises(ValueError, match="not a stored histogram"):
        Histogram.decode(encoded[:-1])
