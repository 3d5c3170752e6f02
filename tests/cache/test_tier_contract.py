"""What every tier must do, memory, Redis, SQLite and PostgreSQL alike."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping

import pytest

from cache.codec import decode, encode
from cache.l1.memory import MemoryTier
from cache.l2.redis import RedisTier
from cache.l3.sql import SqlTier
from cache.tier import DELETE, MISS, Entry, Found, Lease, LeaseRequest, Tier, Write
from tests.support.waiting import wait_until_async


class MemoryAdapter:
    """L1 behind the interface of the tiers below it."""

    def __init__(self) -> None:
        self.tier = MemoryTier(5000)

    async def open(self) -> None:
        """Nothing to connect."""

    async def close(self) -> None:
        """Nothing to leave."""

    async def tend(self) -> None:
        """Always alive."""

    async def read(self, keys: Collection[str]) -> Found:
        """Read one by one."""
        found = {key: self.tier.get(key) for key in keys}
        return Found({key: Entry(value) for key, value in found.items() if value is not MISS})

    async def write(self, writes: Mapping[str, Write]) -> dict[str, int]:
        """Write one by one."""
        for key, write in writes.items():
            if write.payload is None:
                self.tier.delete(key)
            else:
                self.tier.set(key, decode(write.payload), write.ttl_s, tags=write.tags)
        return dict.fromkeys(writes, 0)

    async def tagged(self, tags: Collection[str]) -> set[str]:
        """Ask the memory's index."""
        return self.tier.tagged(tags)

    async def clear(self, version: int = 0) -> int:
        """Forget everything."""
        self.tier.clear()
        return version


MAKE: dict[str, Callable[[pytest.FixtureRequest], MemoryAdapter | Tier]] = {
    "memory": lambda _: MemoryAdapter(),
    "redis": lambda test: RedisTier(test.getfixturevalue("shared_redis").url, "contract", 10.0),
    "sqlite": lambda test: SqlTier(test.getfixturevalue("l3_url"), "contract", 10.0),
    "postgresql": lambda test: SqlTier(test.getfixturevalue("postgresql_url"), "contract", 10.0),
}


@pytest.fixture(
    params=[
        "memory",
        "redis",
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.postgresql),
    ]
)
async def tier(request: pytest.FixtureRequest) -> AsyncIterator[MemoryAdapter | Tier]:
    """One tier of each kind, connected and empty."""
    made = MAKE[request.param](request)
    await made.open()
    await made.clear()
    yield made
    await made.close()


async def _values(tier: Tier, *keys: str) -> dict[str, object]:
    entries = (await tier.read(keys)).entries
    return {key: entry.value for key, entry in entries.items() if entry.value is not MISS}


async def test_reads_what_was_written(tier: Tier) -> None:
    """Each key that is there comes back, the others do not."""
    await tier.write({"a": Write(encode(1)), "b": Write(encode({"x": [None]}))})
    assert await _values(tier, "a", "b", "c") == {"a": 1, "b": {"x": [None]}}


async def test_later_writes_win(tier: Tier) -> None:
    """A write replaces, a delete removes, and a key can come back."""
    for write, expected in (
        (Write(encode(1)), {"a": 1}),
        (Write(encode(None)), {"a": None}),
        (DELETE, {}),
        (DELETE, {}),
        (Write(encode("")), {"a": ""}),
    ):
        await tier.write({"a": write})
        assert await _values(tier, "a") == expected


async def test_one_batch_stores_and_deletes(tier: Tier) -> None:
    """Stores and deletes of one batch all take effect."""
    await tier.write({"a": Write(encode(1)), "b": Write(encode(2))})
    await tier.write({"a": DELETE, "c": Write(encode(3))})
    assert await _values(tier, "a", "b", "c") == {"b": 2, "c": 3}


async def test_a_value_ends_with_its_ttl(tier: Tier) -> None:
    """An expired value is not read, whether or not anything removed it."""
    await tier.write({"short": Write(encode(1), 0.05), "long": Write(encode(2), 600)})
    await wait_until_async(
        lambda: _is_only(tier, ("short", "long"), {"long": 2}), what="the expiry of a value"
    )


async def _is_only(tier: Tier, keys: tuple[str, ...], expected: dict[str, object]) -> bool:
    return await _values(tier, *keys) == expected


async def test_a_new_write_brings_its_own_ttl(tier: Tier) -> None:
    """A value without end replaces one that would have ended."""
    await tier.write({"a": Write(encode(1), 0.05)})
    await tier.write({"a": Write(encode(2)), "later": Write(encode(3), 0.1)})
    await wait_until_async(
        lambda: _is_only(tier, ("a", "later"), {"a": 2}), what="the end of both times to live"
    )


@pytest.mark.parametrize(
    "key",
    ["ключ 🔑", "a b\nc", "*", "[a-z]?", "x" * 5000, "nul\0byte", "sha256:" + "0" * 64, "'; --"],
)
async def test_any_text_is_a_key(tier: Tier, key: str) -> None:
    """Long, odd and hostile keys are keys like any other."""
    await tier.write({key: Write(encode(1)), "other": Write(encode(2))})
    assert await _values(tier, key, "other") == {key: 1, "other": 2}
    await tier.write({key: DELETE})
    assert await _values(tier, key, "other") == {"other": 2}


async def test_thousands_of_keys_at_once(tier: Tier) -> None:
    """A batch larger than any statement's limit is split."""
    await tier.write({f"k{number}": Write(encode(number)) for number in range(2500)})
    keys = [f"k{number}" for number in range(0, 3000, 2)]
    assert await _values(tier, *keys) == {f"k{n}": n for n in range(0, 2500, 2)}


async def test_clear_empties_it(tier: Tier) -> None:
    """Nothing is left after a clear."""
    await tier.write({f"k{number}": Write(encode(number)) for number in range(1200)})
    await tier.clear()
    assert await _values(tier, *(f"k{number}" for number in range(1200))) == {}


async def test_gives_a_sign_of_life(tier: Tier) -> None:
    """Tending a tier that is alive raises nothing."""
    await tier.tend()


async def test_a_large_write_takes_effect_before_a_later_one(tier: Tier) -> None:
    """What is asked later is not overtaken by the tail of what was asked before."""
    writes = {f"k{number}": Write(encode(number)) for number in range(2500)}
    await asyncio.gather(tier.write(writes), tier.write({"k2499": DELETE}))
    assert await _values(tier, "k2498", "k2499") == {"k2498": 2498}


async def test_tags_find_their_keys(tier: Tier) -> None:
    """A key is found by each of its tags until it is written without it, or deleted."""
    one = Write(encode(1), tags=("red", "round"))
    await tier.write({"a": one, "b": Write(encode(2), tags=("red",)), "c": Write(encode(3))})
    assert await tier.tagged(["red"]) == {"a", "b"}
    assert await tier.tagged(["round", "none"]) == {"a"}
    assert await tier.tagged(["red", "round"]) == {"a", "b"}
    await tier.clear()
    assert await tier.tagged(["red"]) == set()


@pytest.fixture(
    params=["redis", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
async def shared(request: pytest.FixtureRequest) -> AsyncIterator[Tier]:
    """One tier of each kind that processes share."""
    made = MAKE[request.param](request)
    assert not isinstance(made, MemoryAdapter)
    await made.open()
    await made.clear()
    yield made
    await made.close()


async def test_versions_rise_with_each_write(shared: Tier) -> None:
    """A key's later version is the higher, through deletes and a clear."""
    seen = [(await shared.write({"a": Write(encode(number))}))["a"] for number in range(3)]
    assert (await shared.read(["a"])).entries["a"].version == seen[-1]
    assert seen == sorted(set(seen))
    await shared.clear()
    assert (await shared.write({"a": Write(encode(9))}))["a"] > seen[-1]


async def test_a_deleted_key_is_known_to_be_deleted(shared: Tier) -> None:
    """A read tells it from a key that nobody ever wrote."""
    await shared.write({"a": Write(encode(1))})
    await shared.write({"a": DELETE})
    entries = (await shared.read(["a", "b"])).entries
    assert entries["a"].value is MISS
    assert "b" not in entries


async def test_a_clear_raises_the_floor(shared: Tier) -> None:
    """Who missed a key before a clear can tell that it was cleared since."""
    before = (await shared.read(["a"])).floor
    await shared.clear()
    assert (await shared.read(["a"])).floor > before


async def test_a_fill_is_taken_only_while_nothing_has_changed(shared: Tier) -> None:
    """After a set, a delete or a clear, what was loaded before comes too late."""

    async def fill(version: int, floor: int) -> dict[str, int]:
        lease = await _lease(shared, "a")
        return await shared.write(
            {"a": Write(encode("old"), seen=version, lease=lease, floor=floor)}
        )

    async def seen() -> tuple[int, int]:
        found = await shared.read(["a"])
        entry = found.entries.get("a")
        return (0 if entry is None else entry.version), found.floor

    assert "a" in await fill(*await seen())
    for change in ("set", "delete", "clear"):
        missed = await seen()
        lease = await _lease(shared, "a")
        if change == "set":
            await shared.write({"a": Write(encode("new"))})
        elif change == "delete":
            await shared.write({"a": DELETE})
        else:
            await shared.clear()
        version, floor = missed
        late = Write(encode("old"), seen=version, lease=lease, floor=floor)
        assert await shared.write({"a": late}) == {}
        wanted = {"a": "new"} if change == "set" else {}
        assert await _values(shared, "a") == wanted


async def _lease(tier: Tier, key: str) -> bytes | None:
    """Take the lease where the tier has leases."""
    if not isinstance(tier, RedisTier):
        return None
    answer = (await tier.lease({key: LeaseRequest(newer_than=2**60)}))[key]
    assert isinstance(answer, Lease)
    return answer.token or b"another holds it"


async def test_everything_about_a_value_comes_back(shared: Tier) -> None:
    """Times, cost and tags, as far as they have not passed."""
    write = Write(encode({"x": 1}), 600, 300, age_s=50, cost_s=1.5, tags=("t",))
    await shared.write({"a": write, "endless": Write(encode(1))})
    entries = (await shared.read(["a", "endless"])).entries
    entry = entries["a"]
    assert entry.ttl_s == pytest.approx(600, abs=30)
    assert entry.fresh_s == pytest.approx(300, abs=30)
    assert entry.age_s == pytest.approx(50, abs=30)
    assert (entry.cost_s, entry.tags, entry.size_bytes) == (1.5, ("t",), 7)
    assert entry.payload == b'{"x":1}'
    assert entries["endless"].ttl_s is None
    assert entries["endless"].fresh_s is None
