"""Whole distributions beside each other, and how sure one percentile is."""

from itertools import pairwise

import numpy as np
import pytest

from results.histogram import Histogram
from results.versus.percentile_error import sampling_error
from results.versus.shift import PERCENTILES, geometric_mean_ms, shift


def of(*values_ns: float) -> Histogram:
    """A histogram of times in ns."""
    return Histogram.of(np.array(values_ns, dtype=np.int64))


def test_the_geometric_mean_of_a_worked_case() -> None:
    """1 us, 100 us and 10 ms have 100 us in their middle."""
    assert geometric_mean_ms(of(1_000, 100_000, 10_000_000)) == pytest.approx(0.1, rel=0.001)
    assert geometric_mean_ms(Histogram.empty()) is None
    assert geometric_mean_ms(of(0, 0)) == pytest.approx(0.5e-6)


def test_the_geometric_mean_is_that_of_the_values() -> None:
    """A slow oracle, to the width of a bucket."""
    values = np.random.default_rng(1).lognormal(12, 1.5, 2_000).astype(np.int64)
    exact = float(np.exp(np.log(values).mean())) / 1e6
    assert geometric_mean_ms(Histogram.of(values)) == pytest.approx(exact, rel=0.0005)


def test_a_slower_tail_is_seen_where_the_median_is_the_same() -> None:
    """The shift function says where: here from the ninth decile on."""
    plain = np.full(1_000, 1_000)
    tailed = plain.copy()
    tailed[:150] = 3_000
    found = shift(Histogram.of(plain), Histogram.of(tailed))
    assert found is not None
    assert len(found.ratios) == len(PERCENTILES)
    assert found.ratios[:8] == (1.0,) * 8
    assert found.ratios[8:] == pytest.approx((3.0, 3.0), rel=0.001)
    assert (found.delta, found.superiority) == (pytest.approx(0.15), pytest.approx(0.575))
    assert found.operations == (1_000, 1_000)


def test_no_shift_of_nothing() -> None:
    """Neither an error of its percentiles."""
    assert shift(of(1), Histogram.empty()) is None
    assert sampling_error([of(1)], [Histogram.empty()], 99) is None


def test_the_error_of_a_percentile_is_that_of_drawing_again() -> None:
    """A slow oracle: the p95 of 300 fresh draws scatters as much as one draw says it does."""
    random = np.random.default_rng(11)
    draws = [Histogram.of(random.lognormal(12, 0.5, 2_000).astype(np.int64)) for _ in range(300)]
    scatter = np.std([np.log(draw.percentile_ns(95)) for draw in draws]) * np.sqrt(2)
    told = np.median([sampling_error([a], [b], 95) for a, b in pairwise(draws)])
    assert told == pytest.approx(scatter, rel=0.15)


def test_more_operations_are_surer() -> None:
    """Four times as many by a half."""
    random = np.random.default_rng(3)
    few, many = (
        Histogram.of(random.lognormal(12, 0.5, size).astype(np.int64)) for size in (4_000, 16_000)
    )
    of_few = sampling_error([few], [few], 50) or 0
    assert of_few / (sampling_error([many], [many], 50) or 1) > 1.6
    assert sampling_error([few] * 4, [few] * 4, 50) == pytest.approx(of_few / 2)
