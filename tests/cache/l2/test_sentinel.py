"""Sentinels name the master, and after a failover they name another."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cache.address import parse_l2_url
from cache.codec import encode
from cache.errors import ConfigError, TierError
from cache.l2.redis import RedisTier
from cache.l2.sentinel import master_of
from tests.cache.l2.redis_places import sentinels, valkey
from tests.cache.l2.redis_tiers import Pushes, opened, plain_client, value, values
from tests.support.servers import LOOPBACK, free_port
from tests.support.waiting import wait_until_async

ONE = encode(1)


def _port(url: str) -> int:
    return urlsplit(url).port or 0


@pytest.fixture
def master(tmp_path: Path) -> Iterator[str]:
    """A server with a user that the cache is to be."""
    with valkey(tmp_path / "master", user="ann on >geheim ~* &* +@all") as url:
        yield url


@pytest.fixture
def replica(tmp_path: Path, master: str) -> Iterator[str]:
    """A replica of it."""
    settings = {"user": "ann on >geheim ~* &* +@all", "replicaof": f"{LOOPBACK} {_port(master)}"}
    with valkey(tmp_path / "replica", **settings) as url:
        yield url


@pytest.fixture
def hosts(tmp_path: Path, master: str) -> Iterator[str]:
    """Three sentinels that watch it under the name `shop`, as a URL lists them."""
    with sentinels(tmp_path, _port(master), ["shop"] * 3) as ports:
        yield ",".join(f"{LOOPBACK}:{port}" for port in ports)


@pytest.mark.resilience
async def test_a_failover_is_followed(
    tmp_path: Path, master: str, replica: str, hosts: str, namespace: str
) -> None:
    """The next connection leads to the new master, of which nothing is taken for sure."""
    tier = RedisTier(f"redis+sentinel://ann:geheim@{hosts}/shop", namespace, 5.0)
    pushes = Pushes(tier)

    async def knows_the_replica() -> bool:
        async with plain_client(f"redis://{hosts.split(',', maxsplit=1)[0]}") as sentinel:
            found = await sentinel.execute_command("SENTINEL", "REPLICAS", "shop")
            return any("s_down" not in str(each) for each in found)

    async with opened(tier):
        await tier.write({"a": value(ONE)})
        await wait_until_async(knows_the_replica, what="the sentinels to find the replica")
        async with plain_client(f"redis://{hosts.split(',', maxsplit=1)[0]}") as sentinel:
            await sentinel.execute_command("SENTINEL", "FAILOVER", "shop")

        async def has_moved() -> bool:
            try:
                await tier.open()
            except TierError:  # It still names the old one, which is a replica by now.
                return False
            async with plain_client(replica) as server:
                return (await server.role())[0] == b"master" and tier.lost_writes()

        await wait_until_async(has_moved, timeout_s=60, what="the new master")
        await tier.write({"b": value(ONE)})
        async with plain_client(replica) as server:
            assert await server.exists(f"{namespace}:b")
        assert await values(tier, "b") == {"b": 1}
        await wait_until_async(lambda: "b" in pushes.seen, what="the invalidation")


async def test_what_most_sentinels_say_counts(tmp_path: Path) -> None:
    """One that was cut off names a master of long ago, another is dead."""
    with (
        sentinels(tmp_path, 1111, ["shop", "shop", "other"]) as watching,
        sentinels(tmp_path / "cut-off", 2222, ["shop"]) as cut_off,
    ):
        hosts = [f"{LOOPBACK}:{port}" for port in (*cut_off, *watching, free_port())]
        for order in (hosts, hosts[::-1]):
            endpoint = await master_of(parse_l2_url(f"redis+sentinel://{','.join(order)}/shop/3"))
            assert (endpoint.host, endpoint.port, endpoint.db) == (LOOPBACK, 1111, 3)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_unknown_service(tmp_path: Path) -> None:
    """It is the settings' mistake, which the error names."""
    with sentinels(tmp_path, 1111, ["shop"]) as (port,):
        url = f"redis+sentinel://ann:geheim@{LOOPBACK}:{port}/shpo"
        with pytest.raises(ConfigError, match="know no service 'shpo'"):
            await RedisTier(url, "n", 5.0).open()


async def test_no_sentinel_answers() -> None:
    """The error says of each what was tried."""
    ports = [free_port(), free_port()]
    url = "redis+sentinel://ann:geheim@" + ",".join(f"{LOOPBACK}:{port}" for port in ports)
    with pytest.raises(TierError, match="no sentinel names a master") as caught:
        await RedisTier(f"{url}/shop", "n", 5.0).open()
    assert all(f"nothing listens at {LOOPBACK}:{port}" in str(caught.value) for port in ports)
    assert "geheim" not in str(caught.value)


async def test_sentinels_with_a_password_of_their_own(tmp_path: Path, master: str) -> None:
    """It stands in the options."""
    with sentinels(tmp_path, _port(master), ["shop"], password="secret") as (port,):
        url = f"redis+sentinel://ann:geheim@{LOOPBACK}:{port}/shop"
        with pytest.raises(TierError, match="no sentinel names a master"):
            await RedisTier(url, "n", 5.0).open()
        async with opened(RedisTier(f"{url}?sentinel_password=secret", "n", 5.0)):
            pass


async def test_a_sentinel_is_no_server(tmp_path: Path) -> None:
    """Who gives it as one learns which URL to give."""
    message = r"is a sentinel: give redis\+sentinel://"
    with (
        sentinels(tmp_path, 1111, ["shop"]) as (port,),
        pytest.raises(ConfigError, match=message),
    ):
        await RedisTier(f"redis://{LOOPBACK}:{port}/0", "n", 5.0).open()
