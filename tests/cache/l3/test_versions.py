"""L3 puts the writes of a key in order: versions only grow, and fills give way to writes."""

import asyncio
import multiprocessing
import random

import pytest

from cache.codec import encode
from cache.l3.sql import SqlTier
from cache.tier import DELETE, MISS, Write
from tests.cache.l3.databases import age, opened, several, sql

AHEAD = 8_000_000_000_000_000
"""A version that a clock far ahead of this one has given."""


async def _value(tier: SqlTier, key: str) -> object:
    entry = (await tier.read([key])).entries.get(key)
    return entry and entry.value


async def test_versions_grow_through_deletes_and_purges(tier: SqlTier, url: str) -> None:
    """A key that was deleted and forgotten comes back with a higher version than it ever had."""
    writes = (Write(encode(1)), Write(encode(2)), DELETE, DELETE)
    versions = [(await tier.write({"a": write}))["a"] for write in writes]
    age(url, 3600)
    assert await tier.purge() == 1
    assert (await tier.read(["a"])).entries == {}
    versions.append((await tier.write({"a": Write(encode(3))}))["a"])
    assert versions == sorted(set(versions))
    assert all(len(str(version)) == 16 for version in versions)


async def test_a_version_is_above_the_one_it_replaces(tier: SqlTier, url: str) -> None:
    """Versions grow also where the database's clock has been set back."""
    await tier.write({"a": Write(encode(1))})
    sql(url, f"UPDATE cache_entries SET version = {AHEAD}")
    assert await tier.write({"a": DELETE}) == {"a": AHEAD + 1}
    assert await tier.write({"a": Write(encode(2), seen=AHEAD + 1)}) == {"a": AHEAD + 2}


async def test_a_version_is_above_the_floor(tier: SqlTier, url: str) -> None:
    """A new key, too, gets a version above the floor."""
    sql(url, f"UPDATE cache_namespaces SET floor = {AHEAD}")
    written = await tier.write({"a": Write(encode(1)), "b": Write(encode(1), seen=0)})
    assert written == {"a": AHEAD + 1, "b": AHEAD + 1}


@pytest.mark.parametrize("before", ["nothing", "value", "ended", "deleted"])
async def test_a_fill_is_taken_while_its_version_stands(
    tier: SqlTier, url: str, before: str
) -> None:
    """A fill for what was seen goes in, whatever that was."""
    if before != "nothing":
        await tier.write({"a": Write(encode(1), 60)})
    if before == "deleted":
        await tier.write({"a": DELETE})
    if before == "ended":
        age(url, 100)
    found = await tier.read(["a"])
    seen = found.entries["a"].version if before != "nothing" else 0
    versions = await tier.write({"a": Write(encode(2), 60, seen=seen, floor=found.floor)})
    assert versions["a"] > seen
    assert await _value(tier, "a") == 2


@pytest.mark.parametrize("overtaken_by", ["set", "delete", "fill", "clear", "purge"])
async def test_a_fill_is_refused_after_whatever_came_between(
    tier: SqlTier, url: str, overtaken_by: str
) -> None:
    """A load that began before a write leaves no trace, be it a write of the same value."""
    await tier.write({"a": Write(encode(1), 60)})
    found = await tier.read(["a"])
    seen = found.entries["a"].version
    if overtaken_by == "clear":
        await tier.clear()
    elif overtaken_by == "purge":
        age(url, 3600)
        await tier.purge()
    else:
        fill_of = seen if overtaken_by == "fill" else None
        payload = None if overtaken_by == "delete" else encode(1)
        await tier.write({"a": Write(payload, 60, seen=fill_of)})
    before = (await tier.read(["a"])).entries
    late = Write(encode(2), 60, tags=("t",), seen=seen, floor=found.floor)
    assert await tier.write({"a": late}) == {}
    assert await tier.tagged(["t"]) == set()
    after = (await tier.read(["a"])).entries
    assert [entry.version for entry in after.values()] == [e.version for e in before.values()]


async def test_a_fill_of_an_unknown_key_is_refused_once_the_key_is_known(tier: SqlTier) -> None:
    """A fill that saw nothing gives way to a value and to a delete alike."""
    floor = (await tier.read(["a"])).floor
    await tier.write({"a": Write(encode(1)), "b": DELETE})
    late = Write(encode(2), seen=0, floor=floor)
    assert list(await tier.write({"a": late, "b": late, "c": late})) == ["c"]
    assert [await _value(tier, key) for key in "abc"] == [1, MISS, 2]


async def test_a_fill_under_an_old_floor_is_refused(tier: SqlTier) -> None:
    """A load that began before a clear stores nothing, though its key is unknown after it too."""
    floor = (await tier.read(["a"])).floor
    await tier.clear()
    assert await tier.write({"a": Write(encode(1), seen=0, floor=floor)}) == {}


async def test_a_fill_needs_no_floor_to_be_compared(tier: SqlTier, url: str) -> None:
    """Rows from before the namespace was entered anew are read, filled and cleared as any other."""
    await tier.clear()
    versions = await tier.write({"a": Write(encode(1)), "b": Write(encode(1))})
    sql(url, "UPDATE cache_namespaces SET floor = 0")
    assert await _value(tier, "a") == 1
    versions = await tier.write({"a": Write(encode(2), seen=versions["a"], floor=0)})
    assert await _value(tier, "a") == 2
    await tier.clear()
    assert (await tier.read(["a", "b"])).entries == {}


async def test_a_batch_mixes_writes_and_fills(tier: SqlTier) -> None:
    """Each write of a batch has its own fate."""
    seen = await tier.write({"moved": Write(encode(1)), "stands": Write(encode(1))})
    await tier.write({"moved": Write(encode(2))})
    versions = await tier.write(
        {
            "set": Write(encode(3)),
            "moved": Write(encode(3), seen=seen["moved"]),
            "stands": Write(encode(3), seen=seen["stands"]),
            "delete": DELETE,
        }
    )
    assert versions.keys() == {"set", "stands", "delete"}
    values = [await _value(tier, key) for key in ("set", "moved", "stands", "delete")]
    assert values == [3, 2, 3, MISS]


async def test_one_of_many_fills_wins(url: str) -> None:
    """Of fills that saw the same version exactly one is taken, and it is the one to be read."""
    async with several(url, 4) as tiers:
        for number in range(20):
            key, seen = f"k{number}", 0
            if number % 2:
                seen = (await tiers[0].write({key: Write(encode("old"))}))[key]
            fills = [Write(encode(n), seen=seen, floor=0) for n in range(len(tiers))]
            answers = await asyncio.gather(
                *(tier.write({key: fill}) for tier, fill in zip(tiers, fills, strict=True))
            )
            [winner] = [n for n, answer in enumerate(answers) if answer]
            assert await _value(tiers[0], key) == winner


async def test_concurrent_writes_get_different_versions(url: str) -> None:
    """Whatever was given the highest version is what is read."""
    async with several(url, 4) as tiers:

        async def write_some(number: int) -> list[tuple[int, str]]:
            values = [f"{number}-{step}" for step in range(25)]
            return [
                ((await tiers[number].write({"a": Write(encode(value))}))["a"], value)
                for value in values
            ]

        written = [one for some in await asyncio.gather(*map(write_some, range(4))) for one in some]
        assert len({version for version, _ in written}) == 100
        assert await _value(tiers[0], "a") == max(written)[1]


def _count_up(url: str, number: int, rounds: int) -> None:
    """Add 1 to one of two counters at a time, by a fill that is tried until it is taken."""
    chance = random.Random(number)

    async def work() -> None:
        async with opened(url) as tier:
            for _ in range(rounds):
                while not await _add_one(tier, chance.choice("ab")):
                    pass

    asyncio.run(work())


async def _add_one(tier: SqlTier, key: str) -> bool:
    found = await tier.read([key])
    entry = found.entries.get(key)
    value, seen = (0, 0) if entry is None else (entry.value, entry.version)
    fill = Write(encode(value + 1), seen=seen, floor=found.floor)
    return key in await tier.write({key: fill, f"{key}-other": Write(encode(value))})


def test_processes_lose_no_fill_to_each_other(url: str) -> None:
    """Fills compare and swap: counters that processes raise by them miss no step."""
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_count_up, args=(url, n, 25)) for n in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(90)
    assert [process.exitcode for process in processes] == [0, 0, 0]

    async def total() -> int:
        async with opened(url) as tier:
            entries = (await tier.read(["a", "b"])).entries
            return sum(entry.value for entry in entries.values())

    assert asyncio.run(total()) == 75
