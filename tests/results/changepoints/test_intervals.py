"""Seeded intervals: their layers, and that no change of any length goes unseen."""

from itertools import pairwise

import pytest

from results.changepoints.intervals import layers


def test_layers_of_a_short_series() -> None:
    """By hand: 12 points at once, 9 points thrice, then 6 points thrice."""
    assert [layer.tolist() for layer in layers(12, 6)] == [
        [[0, 12]],
        [[0, 9], [2, 11], [3, 12]],
        [[0, 6], [3, 9], [6, 12]],
    ]


def test_a_series_that_is_too_short_has_none() -> None:
    """Nothing can be cut into two parts of three points."""
    assert layers(5, 6) == ()


@pytest.mark.parametrize("length", [6, 7, 50, 200, 501])
def test_layers_cover_the_series_and_overlap(length: int) -> None:
    """Each reaches both ends, and neighbours share about half of their points."""
    for layer in layers(length, 6):
        starts, ends = layer[:, 0].tolist(), layer[:, 1].tolist()
        size = ends[0] - starts[0]
        assert (starts[0], ends[-1]) == (0, length)
        assert {end - start for start, end in layer.tolist()} == {size}
        gaps = [later - earlier for earlier, later in pairwise(starts)]
        assert max(gaps, default=0) <= size // 2 + 1
