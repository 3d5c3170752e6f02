"""Which key comes next: uniform, Zipf or sequential, each user with a seeded stream of its own."""

from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.scenario import KeyChoice

Indices = NDArray[np.int64]


class KeyStream(Protocol):
    """An endless stream of key numbers for one user."""

    def take(self, count: int) -> Indices:
        """The next `count` key numbers."""


class UniformKeys:
    """Each key with the same probability."""

    def __init__(self, keys: int, random: np.random.Generator) -> None:
        self._keys = keys
        self._random = random

    def take(self, count: int) -> Indices:
        """The next `count` key numbers."""
        return self._random.integers(self._keys, size=count)


class ZipfKeys:
    """Key number r, counted from 0, with a probability in proportion to (r + 1) ** -exponent.

    Drawn by inverting the distribution over the finite number of keys, so that any exponent
    above 0 is right, unlike numpy's own `zipf`, which needs one above 1 and has no last key.
    """

    def __init__(self, keys: int, exponent: float, random: np.random.Generator) -> None:
        self._cumulated = _cumulated_zipf(keys, exponent)
        self._random = random

    def take(self, count: int) -> Indices:
        """The next `count` key numbers."""
        return np.searchsorted(self._cumulated, self._random.random(count), side="right")


@lru_cache(maxsize=4)
def _cumulated_zipf(keys: int, exponent: float) -> NDArray[np.float64]:
    cumulated = np.cumsum(np.arange(1, keys + 1, dtype=np.float64) ** -exponent)
    shares: NDArray[np.float64] = cumulated / cumulated[-1]
    return shares


class SequentialKeys:
    """User u of n walks through the keys u, u + n, u + 2n, ... again and again."""

    def __init__(self, keys: int, user: int, users: int) -> None:
        self._share = np.arange(user % keys, keys, users)
        self._next = 0

    def take(self, count: int) -> Indices:
        """The next `count` key numbers."""
        positions = np.arange(self._next, self._next + count) % len(self._share)
        self._next += count
        return self._share[positions]


def user_random(seed: int, phase: int, user: int) -> np.random.Generator:
    """The random stream of one user in one phase: the same wherever and beside whom it runs.

    Args:
        seed: The job's seed.
        phase: The phase's position in its scenario.
        user: The user's number.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(phase, user)))


def key_stream(
    choice: KeyChoice, keys: int, *, user: int, users: int, random: np.random.Generator
) -> KeyStream:
    """The stream of key numbers of one user.

    Args:
        choice: How keys are drawn.
        keys: Number of keys.
        user: The user's number, from 0.
        users: Number of users of the phase.
        random: The user's random stream.
    """
    match choice.distribution:
        case "uniform":
            return UniformKeys(keys, random)
        case "zipf":
            return ZipfKeys(keys, choice.exponent, random)
        case "sequential":
            return SequentialKeys(keys, user, users)
