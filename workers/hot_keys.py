"""Distributions of keys whose first ones are hot: hotspot, moving hotspot and exponential."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]

SEARCH_STEPS = 200
STEEPEST = 500.0


class HotspotKeys:
    """A share of the operations goes to the first keys alone, the rest to the others.

    Args:
        keys: Number of keys.
        hot: How many of them are hot, from 1.
        hot_operations: Share of the operations that the hot keys get.
        random: The user's random stream.
    """

    def __init__(
        self, keys: int, hot: int, hot_operations: float, random: np.random.Generator
    ) -> None:
        self._keys, self._hot = keys, hot
        self._hot_operations = hot_operations if hot < keys else 1.0
        self._random = random

    def take(self, known: Indices) -> Indices:
        """The next key numbers."""
        chosen, place = self._random.random((len(known), 2)).T
        hot = (place * self._hot).astype(np.int64)
        cold = self._hot + (place * (self._keys - self._hot)).astype(np.int64)
        keys: Indices = np.where(chosen < self._hot_operations, hot, cold)
        return keys


class MovingHotspotKeys:
    """A hotspot whose window moves on by its own width, round and round.

    Args:
        inner: The hotspot.
        keys: Number of keys.
        hot: The window's width in keys.
        move_every: Draws after which it moves on.
    """

    def __init__(self, inner: HotspotKeys, keys: int, hot: int, move_every: int) -> None:
        self._inner = inner
        self._keys, self._hot, self._move_every = keys, hot, move_every
        self._drawn = 0

    def take(self, known: Indices) -> Indices:
        """The next key numbers."""
        draws = np.arange(self._drawn, self._drawn + len(known))
        self._drawn += len(known)
        starts = draws // self._move_every * self._hot
        return (starts + self._inner.take(known)) % self._keys


class ExponentialKeys:
    """An exponential distribution over the keys, cut off at the last one and drawn by inversion.

    Args:
        keys: Number of keys.
        steepness: Rate of the fall over all keys; below 0 it rises, 0 is uniform.
        random: The user's random stream.
    """

    def __init__(self, keys: int, steepness: float, random: np.random.Generator) -> None:
        self._keys = keys
        self._steepness = steepness
        self._random = random

    def take(self, known: Indices) -> Indices:
        """The next key numbers."""
        places = self._random.random(len(known))
        if self._steepness:
            places = -np.log1p(places * np.expm1(-self._steepness)) / self._steepness
        return np.minimum((places * self._keys).astype(np.int64), self._keys - 1)


@lru_cache(maxsize=16)
def steepness(hot_keys: float, hot_operations: float) -> float:
    """The rate of an exponential over all keys whose first ones get a share of the operations.

    Found by bisection; every share below 1 has its rate.

    Args:
        hot_keys: Share of the keys that are hot, above 0 to 1.
        hot_operations: Share of the operations that they get, above 0 to 1.
    """
    if hot_keys == 1:
        return 0.0
    low, high = -STEEPEST, STEEPEST / hot_keys
    for _ in range(SEARCH_STEPS):
        middle = (low + high) / 2
        if _hot_share(middle, hot_keys) < hot_operations:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _hot_share(rate: float, hot_keys: float) -> float:
    if rate == 0:
        return hot_keys
    return float(np.expm1(-rate * hot_keys) / np.expm1(-rate))
