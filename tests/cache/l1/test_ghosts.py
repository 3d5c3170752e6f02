"""Ghosts: most that a queue would remember, hardly any that it would not, and no key itself."""

import sys
from itertools import pairwise

import pytest

from cache.l1.ghosts import Ghosts


@pytest.mark.parametrize("limit", [1, 9, 90, 1_000, 90_000])
def test_what_left_lately_is_remembered(limit: int) -> None:
    """Of nine in ten keys that a queue would hold, four in five are found at any time."""
    for more in (0, limit // 4, limit // 2, limit):
        ghosts = Ghosts(limit)
        left = 4 * limit + more
        for number in range(left):
            ghosts.add(f"k{number}")
        lately = range(left - round(0.9 * limit), left)
        assert sum(ghosts.take(f"k{number}") for number in lately) >= 0.8 * len(lately) - 3


@pytest.mark.parametrize("limit", [9, 90, 1_000, 90_000])
def test_what_left_long_ago_is_forgotten(limit: int) -> None:
    """After twice as many others as a queue would hold, hardly a key is a ghost."""
    ghosts = Ghosts(limit)
    for number in range(6 * limit):
        ghosts.add(f"k{number}")
    assert sum(ghosts.take(f"k{number}") for number in range(4 * limit)) <= limit / 50 + 2


def test_a_ghost_is_taken_once() -> None:
    """Whoever came back is no ghost any more."""
    ghosts = Ghosts(10)
    ghosts.add("a")
    assert ghosts.take("a")
    assert not ghosts.take("a")


def test_strangers_are_no_ghosts() -> None:
    """A fingerprint is mistaken for another's in less than one case in two hundred."""
    ghosts = Ghosts(10_000)
    for number in range(40_000):
        ghosts.add(f"k{number}")
    assert sum(ghosts.take(f"stranger{number}") for number in range(100_000)) < 500


def test_memory_is_constant() -> None:
    """However many keys leave, and at most eight bytes for each that is remembered."""
    ghosts = Ghosts(10_000)
    sizes = []
    for number in range(100_000):
        ghosts.add(f"k{number}")
        sizes.append(sys.getsizeof(ghosts._young) + sys.getsizeof(ghosts._old))
    assert all(one == other for one, other in pairwise(sizes))
    assert sizes[0] <= 80_000


def test_no_key_is_kept_alive() -> None:
    """A table of numbers refers to no object."""
    key = "a key that nobody else holds" * 2
    before = sys.getrefcount(key)
    ghosts = Ghosts(10)
    ghosts.add(key)
    assert sys.getrefcount(key) == before
