"""Between which points a change surely lies."""

import numpy as np

from results.changepoints import find_changes
from results.changepoints.location import likely_places
from results.changepoints.significance import Moments
from tests.support.labelled_series import step

SERIES = 200


def test_a_clear_step_lies_in_one_place() -> None:
    """Without overlap there is nothing else that it could be."""
    values = np.array([0.0, 0.1, -0.1, 0.0, 5.0, 5.1, 4.9, 5.0]) - 2.5
    assert likely_places(Moments(values, 0), 0, 4, 8) == (4, 4)


def test_a_point_halfway_leaves_two_places() -> None:
    """It may belong to either side; both are told whichever was chosen."""
    values = np.array([0.0, 0.1, -0.1, 0.0, 2.5, 5.0, 5.1, 4.9, 5.0]) - 2.5
    for cut in (4, 5):
        assert likely_places(Moments(values, 0), 0, cut, 9) == (4, 5)


def test_the_true_place_is_nearly_always_among_them() -> None:
    """99 in 100 are promised; 97 in 100 would be missed by chance once in a thousand trials."""
    inside = 0
    for number in range(SERIES):
        series = step(np.random.default_rng((9, number)), 0.05, 0.03)
        found = find_changes(list(series.values))
        inside += any(each.earliest <= series.changes[0] <= each.latest for each in found)
    assert inside >= 0.97 * SERIES
