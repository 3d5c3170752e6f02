"""A session with a server: which servers it takes, and what it knows after each new connection."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from cache.address import parse_l2_url
from cache.codec import encode
from cache.errors import ConfigError, TierError
from cache.l2.endpoint import Endpoint
from cache.l2.names import Names
from cache.l2.redis import RedisTier
from cache.l2.session import Session
from cache.tier import DELETE, MISS, LeaseRequest
from tests.cache.l2.redis_places import valkey
from tests.cache.l2.redis_tiers import Pushes, open_tier, opened, plain_client, value, values
from tests.cache.slow_network import SlowNetwork
from tests.support.servers import LOOPBACK, EmbeddedRedis, embedded_redis, free_port
from tests.support.waiting import wait_until_async

ONE = encode(1)


@pytest.fixture
def servers() -> Iterator[list[EmbeddedRedis]]:
    """Two servers of the test's own."""
    with embedded_redis() as one, embedded_redis() as another:
        yield [one, another]


async def test_before_it_is_open_nothing_is_asked() -> None:
    """The error says so; closing is always possible."""
    tier = RedisTier("redis://localhost/0", "n", 5.0)
    with pytest.raises(TierError, match="not connected"):
        await tier.read(["a"])
    with pytest.raises(TierError, match="not connected"):
        await tier.tend()
    await tier.close()


async def test_a_failed_opening_leaves_nothing_open(
    redis_server: EmbeddedRedis, namespace: str
) -> None:
    """Wherever it failed."""
    async with plain_client(redis_server.url) as admin:
        await admin.execute_command("ACL", "SETUSER", "default", "-info", "-eval")
        tier = RedisTier(redis_server.url, namespace, 5.0)
        with pytest.raises(Exception, match="no permissions"):
            await tier.open()
        assert len(await admin.client_list()) == 1
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_restart_is_noticed(redis_server: EmbeddedRedis, namespace: str) -> None:
    """A server that forgot everything is told from one that was only out of reach."""
    async with open_tier(redis_server.url, namespace) as tier:
        assert not tier.lost_writes()
        await tier.open()
        assert not tier.lost_writes()
        redis_server.restart()
        await tier.open()
        assert tier.lost_writes()
        await tier.open()
        assert not tier.lost_writes()


async def test_another_server_is_noticed(servers: list[EmbeddedRedis]) -> None:
    """It may have no write of the one before, and its connections are others' business."""
    current = 0

    async def locate() -> Endpoint:
        return Endpoint.of(parse_l2_url(servers[current].url))

    session = Session(locate, Names("n"), 5.0)
    await session.open()
    async with plain_client(servers[1].url) as bystander:
        await bystander.ping()
        current = 1
        await session.open()
        assert session.forgot
        assert await bystander.ping()
        assert len(await bystander.client_list()) == 2
    await session.close()


@pytest.mark.parametrize("refused", ["-info", "-client|kill"])
async def test_what_cannot_be_known_counts_as_forgotten(
    redis_server: EmbeddedRedis, namespace: str, refused: str
) -> None:
    """Where the user may not ask, or may not end the old connection."""
    async with plain_client(redis_server.url) as admin:
        await admin.execute_command(*("ACL", "SETUSER", "ann", "on", ">pw", "~*", "+@all", refused))
    url = redis_server.url.replace("redis://", "redis://ann:pw@")
    async with open_tier(url, namespace) as tier:
        assert not tier.lost_writes()
        await tier.open()
        assert tier.lost_writes()


async def test_the_least_that_a_user_needs(redis_server: EmbeddedRedis) -> None:
    """What the documentation lists is enough, and keys outside the namespace stay closed."""
    rights = (
        *("~shop:*", "~lease~shop:*", "~tag~shop:*", "~floor~shop"),
        *("-@all", "+@read", "+@write", "+@connection", "+eval", "+time", "+info"),
        *("-@dangerous", "+info", "+client|tracking", "+client|kill", "+scan"),
    )
    async with plain_client(redis_server.url) as admin:
        await admin.execute_command("ACL", "SETUSER", "ann", "on", ">pw", *rights)
        url = redis_server.url.replace("redis://", "redis://ann:pw@")
        async with open_tier(url, "shop") as tier:
            await tier.write({"a": value(ONE, tags=("t",)), "b": value(ONE)})
            await tier.write({"b": DELETE})
            await tier.lease({"c": LeaseRequest(tags=("t",))})
            assert await values(tier, "a", "b") == {"a": 1, "b": MISS}
            assert await tier.tagged(["t"]) == {"a", "c"}
            await tier.open()
            assert not tier.lost_writes()
            await tier.clear()
        with pytest.raises(Exception, match="permissions"):
            await RedisTier(url, "other", 5.0).open()


async def test_a_replica_is_refused(servers: list[EmbeddedRedis], namespace: str) -> None:
    """It takes no writes; when it is a master again, it serves."""
    host, _, port = servers[0].url.partition("://")[2].partition("/")[0].partition(":")
    async with plain_client(servers[1].url) as replica:
        await replica.replicaof(host, port)
        tier = RedisTier(servers[1].url, namespace, 5.0)
        with pytest.raises(TierError, match="is a replica, which takes no writes"):
            await tier.open()
        await replica.replicaof("NO", "ONE")
        async with opened(tier):
            await tier.write({"a": value(ONE)})


async def test_a_node_of_a_cluster_is_refused(tmp_path: Path, namespace: str) -> None:
    """One line says which URL to give."""
    message = r"is a node of a cluster: give redis\+cluster://"
    with (
        valkey(tmp_path, cluster_enabled="yes") as url,
        pytest.raises(ConfigError, match=message),
    ):
        await RedisTier(url, namespace, 5.0).open()


@pytest.fixture
async def old_server() -> AsyncIterator[str]:
    """What a server says that is too old for HELLO."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            writer.write(b"-ERR unknown command 'HELLO'\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, LOOPBACK, free_port())
    async with server:
        yield f"redis://{LOOPBACK}:{server.sockets[0].getsockname()[1]}/0"


async def test_a_server_that_is_too_old_is_refused(old_server: str) -> None:
    """One line says what is needed."""
    with pytest.raises(ConfigError, match=r"is too old: Redis 6\.2 or newer, or Valkey, is needed"):
        await RedisTier(old_server, "n", 5.0).open()


async def test_closing_is_no_loss(shared_redis: EmbeddedRedis, namespace: str) -> None:
    """Neither is opening anew."""
    tier = RedisTier(shared_redis.url, namespace, 5.0)
    pushes = Pushes(tier)
    await tier.open()
    await tier.open()
    await tier.close()
    await tier.close()
    assert pushes.losses == []


@pytest.mark.resilience
async def test_what_an_old_connection_had_on_its_way_never_comes_late(
    shared_redis: EmbeddedRedis, namespace: str
) -> None:
    """Bytes that a network holds back while the tier reconnects reach a server that has hung up."""
    async with SlowNetwork.to(shared_redis) as network:
        tier = RedisTier(network.url, namespace, 5.0)
        await tier.open()
        network.hold()
        late = asyncio.create_task(tier.write({"a": value(encode("old"))}))
        await wait_until_async(lambda: network.held, what="the write to be held back")
        await tier.open()
        await tier.write({"a": DELETE})
        with pytest.raises(Exception, match=r"lost|closed|unexpectedly|Connection"):
            await late
        await network.deliver()
        assert await values(tier, "a") == {"a": MISS}
        await tier.close()


async def test_a_deadline_holds(redis_server: EmbeddedRedis, namespace: str) -> None:
    """A server that hangs costs each call its timeout, and no more."""
    tier = RedisTier(redis_server.url, namespace, 0.05)
    await tier.open()
    redis_server.pause()
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: tier.read(["a"]),
        lambda: tier.write({"a": value(ONE), "b": DELETE}),
        lambda: tier.lease({"a": LeaseRequest()}),
        lambda: tier.renew({"a": b"token"}),
        lambda: tier.tagged(["t"]),
        tier.clear,
        tier.tend,
    ]
    for call in calls:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(call(), 30)
    redis_server.resume()
    await tier.close()
