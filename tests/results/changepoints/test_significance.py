"""Student's t and its correction, against hand-worked cases."""

import math

import numpy as np
import pytest

from results.changepoints.significance import Moments, least_t, p_value
from results.student import two_sided

VALUES = np.array([1.0, 2, 3, 7, 8, 9])


def _t(moments: Moments, *place: int) -> float:
    return float(moments.t_statistic(*(np.array([each]) for each in place))[0])


def test_a_hand_worked_t() -> None:
    """Means 2 and 8, variance 1 on both sides: 6 / sqrt(2 / 3)."""
    assert _t(Moments(VALUES, 0), 0, 3, 6) == pytest.approx(6 / math.sqrt(2 / 3))


def test_a_part_of_a_series() -> None:
    """2 and 3 against 7 and 8: means 2.5 and 7.5, variance 0.5."""
    assert _t(Moments(VALUES, 0), 1, 3, 5) == pytest.approx(5 / math.sqrt(0.5))


def test_equal_points_by_chance_are_not_without_noise() -> None:
    """The floor stands in for a variance of 0; a constant differs from itself by nothing."""
    assert _t(Moments(np.array([0.0, 0, 0, 1, 1, 1]), 0.5), 0, 3, 6) == pytest.approx(
        1 / (0.5 * math.sqrt(2 / 3))
    )
    assert _t(Moments(np.zeros(6), 0), 0, 3, 6) == 0


def test_p_is_that_of_tables_times_what_was_tried() -> None:
    """2.776 is the two-sided 5 % point of 4 degrees in any table."""
    assert p_value(2.776_445, 4, 1) == pytest.approx(0.05, rel=1e-5)
    assert p_value(2.776_445, 4, 7) == pytest.approx(0.35, rel=1e-5)
    assert p_value(2.776_445, 4, 100) == 1


def test_the_smallest_p_are_exact() -> None:
    """With one degree t is Cauchy's: 2 / pi x atan(1 / t), however far out; the sign is nothing."""
    for t in (0.5, 2.0, 1e6, 1e12):
        assert two_sided(-t, 1) == pytest.approx(2 / math.pi * math.atan(1 / t), rel=1e-9)
    assert two_sided(0.0, 5) == 1
    assert two_sided(math.inf, 5) == 0


def test_nothing_below_the_least_t_is_significant() -> None:
    """It is the normal quantile, which t reaches with endless degrees only."""
    least = least_t(0.02, 10)
    assert least == pytest.approx(3.090_232)
    assert p_value(least, 1_000_000, 10) == pytest.approx(0.02, rel=1e-4)
    assert p_value(least, 20, 10) > 0.02
