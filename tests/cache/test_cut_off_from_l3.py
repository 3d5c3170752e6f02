"""An instance that can't write to L3 goes on writing, and others don't bring L3's old rows back.

SQLite's file is locked for writing: who writes notices and stays away from L3 until it is repaired,
who only reads is served all the time.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from functools import partial
from typing import Any

import pytest

from cache import MISS, MultiLevelCache
from cache.gate import Gate
from cache.null import NullGate
from tests.cache.conftest import ConfigMaker
from tests.support.waiting import wait_until_async

pytestmark = pytest.mark.resilience

Pair = tuple[MultiLevelCache, MultiLevelCache]


@pytest.fixture
async def pair(make_config: ConfigMaker) -> AsyncIterator[Pair]:
    """Two instances, the first of which notices a lock soon; nothing is swept by the way."""
    own = make_config(l3_timeout_s=0.2, max_staleness_s=60.0)
    others = make_config(max_staleness_s=60.0)
    async with MultiLevelCache(own) as cut_off, MultiLevelCache(others) as other:
        yield cut_off, other


@asynccontextmanager
async def _l3_away(cut_off: MultiLevelCache, other: MultiLevelCache) -> AsyncIterator[None]:
    """Keep L3 locked for writing, and wait afterwards until it is repaired."""
    file = (cut_off.config.l3_url or "").removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None)) as locker:
        locker.execute("BEGIN IMMEDIATE")
        yield
        assert not cut_off._l3_cache.serves
        assert other._l3_cache.serves
        locker.execute("ROLLBACK")
    await wait_until_async(lambda: cut_off._l3_cache.serves, what="L3 to be repaired")


async def _read(*caches: MultiLevelCache) -> list[object]:
    """What the tiers below L1 give each of them for the key."""
    for cache in caches:
        await cache.clear_tier("l1")
    return [(await cache.get_with_info("key")).value for cache in caches]


async def _in_l2(cache: MultiLevelCache) -> object:
    return await _in_tier(cache._l2_cache)


async def _in_l3(cache: MultiLevelCache) -> object:
    return await _in_tier(cache._l3_cache)


async def _in_tier(gate: Gate[Any] | NullGate) -> object:
    """What a tier itself has of the key; a tombstone is as good as nothing."""
    found = await gate.read(["key"])
    assert found is not None
    entry = found.entries.get("key")
    return MISS if entry is None else entry.value


async def test_a_delete_holds_for_those_that_reach_l3(pair: Pair) -> None:
    """They neither serve nor promote the row that is still there, and afterwards it is gone."""
    cut_off, other = pair
    await cut_off.set("key", "old")
    async with _l3_away(*pair):
        await cut_off.delete("key")
        assert await _in_l3(other) == "old"
        assert await _read(other, cut_off, other) == [MISS, MISS, MISS]
        assert await _in_l2(other) is MISS
    assert await _read(*pair) == [MISS, MISS]
    await other.clear_tier("l2")
    assert await _read(*pair) == [MISS, MISS]


async def test_a_set_is_kept_when_l3_is_back(pair: Pair) -> None:
    """The newer value stays in L2: neither the repair nor a sweep takes it for a leftover."""
    cut_off, other = pair
    await cut_off.set("key", "old")
    async with _l3_away(*pair):
        await cut_off.set("key", "new")
        assert await _in_l3(other) == "old"
        assert await _read(*pair) == ["new", "new"]
    assert await _read(*pair) == ["new", "new"]
    await other._tiers.settler.mend()
    assert await _read(*pair) == ["new", "new"]
    assert await _in_l3(other) is MISS


@pytest.mark.parametrize("write", ["delete", "set"])
async def test_what_l2_was_given_again_goes_when_l3_is_back(pair: Pair, write: str) -> None:
    """L2 forgot the write, so another instance promoted the old row; the repair removes that."""
    cut_off, other = pair
    await cut_off.set("key", "old")
    async with _l3_away(*pair):
        await (cut_off.delete("key") if write == "delete" else cut_off.set("key", "new"))
        await other.clear_tier("l2")
        assert await _read(other) == ["old"]
        await wait_until_async(lambda: _promoted(other), what="the promotion")
        assert await _read(cut_off) == ["old"]
        await wait_until_async(lambda: "key" in other._l1_cache, what="the promoted key in L1")
    assert await _in_l2(other) is MISS
    for cache in pair:
        await wait_until_async(partial(_is_gone_from_l1, cache), what="the key to leave L1")
    assert await _read(*pair) == [MISS, MISS]


async def _promoted(cache: MultiLevelCache) -> bool:
    return await _in_l2(cache) == "old"


def _is_gone_from_l1(cache: MultiLevelCache) -> bool:
    return "key" not in cache._l1_cache
