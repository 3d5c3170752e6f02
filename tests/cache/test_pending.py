"""The sweep of what L2 may have missed, on a real L2 and L3."""

import pytest

from cache import MultiLevelCache
from cache.gate import Gate
from cache.pending import sweep
from cache.tier import DELETE

MANY = 60


async def test_a_sweep_ends_although_writes_go_on(
    cache: MultiLevelCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written while it runs is left to the next, or it would run as long as they do."""
    l2, l3 = cache._l2_cache, cache._l3_cache
    assert isinstance(l2, Gate)
    assert isinstance(l3, Gate)
    await l3.tier.write({"missed": DELETE})
    pending, asked = l3.tier.pending, 0

    async def pending_after_a_write(older_than_s: float) -> dict[str, int]:
        nonlocal asked
        asked += 1
        if asked < MANY:
            await l3.tier.write({f"later{asked}": DELETE})
        return await pending(older_than_s)

    monkeypatch.setattr(l3.tier, "pending", pending_after_a_write)
    assert await sweep(l2, l3, 0.0) >= 1
    assert asked < MANY
    listed = await pending(0.0)
    assert listed
    assert "missed" not in listed
