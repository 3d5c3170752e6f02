"""Counts that are mostly equal: three odd ones in a row have to be rare there."""

import numpy as np
import pytest

from results.changepoints.sparse import chance_of_crowd, is_sparse


def test_most_neighbours_are_equal() -> None:
    """Errors are, times are not."""
    assert is_sparse(np.array([0.0, 0, 0, 1, 0, 0]))
    assert not is_sparse(np.array([1.0, 1.1, 1.2, 1.1, 1.0]))


def test_a_hand_worked_chance() -> None:
    """Three ones after eight zeros: (1/10)^3, at any of 11 points; as many whichever come first."""
    values = np.array([0.0] * 8 + [1.0] * 3)
    assert chance_of_crowd(values, 0, 8, 11) == pytest.approx(11 / 1_000)
    assert chance_of_crowd(values[::-1], 0, 3, 11) == pytest.approx(11 / 1_000)
    assert chance_of_crowd(-values, 0, 8, 11) == pytest.approx(11 / 1_000)


def test_some_of_the_points_may_be_odd() -> None:
    """Two of three, where one of eight was: 3 x 0.2^2 x 0.8 + 0.2^3, at any of 11 points."""
    values = np.array([0.0] * 7 + [1.0] + [1.0, 0, 1])
    assert chance_of_crowd(values, 0, 8, 11) == pytest.approx(1.0)
    expected = 3 * 0.2**2 * 0.8 + 0.2**3
    assert chance_of_crowd(np.append(values, []), 0, 8, 11) == min(1, 11 * expected)
