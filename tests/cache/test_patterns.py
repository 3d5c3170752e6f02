"""Access counts and costs: decayed, bounded, and led by what saves most."""

import random
import sys

import pytest

from cache.patterns import AccessPatterns, NoPatterns
from tests.cache.conftest import ManualClock


def counts(patterns: AccessPatterns, at_least: int = 1) -> dict[str, int]:
    """The keys with that count or more, and their counts, in order."""
    return {hot.key: hot.count for hot in patterns.hottest(at_least)}


def test_counts_halve_with_each_half_life(clock: ManualClock) -> None:
    """A key that is not read any more fades and is forgotten."""
    patterns = AccessPatterns(10, clock=clock)
    for _ in range(8):
        patterns.touch("a")
    assert counts(patterns, 8) == {"a": 8}
    clock.advance(10)
    assert counts(patterns) == {"a": 4}
    clock.advance(30)
    assert counts(patterns) == {}
    assert "a" not in patterns


@pytest.mark.parametrize("looked_at", [False, True])
def test_each_read_counts_for_its_own_age(clock: ManualClock, *, looked_at: bool) -> None:
    """Old and new reads of a key together, whether or not anyone looked in between."""
    patterns = AccessPatterns(10, clock=clock)
    patterns.add("a", 400)
    for _ in range(2):
        clock.advance(10)
        patterns.add("a", 100)
        if looked_at:
            patterns.hottest(1)
    assert counts(patterns) == {"a": 100 + 50 + 100}


def test_counts_survive_a_long_time_without_a_look(clock: ManualClock) -> None:
    """A read of years later weighs no more than a float can hold."""
    patterns = AccessPatterns(1, clock=clock)
    for _ in range(5_000):
        clock.advance(7)
        patterns.add("a", 4)
    assert counts(patterns) == {"a": 4}


def test_hits_of_l1_count_as_reads_do(clock: ManualClock) -> None:
    """One by one, many at a time, and for many keys."""
    patterns = AccessPatterns(10, clock=clock)
    patterns.touch("a")
    patterns.add("a", 2)
    patterns.add_many([("a", 4), ("b", 3)])
    assert counts(patterns) == {"a": 7, "b": 3}


def test_the_rate_is_that_of_steady_reads(clock: ManualClock) -> None:
    """After many half-lives at 5 reads a second it says 5."""
    patterns = AccessPatterns(60, clock=clock)
    for _ in range(5 * 600):
        clock.advance(0.2)
        patterns.touch("a")
    assert patterns.hottest(1)[0].rate_per_s == pytest.approx(5, rel=0.03)


def test_memory_is_bounded_and_hot_keys_stay(clock: ManualClock) -> None:
    """A scan of keys read once makes room for itself, not at a hot key's cost."""
    patterns = AccessPatterns(10, limit=100, clock=clock)
    for step in range(10_000):
        patterns.touch(f"cold{step}")
        if not step % 20:
            patterns.touch("hot")
        assert len(patterns) <= 100
    assert counts(patterns, 2) == {"hot": 500}


def test_the_bound_holds_when_every_key_is_hot(clock: ManualClock) -> None:
    """The hotter half stays."""
    patterns = AccessPatterns(10, limit=10, clock=clock)
    for step in range(1_000):
        patterns.add(f"k{step}", 50)
        assert len(patterns) <= 10


def test_the_hottest_of_too_many_are_taken(clock: ManualClock) -> None:
    """A harvest of a large L1 does not push out what is tracked already."""
    patterns = AccessPatterns(10, limit=100, clock=clock)
    patterns.add("known", 5_000)
    patterns.add_many([(f"k{number}", number + 1) for number in range(10_000)])
    assert len(patterns) <= 100
    kept = counts(patterns)
    assert kept.pop("known") == 5_000
    assert list(kept)[:3] == ["k9999", "k9998", "k9997"]


def test_a_million_keys_take_bounded_memory(clock: ManualClock) -> None:
    """No list of times, and no trace of keys that were read once."""
    randomness = random.Random(2)
    patterns = AccessPatterns(60, limit=1_000, clock=clock)
    largest_bytes = 0
    for number in range(1_000_000):
        patterns.touch(f"k{number}")
        if not number % 100:
            patterns.add(f"hot{randomness.randrange(50)}", 3)
            assert len(patterns) <= 1_000
            largest_bytes = max(largest_bytes, sys.getsizeof(patterns._tracks))
    assert largest_bytes < 100_000
    assert all(f"hot{number}" in patterns for number in range(50))


def test_candidates_have_the_threshold(clock: ManualClock) -> None:
    """Those under it are none."""
    patterns = AccessPatterns(10, clock=clock)
    for key, reads in (("a", 2), ("b", 5), ("c", 4)):
        patterns.add(key, reads)
    assert list(counts(patterns)) == ["b", "c", "a"]
    assert list(counts(patterns, 4)) == ["b", "c"]
    assert list(counts(patterns, 5)) == ["b"]


def test_what_saves_most_comes_first(clock: ManualClock) -> None:
    """A rarer key comes first if its misses cost so much more."""
    patterns = AccessPatterns(10, clock=clock)
    for key, reads, load_s in (("often", 100, 0.001), ("dear", 10, 0.5), ("both", 20, 0.5)):
        patterns.add(key, reads)
        patterns.note_cost(key, load_s, "origin")
    assert list(counts(patterns)) == ["both", "dear", "often"]


def test_the_tiers_below_cost_the_same_for_each_key(clock: ManualClock) -> None:
    """What one slow answer of L2 took says nothing about its key."""
    patterns = AccessPatterns(10, clock=clock)
    for key, reads, seconds in (("a", 10, 0.0001), ("b", 12, 0.0001), ("c", 11, 0.005)):
        patterns.add(key, reads)
        patterns.note_cost(key, seconds, "l2")
    patterns.add("never missed", 13)
    assert list(counts(patterns)) == ["never missed", "b", "c", "a"]
    assert len({hot.miss_s for hot in patterns.hottest(1)}) == 1


def test_a_miss_costs_what_the_levels_cost_that_answer_it(clock: ManualClock) -> None:
    """A key that is loaded each second time costs half a load; the load itself stays dear."""
    patterns = AccessPatterns(1e9, clock=clock)
    patterns.add("a", 1)
    for _ in range(20):
        patterns.note_cost("a", 1.0, "origin")
        patterns.note_cost("a", 0.001, "l2")
    hot = patterns.hottest(1)[0]
    assert hot.load_s == pytest.approx(1.0)
    assert 0.35 < hot.miss_s < 0.65


def test_costs_follow_what_is_measured(clock: ManualClock) -> None:
    """A loader that became slower is known to be slower after a few loads."""
    patterns = AccessPatterns(1e9, clock=clock)
    patterns.add("a", 1)
    for load_s in (0.1, *[1.0] * 12):
        patterns.note_cost("a", load_s, "origin")
    assert patterns.hottest(1)[0].load_s == pytest.approx(1.0, rel=0.05)


def test_a_key_without_a_cost_has_a_usual_one(clock: ManualClock) -> None:
    """Before anything is measured a guess, then that of the tiers below, else of a load."""
    patterns = AccessPatterns(10, clock=clock)
    patterns.add("a", 1)
    assert 0 < patterns.hottest(1)[0].miss_s < 0.1
    patterns.note_cost("other", 0.5, "origin")
    assert patterns.hottest(1)[0].miss_s == 0.5
    patterns.note_cost("other", 0.002, "l3")
    assert patterns.hottest(1)[0].miss_s == 0.002
    assert patterns.hottest(1)[0].load_s == 0.5
    assert "other" not in patterns


def test_nothing_is_tracked_where_warming_is_off() -> None:
    """The null object stays empty."""
    patterns = NoPatterns()
    patterns.touch("a")
    patterns.add("a", 1)
    patterns.add_many([("a", 1)])
    patterns.note_cost("a", 1.0, "origin")
    assert "a" not in patterns
    assert patterns.hottest(0) == []


def test_a_miss_counts_and_costs_in_one_step(clock: ManualClock) -> None:
    """It leaves what the count of a read and then the note of its cost would leave."""
    randomness = random.Random("missed")
    together, apart = (AccessPatterns(10, limit=8, clock=clock) for _ in range(2))
    for _ in range(3_000):
        key = f"k{int(randomness.paretovariate(0.7))}"
        level = randomness.choice(["l2", "l2", "l3", "origin"])
        seconds = randomness.expovariate(10)
        together.missed(key, seconds, level)
        apart.touch(key)
        apart.note_cost(key, seconds, level)
        clock.advance(randomness.choice([0, 0.001, 0.5, 3]))
        assert len(together) == len(apart)
    assert together.hottest(0) == apart.hottest(0)
    assert together.hottest(0)
    assert any(hot.load_s != hot.miss_s for hot in together.hottest(0))
