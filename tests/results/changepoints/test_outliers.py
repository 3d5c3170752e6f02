"""Outliers: single points that stick out, and nothing else."""

import numpy as np
import pytest

from results.changepoints.outliers import find_outliers, least_deviation, noise, running_median


def _indices(values: list[float]) -> list[int]:
    return [int(each) for each in np.flatnonzero(find_outliers(values))]


def test_a_running_median_has_whole_windows_at_the_ends() -> None:
    """By hand; the first and the last three points share a window."""
    assert running_median(np.array([9.0, 1, 2, 3, 4, 5])).tolist() == [3, 3, 3, 3, 3, 3]
    assert running_median(np.array([0.0, 0, 0, 0, 7, 8, 9])).tolist() == [0, 0, 0, 0, 7, 7, 7]


@pytest.mark.parametrize(
    ("tail", "odd"),
    [([30], [8]), ([30, 31], [8, 9]), ([30, 31, 29], []), ([30, 31, 29, 30], []), ([10, 10], [])],
)
def test_one_or_two_odd_points_are_outliers(tail: list[float], odd: list[int]) -> None:
    """With a third they are a level."""
    assert _indices([10, 11, 10, 9, 10, 11, 9, 10, *tail]) == odd


def test_an_odd_point_amid_a_series_is_an_outlier() -> None:
    """Both neighbours are not; nor is a point where the next level begins."""
    assert _indices([10, 11, 10, 9, 30, 11, 9, 10, 30, 31, 29, 30]) == [4]


def test_a_rare_one_among_zeros_is_an_outlier() -> None:
    """Though the typical distance of neighbours is 0; ones at every third place are the rule."""
    assert _indices([0] * 20 + [1] + [0] * 20) == [20]
    assert _indices([0, 1, 0] * 12) == []


def test_each_level_has_the_noise_of_its_own() -> None:
    """Ten times the level has ten times the noise: its points are not all odd ones."""
    numbers = np.random.default_rng(3).normal(size=60)
    levels = np.where(np.arange(60) < 40, 100.0, 1_000.0)
    assert _indices(list(levels * (1 + 0.03 * numbers))) == []


def test_too_few_points_have_no_outliers() -> None:
    """Nobody can tell which of them are odd."""
    assert _indices([1, 100, 1, 1]) == []
    assert _indices([]) == []


def test_noise_does_not_see_levels() -> None:
    """The noise of a normal series is found with a step in it and without, to a tenth."""
    values = 100 + 3 * np.random.default_rng(5).normal(size=2_000)
    stepped = values + np.where(np.arange(2_000) < 700, 0, 50)
    assert noise(values) == pytest.approx(3, rel=0.1)
    assert noise(stepped) == pytest.approx(3, rel=0.1)
    assert noise(np.zeros(9)) == 0


def test_equal_points_by_chance_have_a_spread() -> None:
    """By hand: one step of 1 in five neighbours, 0.2 x sqrt(pi) / 2, of which half."""
    assert least_deviation(np.array([5.0, 5, 5, 6, 6, 6])) == pytest.approx(0.088_622_7)
