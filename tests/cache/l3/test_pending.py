"""L3's list of what L2 may have missed: written with the key, taken off when it is settled."""

from collections.abc import AsyncIterator

import pytest

from cache.codec import encode
from cache.l3.sql import SqlTier
from cache.tier import DELETE, Write
from tests.cache.l3.databases import BOTH, opened, sql, url_of


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind."""
    return url_of(request)


@pytest.fixture
async def tier(url: str) -> AsyncIterator[SqlTier]:
    """L3 in the namespace `s`, which notes what L2 may have missed."""
    async with opened(url, notes_pending=True) as tier:
        yield tier


def _pass_time(url: str, seconds: float) -> None:
    sql(
        url,
        "UPDATE cache_pending_invalidation "
        f"SET since = since - {seconds}, written_at = written_at - {seconds}",
    )


async def test_writes_and_deletes_are_pending_and_fills_are_not(tier: SqlTier) -> None:
    """Whatever changes a key is listed with its version, also under keys that no column holds."""
    long, odd = "x" * 5000, "nul\0byte"
    writes = {"set": Write(encode(1)), "deleted": DELETE, long: DELETE, odd: Write(encode(1))}
    versions = await tier.write({**writes, "filled": Write(encode(1), seen=0)})
    del versions["filled"]
    assert await tier.pending(0) == versions


async def test_nothing_is_listed_where_there_is_no_l2(url: str) -> None:
    """A cache without L2 leaves no list behind."""
    async with opened(url) as tier:
        await tier.write({"a": Write(encode(1)), "b": DELETE})
        assert await tier.pending(0) == {}


async def test_only_what_waits_for_long_enough_is_listed(tier: SqlTier, url: str) -> None:
    """What was written just now may still be on its way to L2."""
    versions = await tier.write({"old": DELETE})
    _pass_time(url, 100)
    await tier.write({"new": DELETE})
    assert await tier.pending(50) == versions
    assert (await tier.pending(0)).keys() == {"old", "new"}


async def test_settled_keys_are_forgotten(tier: SqlTier) -> None:
    """A version settles itself and what came before it, and nothing else."""
    versions = await tier.write({"same": DELETE, "before": DELETE, "other": DELETE})
    later = versions["before"] + 1
    await tier.settle({"same": versions["same"], "before": later, "unknown": 1, "x" * 999: 1})
    assert await tier.pending(0) == {"other": versions["other"]}


async def test_a_later_write_stays_pending(tier: SqlTier) -> None:
    """L2's having an older version says nothing of a newer one."""
    first = await tier.write({"a": Write(encode(1))})
    second = await tier.write({"a": Write(encode(2))})
    await tier.settle(first)
    assert await tier.pending(0) == second


async def test_a_key_is_as_old_as_its_oldest_missed_write(tier: SqlTier, url: str) -> None:
    """Writing a key again and again does not keep it from being found."""
    await tier.write({"a": Write(encode(1))})
    _pass_time(url, 100)
    newest = await tier.write({"a": Write(encode(2))})
    assert await tier.pending(50) == newest


async def test_what_is_settled_in_part_is_as_old_as_what_is_left(tier: SqlTier, url: str) -> None:
    """A key that L2 confirms again and again, always a little late, is not held for missed."""
    first = await tier.write({"a": Write(encode(1))})
    _pass_time(url, 100)
    await tier.write({"a": Write(encode(2))})
    await tier.settle(first)
    assert await tier.pending(50) == {}


async def test_the_oldest_come_first_and_a_thousand_at_most(tier: SqlTier, url: str) -> None:
    """A long list is worked off from its oldest end."""
    oldest = await tier.write({f"old{number}": DELETE for number in range(990)})
    _pass_time(url, 100)
    await tier.write({f"new{number}": DELETE for number in range(20)})
    listed = await tier.pending(0)
    assert len(listed) == 1000
    assert set(list(listed)[:990]) == oldest.keys()


async def test_a_clear_and_a_purge_leave_the_list(tier: SqlTier) -> None:
    """L2 may have missed a write whose row is gone."""
    versions = await tier.write({"a": Write(encode(1))})
    await tier.clear()
    await tier.purge()
    assert await tier.pending(0) == versions


async def test_lists_of_namespaces_are_apart(tier: SqlTier, url: str) -> None:
    """Each cache sees and settles its own keys alone."""
    async with opened(url, "other", notes_pending=True) as other:
        versions = await tier.write({"a": DELETE})
        await other.write({"a": DELETE})
        await other.settle(await other.pending(0))
        assert await tier.pending(0) == versions
