"""Which key comes next: the distributions of keys, each user with a seeded stream of its own.

A key is known by its number, from 0. What is inserted while a load runs has the numbers that
follow.
"""

from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.load import KeyChoice
from workers.hot_keys import (
    ExponentialKeys,
    HotspotKeys,
    Indices,
    MovingHotspotKeys,
    steepness,
)
from workers.randomness import SCRAMBLE, random_stream


class KeyStream(Protocol):
    """An endless stream of key numbers for one user."""

    def take(self, known: Indices) -> Indices:
        """The next key numbers.

        Args:
            known: How many keys there are at each draw, shape (n,): the planned ones and those
                that the user has inserted since.
        """


class UniformKeys:
    """Each planned key with the same probability."""

    def __init__(self, keys: int, random: np.random.Generator) -> None:
        self._keys = keys
        self._random = random

    def take(self, known: Indices) -> Indices:
        """The next key numbers."""
        return self._random.integers(self._keys, size=len(known))


class ZipfKeys:
    """Key number r, counted from 0, with a probability in proportion to (r + 1) ** -exponent.

    Drawn by inverting the distribution over the finite number of keys, so that any exponent
    above 0 is right, unlike numpy's own `zipf`, which needs one above 1 and has no last key.
    """

    def __init__(self, keys: int, exponent: float, random: np.random.Generator) -> None:
        self._cumulated = _cumulated_zipf(keys, exponent)
        self._random = random

    def take(self, known: Indices) -> Indices:
        """The next key numbers."""
        return np.searchsorted(self._cumulated, self._random.random(len(known)), side="right")


@lru_cache(maxsize=4)
def _cumulated_zipf(keys: int, exponent: float) -> NDArray[np.float64]:
    cumulated = np.cumsum(np.arange(1, keys + 1, dtype=np.float64) ** -exponent)
    shares: NDArray[np.float64] = cumulated / cumulated[-1]
    return shares


class ScrambledKeys:
    """Another stream's keys, each in the place of one key: the popular ones lie anywhere.

    A seeded permutation keeps every key's probability, unlike the hash of YCSB's scrambled
    Zipfian generator, with which keys collide (Cooper et al., SoCC 2010).
    """

    def __init__(self, inner: KeyStream, keys: int, seed: int) -> None:
        self._inner = inner
        self._places = _permutation(keys, seed)

    def take(self, known: Indices) -> Indices:
        """The next key numbers."""
        return self._places[self._inner.take(known)]


@lru_cache(maxsize=4)
def _permutation(keys: int, seed: int) -> Indices:
    return random_stream(seed, SCRAMBLE).permutation(keys)


class LatestKeys:
    """Zipf over the keys inserted last: rank 0 is the newest of all (YCSB's `latest`)."""

    def __init__(self, ranks: KeyStream) -> None:
        self._ranks = ranks

    def take(self, known: Indices) -> Indices:
        """The next key numbers."""
        return known - 1 - self._ranks.take(known)


class SequentialKeys:
    """User u of n walks through the keys u, u + n, u + 2n, ... again and again."""

    def __init__(self, keys: int, user: int, users: int) -> None:
        self._share = np.arange(user % keys, keys, users)
        self._next = 0

    def take(self, known: Indices) -> Indices:
        """The next key numbers."""
        positions = np.arange(self._next, self._next + len(known)) % len(self._share)
        self._next += len(known)
        return self._share[positions]


def key_stream(
    choice: KeyChoice, keys: int, *, seed: int, user: int, users: int, random: np.random.Generator
) -> KeyStream:
    """The stream of key numbers of one user.

    Args:
        choice: How keys are drawn.
        keys: Number of planned keys.
        seed: The job's seed, which scrambles keys for all users alike.
        user: The user's number, from 0.
        users: Number of users of the phase.
        random: The user's random stream.
    """
    hot = max(round(choice.hot_keys * keys), 1)
    stream: KeyStream
    match choice.distribution:
        case "uniform":
            stream = UniformKeys(keys, random)
        case "zipf":
            stream = ZipfKeys(keys, choice.exponent, random)
            if choice.scrambled:
                stream = ScrambledKeys(stream, keys, seed)
        case "latest":
            stream = LatestKeys(ZipfKeys(keys, choice.exponent, random))
        case "hotspot":
            stream = HotspotKeys(keys, hot, choice.hot_operations, random)
        case "moving_hotspot":
            stream = HotspotKeys(keys, hot, choice.hot_operations, random)
            stream = MovingHotspotKeys(stream, keys, hot, choice.move_every)
        case "exponential":
            rate = steepness(choice.hot_keys, choice.hot_operations)
            stream = ExponentialKeys(keys, rate, random)
        case "sequential":
            stream = SequentialKeys(keys, user, users)
    return stream
