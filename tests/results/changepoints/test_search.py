"""Changes of whole series: hand-worked ones, and the bars on labelled ones."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from results.changepoints import find_changes
from tests.support.detection_scores import score
from tests.support.labelled_series import Kind, mended, step, unchanged

LOW = [100.0, 101, 99, 100, 102, 98, 100, 101, 99, 100]
HIGH = [value + 20 for value in LOW]


def _places(values: Sequence[float]) -> list[int]:
    return [change.index for change in find_changes(list(values))]


def test_a_step_is_told_with_its_levels() -> None:
    """By hand: means 100 and 120, at the first point after it, and nowhere else."""
    (change,) = find_changes(LOW + HIGH)
    assert (change.index, change.earliest, change.latest) == (10, 10, 10)
    assert (change.before, change.after, change.ratio) == (100, 120, pytest.approx(1.2))
    assert 0 < change.p < 1e-9


def test_a_change_for_a_while_is_two_changes() -> None:
    """One that was mended does not show in the means of the whole."""
    assert _places(LOW * 3 + HIGH + LOW * 3) == [30, 40]


def test_levels_leave_outliers_out() -> None:
    """One odd point among ten would move a mean by far more than the noise."""
    odd = [*HIGH[:5], 500.0, *HIGH[6:]]
    (change,) = find_changes(LOW + odd)
    assert change.after == pytest.approx((1200 - HIGH[5]) / 9)


@pytest.mark.parametrize(
    "values",
    [
        [],
        [1.0],
        [1.0, 1, 9, 9, 9],
        [5.0] * 40,
        [0.0] * 40,
        [0.0] * 20 + [1.0] + [0.0] * 20,
        [0.0] * 10 + [1.0] + [0.0] * 10 + [1.0] + [0.0] * 10,
        [1.0, 2.0] * 20,
        [*LOW, 500.0, *LOW],
        [*LOW, 500.0, 500.0, *LOW],
        [*LOW, 500.0, 500.0],
        [1e300] * 10 + [1.001e300] * 10,
        [0.1 + 0.2, 0.3] * 10,
    ],
    ids=(
        "empty",
        "one",
        "five",
        "constant",
        "zeros",
        "a_rare_one",
        "two_rare_ones",
        "by_turns",
        "an_outlier",
        "two_outliers",
        "two_last",
        "below_a_percent",
        "rounding",
    ),
)
def test_nothing_has_changed(values: list[float]) -> None:
    """Neither few points, nor constants, nor single odd ones are a change."""
    assert find_changes(values) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [(0.0, 1e-9), (0.0, 7.0), (7.0, 0.0), (1e300, 2e300), (1e-300, 2e-300), (-5.0, 5.0)],
)
def test_a_step_without_noise_is_found(before: float, after: float) -> None:
    """From 0 and to it, of any size and sign, in the series' own unit."""
    (change,) = find_changes([before] * 12 + [after] * 4)
    assert change.index == 12
    assert (change.before, change.after) == pytest.approx((before, after), rel=1e-15, abs=0)
    assert change.ratio == (pytest.approx(after / before) if before else None)
    assert math.isfinite(change.p)


def test_a_crowd_of_outliers_hides_no_change_far_off() -> None:
    """Three odd points among five pass the filter; what they blur lies apart from the change."""
    crowded = step(np.random.default_rng((0, 65)), 0.1, 0.01, outliers=True)
    (change,) = find_changes(list(crowded.values))
    assert (change.earliest, change.index, change.latest) == (153, 153, 153)
    assert crowded.changes == (153,)


def test_what_matters_is_asked_for() -> None:
    """A change of half a percent is sure here, and matters only if it is said to."""
    values = [value / 100 + 100 for value in LOW] + [value / 100 + 100.5 for value in LOW]
    assert find_changes(values) == ()
    assert [each.index for each in find_changes(values, min_change=0.004)] == [10]
    assert find_changes(LOW + HIGH, min_change=0.25) == ()


def test_the_order_of_magnitude_does_not_matter() -> None:
    """Seconds and nanoseconds of one series change at the same places with the same p."""
    values = step(np.random.default_rng(6), 0.1, 0.03).values
    one, other = find_changes(list(values)), find_changes(list(values * 2.0**40))
    assert [each.index for each in one] == [each.index for each in other]
    assert [each.p for each in one] == [each.p for each in other]


def test_a_backward_series_changes_at_the_same_places() -> None:
    """Time's direction is nothing to the search."""
    values = LOW * 3 + HIGH * 2 + LOW * 2
    assert _places(values[::-1]) == [len(values) - place for place in _places(values)[::-1]]


def test_a_long_series_is_searched_in_parts() -> None:
    """Changes are found in each part, and on the border of two."""
    numbers = np.random.default_rng(8)
    levels = 100 + 10 * np.isin(np.arange(3_000) // 500, [1, 3, 4])
    assert _places(levels * (1 + 0.01 * numbers.normal(size=3_000))) == [500, 1_000, 1_500, 2_500]


def test_a_step_is_found_within_five_points() -> None:
    """The bar of `make perf` on fewer series: 10 % in noise of 3 %, 95 of 100."""
    steps = Kind(name="", make=lambda numbers: step(numbers, 0.1, 0.03))
    found = score(_places, steps.series(100, seed=1), with_delay=True)
    assert found.within(5) >= 0.95
    assert (found.recall, found.precision) == (1, 1)


@pytest.mark.parametrize("outliers", [False, True])
def test_an_unchanged_series_raises_no_alarm(*, outliers: bool) -> None:
    """The bar of `make perf` on fewer series: 2 of 100, of 200 points each."""
    same = Kind(name="", make=lambda numbers: unchanged(numbers, 0.03, outliers=outliers))
    assert score(_places, same.series(200, seed=1)).alarm_share <= 0.02


def test_a_short_unchanged_series_raises_no_alarm() -> None:
    """A p of 2 % is one at any length; 4 of 100 would be passed by chance once in 2,000 trials."""
    for length in (6, 8, 12, 20):
        same = Kind(name="", make=lambda numbers, n=length: unchanged(numbers, 0.03, length=n))
        assert score(_places, same.series(250, seed=2)).alarm_share <= 0.04


def test_counts_raise_no_alarm() -> None:
    """Ones that come at random in one run of ten crowd sometimes; that is no change."""
    numbers = np.random.default_rng(11)
    alarms = [bool(_places((numbers.random(200) < 0.1) * 1.0)) for _ in range(200)]
    assert sum(alarms) <= 0.03 * 200


def test_a_mended_step_is_found_with_both_ends() -> None:
    """20 points of 200, 10 % in noise of 3 %."""
    found = score(
        _places, Kind(name="", make=lambda numbers: mended(numbers, 0.1, 0.03)).series(50, seed=3)
    )
    assert found.recall >= 0.97
