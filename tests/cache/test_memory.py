"""L1 by itself: the map, its expiry, its bound, its copies, and S3-FIFO's hit ratios."""

import lzma
import random
from pathlib import Path

import pytest

from cache import MISS, ConfigError, InvalidValueError
from cache.memory import MemoryTier
from tests.cache.conftest import ManualClock

TRACES = Path(__file__).parents[2].parent / "shared" / "traces"


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
    tier.set("a", 1, ttl=10)
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
    tier.set("a", 1, ttl=10)
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
    assert len(tier._small) + len(tier._main) < 200


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
    first, second = tier.get("a"), tier.get("a")
    assert first == second == value
    assert first is not second
    assert first is not value


def test_nested_containers_are_copied_too() -> None:
    """A change deep inside a value that was read stays with its reader."""
    tier = MemoryTier(1)
    tier.set("a", {"list": [1], "deep": [{"x": 1}]})
    taken = tier.get("a")
    taken["list"].append(2)
    taken["deep"][0]["x"] = 2
    assert tier.get("a") == {"list": [1], "deep": [{"x": 1}]}


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
    ("trace", "requests", "share", "expected"),
    [
        ("web07", None, 0.01, 43.8),
        ("web07", None, 0.1, 58.1),
        ("orm-busy", 1_000_000, 0.01, 65.3),
        ("orm-busy", 1_000_000, 0.1, 86.9),
    ],
)
def test_hit_ratio_on_real_traces(
    trace: str, requests: int | None, share: float, expected: float
) -> None:
    """S3-FIFO reaches the hit ratios, in %, that were measured for it on these traces."""
    path = TRACES / f"{trace}.trace.xz"
    if not path.exists():
        pytest.skip(f"needs the traces at {TRACES.name} beside the repository: {path.name}")
    keys = memoryview(lzma.decompress(path.read_bytes())).cast("i")[:requests].tolist()
    tier = MemoryTier(round(len(set(keys)) * share))
    hits = 0
    for key in map(str, keys):
        if tier.get(key) is MISS:
            tier.set(key, 1)
        else:
            hits += 1
    assert round(100 * hits / len(keys), 1) == expected
