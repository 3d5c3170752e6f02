"""Many caches at once on one database: none waits for one that waits for it, nothing is lost."""

import asyncio
import random
from typing import Final

import pytest

from cache.codec import encode
from cache.l3 import purge as sql_purge
from cache.l3.sql import SqlTier
from cache.tier import DELETE, Write
from tests.cache.l3.databases import BOTH, several, url_of

KEYS: Final = [f"k{number:02}" for number in range(24)]
TAGS: Final = ["red", "green", "blue"]
TIERS: Final = 6
ROUNDS: Final = 40


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind."""
    return url_of(request)


def _some(chance: random.Random) -> list[str]:
    keys = chance.sample(KEYS, chance.randint(2, len(KEYS)))
    chance.shuffle(keys)
    return keys


def _tags(chance: random.Random) -> tuple[str, ...]:
    return tuple(chance.sample(TAGS, chance.randint(0, 3)))


async def _write(tier: SqlTier, chance: random.Random) -> None:
    found = await tier.read(KEYS)
    writes = {}
    for key in _some(chance):
        kind = chance.choice(["set", "delete", "fill"])
        entry = found.entries.get(key)
        seen = None if kind != "fill" else entry.version if entry else 0
        write = Write(encode(chance.random()), 60, tags=_tags(chance), seen=seen, floor=found.floor)
        writes[key] = DELETE if kind == "delete" else write
    versions = await tier.write(writes)
    assert all(key in versions for key, write in writes.items() if write.seen is None)
    await tier.settle({key: versions[key] for key in _some(chance) if key in versions})


async def _expect(tier: SqlTier, chance: random.Random) -> None:
    await tier.expect({key: _tags(chance) for key in _some(chance)})


async def _invalidate(tier: SqlTier, chance: random.Random) -> None:
    keys = await tier.tagged(chance.sample(TAGS, 2))
    await tier.write(dict.fromkeys(keys, DELETE))


async def _keep_house(tier: SqlTier, chance: random.Random) -> None:
    await tier.purge()
    await tier.settle(await tier.pending(0))
    if chance.random() < 0.1:
        await tier.clear()


async def test_nobody_waits_in_a_circle(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches in any order, loads, invalidations and housekeeping all come through at once."""
    monkeypatch.setattr(sql_purge, "PURGE_KEEP_S", 0.0)
    calls = [_write, _write, _write, _expect, _invalidate, _keep_house]

    async def work(tier: SqlTier, seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(ROUNDS):
            await chance.choice(calls)(tier, chance)

    async with several(url, TIERS, notes_pending=True) as tiers:
        await asyncio.gather(*(work(tier, seed) for seed, tier in enumerate(tiers)))


async def test_opposite_batches_come_through(url: str) -> None:
    """Sets, fills and deletes of the same keys in opposite orders do not block each other."""
    async with several(url, 2, notes_pending=True) as tiers:

        async def work(tier: SqlTier, keys: list[str]) -> None:
            for step in range(ROUNDS):
                kinds = (Write(encode(step)), Write(encode(step), seen=step), DELETE)
                await tier.write({key: kinds[n % 3] for n, key in enumerate(keys)})

        await asyncio.gather(work(tiers[0], KEYS), work(tiers[1], KEYS[::-1]))


async def test_loads_that_are_expected_at_once_come_through(url: str) -> None:
    """Caches that miss the same keys note them at the same time."""
    keys = [f"k{number}" for number in range(300)]
    async with several(url, 4) as tiers:

        async def work(tier: SqlTier, seed: int) -> None:
            chance = random.Random(seed)
            for _ in range(ROUNDS):
                chance.shuffle(keys)
                await tier.expect(dict.fromkeys(keys, TAGS))

        await asyncio.gather(*(work(tier, seed) for seed, tier in enumerate(tiers)))
        assert await tiers[0].tagged(TAGS) == set(keys)


async def test_large_batches_come_through(url: str) -> None:
    """Batches of several statements keep to the order of keys as well, capitals or not."""
    keys = [f"{'aB'[number % 2]}{number:05}" for number in range(2500)]
    async with several(url, 2) as tiers:

        async def work(tier: SqlTier, part: list[str]) -> dict[str, int]:
            return await tier.write({key: Write(encode(key)) for key in part})

        answers = await asyncio.gather(
            work(tiers[0], keys[:2300]), work(tiers[1], keys[200:][::-1])
        )
        found = await tiers[0].read(keys)
    newest = {key: max(answer.get(key, 0) for answer in answers) for key in keys}
    assert {key: entry.version for key, entry in found.entries.items()} == newest
