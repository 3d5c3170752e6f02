"""Effect sizes beside slow oracles."""

import math

import numpy as np
import pytest

from results.histogram import Histogram
from results.versus.effect import cliffs_delta, hedges_g


def test_hedges_g_of_a_worked_case() -> None:
    """Means ln 2 apart, s = ln 2, four degrees of freedom: 1 - 3 / 15."""
    assert hedges_g([0.5, 1.0, 2.0], [1.0, 2.0, 4.0]) == pytest.approx(0.8)


def test_hedges_g_without_logarithms() -> None:
    """A figure of 0 has none: the same on plain differences."""
    assert hedges_g([-1.0, 0.0, 1.0], [0.0, 1.0, 2.0]) == pytest.approx(0.8)


@pytest.mark.parametrize(("a", "b"), [([1.0], [2.0]), ([1.0, 1.0], [2.0, 2.0]), ([], [1.0, 2.0])])
def test_no_effect_size(a: list[float], b: list[float]) -> None:
    """Too few samples, or none that scatter."""
    assert hedges_g(a, b) is None


def test_cliffs_delta_is_that_of_all_pairs() -> None:
    """A slow oracle: every value beside every other one."""
    random = np.random.default_rng(5)
    a, b = (random.integers(1, 60, size) for size in (70, 50))
    above = sum(int(x > y) - int(x < y) for x in b for y in a)
    found = cliffs_delta(Histogram.of(a), Histogram.of(b))
    assert found == pytest.approx(above / (70 * 50))
    assert cliffs_delta(Histogram.of(b), Histogram.of(a)) == pytest.approx(-above / (70 * 50))


def test_cliffs_delta_of_what_does_not_overlap() -> None:
    """All longer is 1; of nothing there is none."""
    short, long = Histogram.of(np.array([1, 2, 3])), Histogram.of(np.array([10_000, 20_000]))
    assert cliffs_delta(short, long) == 1.0
    assert cliffs_delta(long, long) == 0.0
    assert cliffs_delta(short, Histogram.empty()) is None
    assert not math.isnan(cliffs_delta(long, short) or math.nan)
