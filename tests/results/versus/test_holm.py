"""The correction for many metrics, on the textbook's case."""

import pytest

from results.versus.holm import adjusted


def test_a_worked_case() -> None:
    """0.01 x 4, 0.02 x 3 and so on, never falling (Holm 1979)."""
    assert adjusted([0.04, 0.01, 0.03, 0.02], [1] * 4) == pytest.approx([0.06, 0.04, 0.06, 0.06])


def test_what_weighs_more_is_corrected_less() -> None:
    """With the weights 4 and 1 the first has four fifths of the 5 %."""
    assert adjusted([0.04, 0.9], [4, 1]) == pytest.approx([0.05, 0.9])
    assert adjusted([0.9, 0.04], [4, 1]) == pytest.approx([0.9, 0.2])


def test_none_and_one() -> None:
    """No metric has nothing to correct; one is as it was; none becomes more than certain."""
    assert adjusted([], []) == []
    assert adjusted([0.3], [4]) == [0.3]
    assert adjusted([0.8, 0.9], [1, 1]) == [1.0, 1.0]
