"""Last points that lie far off: how many of them there are, and when they are none."""

import pytest

from results.changepoints import find_changes, find_unconfirmed

QUIET = [100.0, 101, 99, 100, 102, 98, 100, 101, 99, 100]


def _unconfirmed(values: list[float]) -> tuple[int, ...]:
    return find_unconfirmed(values, find_changes(values))


@pytest.mark.parametrize(
    ("tail", "places"),
    [
        ([130.0], (10,)),
        ([70.0], (10,)),
        ([130.0, 128], (10, 11)),
        ([130.0, 128, 131], ()),
        ([130.0, 100], ()),
        ([70.0, 130], (11,)),
        ([103.0], ()),
    ],
    ids=("one", "below", "two", "a_change", "an_outlier", "two_sides", "usual"),
)
def test_one_or_two_far_points_are_unconfirmed(tail: list[float], places: tuple[int, ...]) -> None:
    """Three are a change, and one amid the series is an outlier."""
    assert _unconfirmed(QUIET + tail) == places
    assert bool(find_changes(QUIET + tail)) == (len(tail) == 3)


def test_the_level_since_the_last_change_is_what_counts() -> None:
    """A point on the level before it is as odd as any other; one on its own level is not."""
    slow = [value + 50 for value in QUIET]
    assert _unconfirmed([*QUIET, *slow, 100.0]) == (20,)
    assert _unconfirmed([*QUIET, *slow, 150.0]) == ()


def test_what_is_too_small_to_matter_is_not_told() -> None:
    """However little noise there is; from 0 on everything matters."""
    assert _unconfirmed([100.0] * 10 + [100.5]) == ()
    assert _unconfirmed([100.0] * 10 + [102.0]) == (10,)
    assert _unconfirmed([0.0] * 10 + [1e-9]) == (10,)


def test_outliers_before_widen_nothing() -> None:
    """A single odd point long ago does not make the next one usual."""
    assert _unconfirmed([*QUIET, 140.0, *QUIET, 140.0]) == (21,)


@pytest.mark.parametrize("count", range(6))
def test_too_few_points_say_nothing(count: int) -> None:
    """Nobody can tell what is usual yet."""
    assert _unconfirmed([1.0, 1, 1, 1, 9, 9][:count]) == ()
