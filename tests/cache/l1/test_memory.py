"""L1 by itself: the map, its expiry, its bound, its copies, its views and its tags."""

import random

import pytest

from cache import MISS, ConfigError, InvalidValueError
from cache.l1.memory import MemoryTier
from tests.cache.conftest import ManualClock


def test_returns_the_bare_value_or_miss() -> None:
    """A read gives the value itself, and a sentinel when there is none."""
    tier = MemoryTier(2)
    tier.set("a", 1)
    assert tier.get("a") == 1
    assert tier.get("b") is MISS


@pytest.mark.parametrize("value", [None, 0, "", [], False, {}])
def test_empty_values_are_values(value: object) -> None:
    """What is falsy in Python is cached like anything else."""
    tier = MemoryTier(1)
    tier.set("a", value)
    assert tier.get("a") == value
    assert tier.get("a") is not MISS


def test_a_value_ends_with_its_ttl(clock: ManualClock) -> None:
    """An entry is there until its time is over, and not at it."""
    tier = MemoryTier(2, clock=clock)
    tier.set("a", 1, 10)
    clock.advance(9.9)
    assert "a" in tier
    assert tier.get("a") == 1
    clock.advance(0.1)
    assert "a" not in tier
    assert tier.get("a") is MISS
    assert len(tier) == 0


def test_a_new_value_brings_its_own_ttl(clock: ManualClock) -> None:
    """Overwriting replaces the expiry too."""
    tier = MemoryTier(2, clock=clock)
    tier.set("a", 1, 10)
    tier.set("a", 2)
    clock.advance(1e9)
    assert tier.get("a") == 2


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10, 100])
def test_never_holds_more_than_its_size(size: int) -> None:
    """Whatever is done to it, the bound and the map agree with a plain model."""
    randomness = random.Random(size)
    tier, model = MemoryTier(size), {}
    for step in range(20 * size + 500):
        key = f"k{randomness.randrange(3 * size)}"
        if randomness.random() < 0.2:
            tier.delete(key)
            model.pop(key, None)
        elif randomness.random() < 0.5:
            tier.set(key, step)
            model[key] = step
            assert key in tier
        found = tier.get(key)
        assert found is MISS or found == model[key]
        assert len(tier) <= size
    assert len(tier) >= 1


def test_deleted_keys_leave_no_trace_in_the_queues() -> None:
    """Endless sets and deletes of one key take constant memory."""
    tier = MemoryTier(10)
    for step in range(10_000):
        tier.set("a", step)
        tier.delete("a")
    assert len(tier._queues) < 200


def test_many_keys_are_deleted_at_once() -> None:
    """Those that are not held are no matter."""
    tier = MemoryTier(10)
    for key in "abc":
        tier.set(key, key)
    tier.delete_many(["a", "x", "c"])
    assert [key for key in "abc" if key in tier] == ["b"]


def test_a_key_read_twice_survives_a_scan() -> None:
    """A scan of keys read once leaves the hot key where it is."""
    tier = MemoryTier(10)
    tier.set("hot", 1)
    tier.get("hot")
    tier.get("hot")
    for step in range(100):
        tier.set(f"cold{step}", step)
    assert tier.get("hot") == 1


def test_a_key_that_comes_back_soon_is_kept() -> None:
    """A key that its ghost remembers goes to the main queue at once."""
    tier = MemoryTier(10)
    for step in range(11):
        tier.set(f"k{step}", step)
    assert "k0" not in tier
    tier.set("k0", 0)
    for step in range(100):
        tier.set(f"cold{step}", step)
    assert "k0" in tier


@pytest.mark.parametrize(
    "value", [[1, 2], {"a": 1}, {"a": [1, {"b": 2}]}, {1, 2}, ([1],), bytearray(b"x")]
)
def test_a_reader_can_not_change_what_others_read(value: object) -> None:
    """What goes in and what comes out share nothing mutable with what is kept."""
    tier = MemoryTier(1)
    tier.set("a", value)
    held = tier.held("a")
    assert held is not None
    taken = [tier.get("a"), tier.get("a"), tier.fresh("a"), held.value, held.value, value]
    assert all(one == value for one in taken)
    assert len(set(map(id, taken))) == len(taken)


def test_the_timed_hit_hands_out_a_copy_too() -> None:
    """One in 64 takes another path, and no reader may notice."""
    tier = MemoryTier(1)
    tier.set("a", [1])
    taken = [tier.get("a") for _ in range(200)]
    assert all(one == [1] for one in taken)
    assert len(set(map(id, taken))) == len(taken)


def test_values_are_shared_where_that_is_wished() -> None:
    """Without copies every reader gets the object that was set, whatever it is."""
    tier = MemoryTier(1, copy_values=False)
    value = [1]
    tier.set("a", value)
    assert tier.get("a") is value
    unique = (number for number in range(3))
    tier.set("a", unique)
    assert tier.get("a") is unique


def test_immutable_values_are_shared() -> None:
    """A value that can't be changed is handed out as it is."""
    tier = MemoryTier(1)
    value = ("a", 1, b"x")
    tier.set("a", value)
    assert tier.get("a") is value


def test_a_value_that_can_not_be_copied_is_refused() -> None:
    """A generator can't have several readers, and what was there stays."""
    tier = MemoryTier(1)
    tier.set("a", 1)
    with pytest.raises(InvalidValueError, match="generator can't be copied"):
        tier.set("a", (i for i in range(3)))
    assert tier.get("a") == 1


@pytest.mark.parametrize("size", [0, -1, 1.5, True, None])
def test_a_size_below_one_is_refused(size: object) -> None:
    """The size is a whole number of at least 1."""
    with pytest.raises(ConfigError, match="l1_max_size"):
        MemoryTier(size)


@pytest.mark.parametrize(
    ("times", "due_s"),
    [
        ({"ttl_s": 10}, 10),
        ({"ttl_s": 10, "fresh_s": 20}, 10),
        ({"ttl_s": 10, "fresh_s": 5}, 5),
        ({"fresh_s": 5}, 5),
        ({"ttl_s": 10, "fresh_s": 5, "refresh_s": 2}, 2),
        ({"ttl_s": 10, "fresh_s": 5, "refresh_s": 7}, 5),
        ({"ttl_s": 10, "refresh_s": 2}, 2),
        ({}, 1e12),
    ],
)
def test_something_is_due_at_the_earliest_of_its_times(
    clock: ManualClock, times: dict[str, float], due_s: float
) -> None:
    """Until then one comparison lets a read pass; from then on it does not."""
    tier = MemoryTier(2, clock=clock)
    tier.set("a", 1, **times)
    clock.advance(due_s * 0.99)
    assert tier.fresh("a") == 1
    clock.advance(due_s * 0.01)
    assert (tier.fresh("a") is MISS) == (due_s < 1e12)


def test_a_stale_value_is_still_a_value(clock: ManualClock) -> None:
    """What is past its freshness is there until it expires, for those who ask for it."""
    tier = MemoryTier(2, clock=clock)
    tier.set("a", 1, 10, fresh_s=5)
    clock.advance(7)
    assert tier.fresh("a") is MISS
    assert tier.get("a") == 1
    assert "a" in tier
    clock.advance(3)
    assert tier.get("a") is MISS


def test_a_view_tells_all_that_is_known(clock: ManualClock) -> None:
    """Age, times left, cost, version and tags, as they are at that moment."""
    tier = MemoryTier(2, clock=clock)
    tier.set(
        "a", [1], 10, fresh_s=4, age_s=3, cost_s=0.25, tags=("t",), version=1_763_000_000_000_001
    )
    clock.advance(6)
    held = tier.held("a")
    assert held is not None
    assert (held.value, held.age_s, held.ttl_s, held.fresh_s) == ([1], 9, 4, -2)
    assert (held.stale, held.stale_s, held.lasts_s) == (True, 2, 0)
    assert (held.cost_s, held.tags, held.version) == (0.25, ("t",), 1_763_000_000_000_001)


def test_a_value_is_stale_from_the_end_of_its_freshness_on(clock: ManualClock) -> None:
    """Reads don't pass any more at that moment, so it can't be fresh then."""
    tier = MemoryTier(2, clock=clock)
    tier.set("a", 1, 10, fresh_s=5)
    for step_s, stale in ((4.5, False), (0.5, True)):
        clock.advance(step_s)
        held = tier.held("a")
        assert held is not None
        assert (held.stale, tier.fresh("a") is MISS) == (stale, stale)


def test_a_view_of_a_value_without_end() -> None:
    """No TTL and no freshness are None, and such a value is fresh."""
    tier = MemoryTier(2)
    tier.set("a", 1)
    held = tier.held("a")
    assert held is not None
    assert (held.ttl_s, held.fresh_s, held.stale, held.stale_s) == (None, None, False, 0)
    assert held.lasts_s == float("inf")


def test_there_is_no_view_of_what_is_gone(clock: ManualClock) -> None:
    """Neither of a key that was never there, nor of an expired one, which is freed."""
    tier = MemoryTier(2, clock=clock)
    assert tier.held("a") is None
    tier.set("a", 1, 10)
    clock.advance(10)
    assert tier.held("a") is None
    assert len(tier) == 0


def test_a_postponed_refresh_leaves_the_end_of_freshness(clock: ManualClock) -> None:
    """Reads pass again once the refresh has begun, and no longer than the value is fresh."""
    tier = MemoryTier(2, clock=clock)
    tier.set("a", 1, 10, fresh_s=5, refresh_s=2)
    clock.advance(3)
    assert tier.fresh("a") is MISS
    tier.postpone_refresh("a")
    tier.postpone_refresh("b")
    assert tier.fresh("a") == 1
    clock.advance(2)
    assert tier.fresh("a") is MISS


@pytest.mark.parametrize(
    ("times", "lasts"),
    [
        ({}, True),
        ({"ttl_s": 11}, True),
        ({"ttl_s": 9}, False),
        ({"ttl_s": 11, "fresh_s": 9}, False),
        ({"ttl_s": 11, "refresh_s": 1}, True),
        ({"ttl_s": 9, "refresh_s": 1}, False),
    ],
)
def test_a_key_lasts_while_it_is_fresh(times: dict[str, float], *, lasts: bool) -> None:
    """An early refresh ends nothing; the end of the freshness or of the value does."""
    tier = MemoryTier(2)
    tier.set("a", 1, **times)
    assert tier.lasts("a", 10) is lasts
    assert not tier.lasts("b", 10)


def test_a_cap_ends_everything_in_time(clock: ManualClock) -> None:
    """What would live longer does not, what ends sooner ends sooner, later values are free."""
    tier = MemoryTier(9, clock=clock)
    tier.set("endless", 1)
    tier.set("long", 1, 100, fresh_s=50, version=7)
    tier.set("short", 1, 1)
    tier.cap(2)
    tier.set("later", 1, 100)
    clock.advance(1.5)
    assert "short" not in tier
    assert [tier.fresh(key) for key in ("endless", "long", "later")] == [1, 1, 1]
    held = tier.held("long")
    assert held is not None
    assert (held.ttl_s, held.fresh_s, held.version) == (0.5, 48.5, 7)
    clock.advance(0.5)
    assert [key for key in ("endless", "long", "later") if key in tier] == ["later"]


def test_keys_are_found_by_their_tags(clock: ManualClock) -> None:
    """As long as they are held under them, however they leave."""
    tier = MemoryTier(3, clock=clock)
    tier.set("a", 1, tags=("red", "round"))
    tier.set("b", 1, 10, tags=("red",))
    tier.set("c", 1, tags=("blue",))
    assert tier.tagged(["red"]) == {"a", "b"}
    assert tier.tagged(["round", "blue", "none"]) == {"a", "c"}
    tier.set("a", 2, tags=("blue",))
    assert tier.tagged(["red", "round"]) == {"b"}
    tier.delete("c")
    clock.advance(10)
    assert tier.get("b") is MISS
    assert tier.tagged(["red", "round", "blue"]) == {"a"}
    for number in range(10):
        tier.set(f"k{number}", 1)
    assert tier.tagged(["blue"]) == set()
    tier.set("a", 1, tags=("red",))
    tier.set("a", 2)
    assert tier.tagged(["red"]) == set()
    tier.set("a", 1, tags=("red",))
    tier.clear()
    assert tier.tagged(["red"]) == set()


def test_expired_entries_are_freed_without_being_read(clock: ManualClock) -> None:
    """Each is looked at once in so many sweeps, new and live ones stay."""
    tier = MemoryTier(100, max_bytes=10_000, clock=clock)
    for number in range(60):
        tier.set(f"k{number}", 1, 10 if number % 2 else 20, size_bytes=10)
    assert tier.sweep(limit=40) == 0
    clock.advance(10)
    tier.set("new", 1, 10, size_bytes=10)
    assert sum(tier.sweep(limit=40) for _ in range(4)) == 30
    assert (len(tier), tier.size_bytes) == (31, 310)


def test_a_sweep_of_nothing_frees_nothing(clock: ManualClock) -> None:
    """An empty tier has nothing to look at, nor has one whose keys were deleted meanwhile."""
    tier = MemoryTier(10, clock=clock)
    assert tier.sweep() == 0
    tier.set("a", 1, 10)
    tier.set("b", 1, 10)
    tier.sweep(limit=1)
    tier.delete_many(["a", "b"])
    clock.advance(10)
    assert tier.sweep() == 0
