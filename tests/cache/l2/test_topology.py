"""Slots: each has one primary, and names lead to it as the cluster itself would lead."""

import pytest
from redis.crc import key_slot

from cache.errors import TierError
from cache.l2.topology import SLOTS, Topology

RANGES = [
    [5000, 16383, [b"10.0.0.2", 7000, b"id2", []], [b"10.0.0.9", 7000, b"replica", []]],
    [0, 99, [b"", 6379, b"id1", []]],
    [100, 4999, [None, 6379, b"id1", []]],
]
ONE, TWO = ("10.0.0.1", 6379), ("10.0.0.2", 7000)


def test_names_lead_to_the_primary_of_their_slot() -> None:
    """A node that does not know its own host is where it was asked; replicas are passed over."""
    topology = Topology.of(RANGES, "10.0.0.1")
    assert topology.places == (ONE, TWO)
    for name in (f"shop:{{{number}}}" for number in range(200)):
        expected = ONE if key_slot(name.encode()) < 5000 else TWO
        assert topology.place_of(name) == expected


def test_each_primary_has_a_mark() -> None:
    """A name that carries it in braces is on that primary, whatever else it is called."""
    topology = Topology.of(RANGES, "10.0.0.1")
    for place in (ONE, TWO):
        assert topology.place_of(f"floor~shop{{{topology.mark_of(place)}}}") == place


def test_the_same_slots_are_the_same_topology() -> None:
    """In whatever order they are told, so that nodes can be seen to agree."""
    assert Topology.of(RANGES, "10.0.0.1") == Topology.of(RANGES[::-1], "10.0.0.1")
    assert len({Topology.of(RANGES, "10.0.0.1"), Topology.of(RANGES[::-1], "10.0.0.1")}) == 1


def test_a_gap_is_refused() -> None:
    """Keys in it would have no place."""
    with pytest.raises(TierError, match=f"no node for {SLOTS - 5000} of its slots"):
        Topology.of(RANGES[1:], "10.0.0.1")
