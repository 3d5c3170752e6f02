"""The energy statistic against a hand-worked case and its definition, term by term."""

from itertools import product
from statistics import fmean

import numpy as np
import pytest

from results.changepoints.energy import running_sums, statistic


def _by_definition(before: list[float], after: list[float]) -> float:
    """Székely and Rizzo's definition, as it stands."""
    across, left, right = (
        fmean(abs(x - y) for x, y in product(*pair))
        for pair in ((before, after), (before, before), (after, after))
    )
    return len(before) * len(after) / (len(before) + len(after)) * (2 * across - left - right)


def _of(values: list[float], first: int, cut: int, end: int) -> float:
    place = (np.array([each]) for each in (first, cut, end))
    return float(statistic(running_sums(np.array(values)), *place)[0])


def test_a_hand_worked_case() -> None:
    """0 and 2 against 5: distances across 5 and 3, within the first part 2; 2/3 x (8 - 1)."""
    assert _of([0, 2, 5], 0, 2, 3) == pytest.approx(2 / 3 * 7)


def test_every_cut_of_every_interval_is_as_defined() -> None:
    """The running sums leave out nothing and count nothing twice."""
    values = [float(each) for each in np.random.default_rng(4).normal(size=12).round(3)]
    for first in range(12):
        for end in range(first + 2, 13):
            for cut in range(first + 1, end):
                expected = _by_definition(values[first:cut], values[cut:end])
                assert _of(values, first, cut, end) == pytest.approx(expected, abs=1e-12)


def test_equal_parts_do_not_differ() -> None:
    """Nothing lies apart where both parts hold the same."""
    assert _of([1, 2, 1, 2], 0, 2, 4) == pytest.approx(0)
    assert _of([3, 3, 3, 3], 0, 1, 4) == 0
