"""What L3 forgets, and for how long it remembers."""

import pytest

from cache.codec import encode
from cache.l3.sql import SqlTier
from cache.l3.table import PURGE_KEEP_S
from cache.tier import DELETE, Write
from tests.cache.l3.databases import age, opened, sql


async def test_what_ended_is_kept_for_a_while(tier: SqlTier, url: str) -> None:
    """Ended and deleted rows keep their versions until the longest load must be over."""
    await tier.write({"ended": Write(encode(1), 60), "deleted": DELETE})
    age(url, 60 + PURGE_KEEP_S - 30)
    assert await tier.purge() == 1
    assert sql(url, "SELECT key FROM cache_entries") == [("ended",)]
    age(url, 60)
    assert await tier.purge() == 1
    assert tier.purged == 2


async def test_a_purge_deletes_all_that_ended_long_ago(tier: SqlTier, url: str) -> None:
    """It takes as many steps as it needs, in every namespace, and spares what lives."""
    async with opened(url, "other") as other:
        await other.write({f"k{number}": Write(encode(1), 60) for number in range(600)})
    await tier.write({f"k{number}": Write(encode(1), 60) for number in range(600)})
    age(url, 3600)
    await tier.write({"kept": Write(encode(1), 600), "endless": Write(encode(1))})
    assert await tier.purge() == 1200
    assert sql(url, "SELECT key FROM cache_entries ORDER BY 1") == [("endless",), ("kept",)]
    assert await tier.purge() == 0


async def test_tending_purges_now_and_then(
    tier: SqlTier, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sign of life purges once the last purge is long enough ago."""
    await tier.write({"a": DELETE})
    age(url, 3600)
    await tier.tend()
    assert tier.purged == 0
    monkeypatch.setattr(tier, "_purge_at", 0.0)
    await tier.tend()
    await tier.tend()
    assert tier.purged == 1
