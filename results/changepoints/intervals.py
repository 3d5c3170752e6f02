"""Seeded intervals: the stretches of a series that are looked through for one change each.

A change that is mended soon does not show in the whole series, so shorter and shorter stretches are
looked at too. Each layer's are shorter by the root of 2 than the one's before, and overlap by half
or more (Kovacs, Li, Buehlmann and Munk, Seeded binary segmentation, Biometrika 110, 2023,
definition 1).
"""

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from results.changepoints.arrays import Integers


@lru_cache(maxsize=64)
def layers(length: int, shortest: int) -> tuple[Integers, ...]:
    """The intervals of a series, those of one size together, the longest first.

    Args:
        length: Points of the series.
        shortest: Points that an interval has at least.

    Returns:
        For each size a table: a row for each interval, of its first point and the one after its
        last.
    """
    found: dict[int, Integers] = {}
    for size, count in _sizes(length, shortest):
        starts = np.linspace(0, length - size, count).round().astype(np.int64)
        first = np.unique(starts)
        found.setdefault(size, np.stack([first, first + size], axis=1))
    return tuple(found.values())


def _sizes(length: int, shortest: int) -> Iterator[tuple[int, int]]:
    """The size of each layer's intervals, and how many there are."""
    layer = 0
    while (size := math.ceil(length / 2 ** (layer / 2))) >= shortest:
        yield size, 2 * math.ceil(2 ** (layer / 2)) - 1
        layer += 1
