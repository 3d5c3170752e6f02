"""Slots: what is packed comes out again."""

import math

from cache.l1.slot import Facts, Slot, pack_facts, packable


def slot_with(facts: Facts, due_at: float = 1.0) -> Slot:
    """A slot with these facts."""
    return Slot("a", 1, None, due_at, 1, 1, 0, pack_facts(*facts))


def test_facts_are_packed_without_loss() -> None:
    """Times and versions to the last bit; a cost to seven digits, an endless time as endless."""
    facts = Facts(1 / 3, math.inf, -2 / 3, 1_763_000_000_000_001, 0.5, 4_000_000_000)
    assert slot_with(facts).read_facts() == facts


def test_the_end_of_freshness_is_the_earlier_of_both_ends() -> None:
    """A value that is gone is not fresh either."""
    assert slot_with(Facts(5, 3, 0, 0, 0, 0)).fresh_end() == 3
    assert slot_with(Facts(2, 3, 0, 0, 0, 0)).fresh_end() == 2


def test_an_end_only_comes_sooner() -> None:
    """A later one changes nothing, and what is due before it stays due."""
    facts = Facts(5, 3, 1, 7, 0.5, 9)
    slot = slot_with(facts, due_at=3)
    slot.end_by(6)
    assert (slot.read_facts(), slot.due_at) == (facts, 3)
    slot.end_by(4)
    assert (slot.read_facts(), slot.due_at) == (facts._replace(expires_at=4), 3)
    slot.end_by(2)
    assert (slot.read_facts(), slot.due_at) == (facts._replace(expires_at=2), 2)


def test_a_size_beyond_four_gigabytes_counts_for_four() -> None:
    """Because it has to be packed."""
    assert packable(10) == 10
    facts = Facts(1, 1, 0, 0, 0, packable(2**40))
    assert slot_with(facts).read_facts().size_bytes == 2**32 - 1
