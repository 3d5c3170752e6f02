"""What attempts leave in shared tiers goes, and nothing else does."""

import pytest
import redis
import sqlalchemy

from cache.config import CacheConfig
from cache.multilevel import MultiLevelCache
from workers.errors import LeftoverError
from workers.sweep import sweep


async def _used(namespace: str, l2_url: str, l3_url: str, *, emptied: bool) -> None:
    config = CacheConfig(namespace=namespace, l2_url=l2_url, l3_url=l3_url)
    async with MultiLevelCache(config) as cache:
        await cache.set("key", "value", tags=["tag"])
        if emptied:
            await cache.clear()


def _names(l2_url: str, part: str) -> set[str]:
    with redis.Redis.from_url(l2_url, decode_responses=True) as client:
        return set(client.scan_iter(match=f"*{part}*"))


def _spaces(l3_url: str) -> set[str]:
    engine = sqlalchemy.create_engine(l3_url)
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT namespace FROM cache_namespaces UNION SELECT namespace FROM cache_entries"
            )
            return set(found.scalars())
    finally:
        engine.dispose()


async def test_namespaces_go_and_their_neighbours_stay(
    redis_url: str, sqlite_url: str, namespace: str
) -> None:
    """Emptied or not; a longer number is another attempt's."""
    mine, before, other = (f"tierbench:{namespace}-{number}" for number in (1, 2, 10))
    await _used(mine, redis_url, sqlite_url, emptied=True)
    await _used(before, redis_url, sqlite_url, emptied=False)
    await _used(other, redis_url, sqlite_url, emptied=False)
    others = _names(redis_url, f"{namespace}-10")
    assert len(_names(redis_url, namespace)) > len(others) > 0
    sweep([before, mine], redis_url, sqlite_url)
    assert _names(redis_url, namespace) == others
    assert _spaces(sqlite_url) == {other}


def test_keys_of_other_caches_go_too(redis_url: str, namespace: str) -> None:
    """However their names begin; a subject without a tier has nothing there."""
    with redis.Redis.from_url(redis_url) as client:
        client.mset({f"tierbench:{namespace}-1:key": 1, f"tag.tierbench:{namespace}-1:key": 1})
    sweep([f"tierbench:{namespace}-1"], None, None)
    assert len(_names(redis_url, namespace)) == 2
    sweep([f"tierbench:{namespace}-1"], redis_url, None)
    assert _names(redis_url, namespace) == set()


def test_an_l3_that_nobody_used_has_no_tables(sqlite_url: str, namespace: str) -> None:
    """None are made for it."""
    sweep([namespace], None, sqlite_url)
    with pytest.raises(sqlalchemy.exc.OperationalError, match="no such table"):
        _spaces(sqlite_url)


def test_what_can_not_be_removed_is_an_error(namespace: str) -> None:
    """One line that says where it is."""
    with pytest.raises(LeftoverError, match="keys left over in L2 can't be removed"):
        sweep([namespace], "redis://127.0.0.1:1/0", None)
    with pytest.raises(LeftoverError, match="rows left over in L3 can't be removed"):
        sweep([namespace], None, "sqlite:////nowhere/l3.db")
