"""What is there before a measurement stays out of its garbage collections."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from workers.counters import memory_mib
from workers.garbage import clear_away, set_aside


class Node:
    """Something that can be part of a cycle."""

    def __init__(self) -> None:
        self.other: object = None


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Leave the collector as other tests expect it."""
    yield
    gc.unfreeze()


def _cycle() -> Node:
    node = Node()
    node.other = node
    return node


def test_nothing_that_was_there_is_looked_at_until_the_next_attempt() -> None:
    """A cycle that is let go of later is left alone, and collected before the next measurement."""
    node = _cycle()
    set_aside()
    gone = weakref.ref(node)
    del node
    gc.collect()
    assert gone() is not None
    set_aside()
    assert gone() is None


def test_what_is_made_afterwards_is_collected_as_ever() -> None:
    """The subject's own garbage goes, and its pauses are seen."""
    set_aside()
    node = _cycle()
    gone = weakref.ref(node)
    del node
    gc.collect()
    assert gone() is None


def test_what_was_set_aside_is_cleared_away_too() -> None:
    """What an earlier attempt left is gone, and its memory is the system's again."""
    node = _cycle()
    filling = [bytes(500) for _ in range(100_000)]
    largest_mib = memory_mib()
    set_aside()
    gone = weakref.ref(node)
    del node, filling
    clear_away()
    assert gone() is None
    assert memory_mib() < largest_mib - 30
