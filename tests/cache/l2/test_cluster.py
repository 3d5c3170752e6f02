"""L2 on a cluster does what it does on one server, whichever node a key or a tag is on."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from coredis.exceptions import MovedError, ResponseError
from redis import Redis
from redis.crc import key_slot

from cache import CacheConfig
from cache.codec import encode
from cache.errors import ConfigError, TierError
from cache.l2.cluster import ClusterTier
from cache.l2.cluster_node import ClusterNode
from cache.l2.names import ClusterNames
from cache.l2.redis import redis_tier
from cache.l2.topology import SLOTS
from cache.tier import DELETE, MISS, Entry, Found, Lease, LeaseRequest, LeasingTier, Write
from tests.cache.l2.redis_places import cluster, cluster_container, join, valkey
from tests.cache.l2.redis_tiers import VERSION, Pushes, opened, plain_client, value, values
from tests.support.servers import LOOPBACK, EmbeddedRedis, free_port
from tests.support.waiting import wait_until, wait_until_async

ONE, OLD, NEW = encode(1), encode("old"), encode("new")
MANY = [f"k{number}" for number in range(300)]
ODD = ["}", "}x", "{", "{}", "{a}b", "a}b", "%", "%}", "ключ 🔑", "x:y~z", "nul\0"]


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The URLs of a cluster of three primaries that tests share and leave alone."""
    with cluster(tmp_path_factory.mktemp("cluster"), 3) as urls:
        yield urls


def _place(url: str) -> str:
    return f"{LOOPBACK}:{urlsplit(url).port}"


def _tier(url: str, namespace: str, **settings: object) -> LeasingTier:
    """Return a tier of the cluster that has the node at ``url``, as the cache builds it."""
    config = CacheConfig(
        l2_url=f"redis+cluster://{_place(url)}",
        namespace=namespace,
        l2_timeout_s=5,
        lease_s=30,
        **settings,
    )
    tier = redis_tier(config)
    assert isinstance(tier, ClusterTier)
    return tier


@pytest.fixture
async def tier(nodes: list[str], namespace: str) -> AsyncIterator[LeasingTier]:
    """L2, which was told of the first node."""
    async with opened(_tier(nodes[0], namespace)) as (tier,):
        yield tier


@pytest.fixture
async def other(nodes: list[str], namespace: str) -> AsyncIterator[LeasingTier]:
    """L2 as another process has it, which was told of the last node."""
    async with opened(_tier(nodes[2], namespace)) as (tier,):
        yield tier


async def _granted(tier: LeasingTier, key: str = "a", *tags: str) -> Lease:
    lease = (await tier.lease({key: LeaseRequest(tags=tags)}))[key]
    assert isinstance(lease, Lease)
    assert lease.is_granted
    return lease


async def _floor(tier: LeasingTier) -> int:
    return (await tier.read(MANY)).floor


async def test_keys_are_spread_and_found(
    tier: LeasingTier, other: LeasingTier, nodes: list[str], namespace: str
) -> None:
    """Each node has its share, and whoever asks gets all of them."""
    written = await tier.write({key: value(encode(key)) for key in [*MANY, *ODD]})
    assert written.keys() == {*MANY, *ODD}
    assert await values(other, *MANY, *ODD, "absent") == {key: key for key in [*MANY, *ODD]}
    for url in nodes:
        async with plain_client(url) as server:
            assert 50 < len(await server.keys(f"{namespace}:*")) < 150
    assert await other.write(dict.fromkeys([*MANY, *ODD], DELETE)) == dict.fromkeys(written, 0)
    assert await values(tier, *MANY, *ODD) == dict.fromkeys(written, MISS)
    assert await tier.read([]) == Found({})
    assert await tier.write({}) == {}


@pytest.mark.parametrize("key", ["a", *ODD])
def test_a_value_and_its_lease_share_a_slot(key: str) -> None:
    """Whatever the key is; and the key comes back from the name."""
    names = ClusterNames("shop")
    name = names.of(key)
    assert key_slot(name.encode()) == key_slot(f"lease~{name}".encode())
    assert names.key(name.encode()) == key


async def test_the_higher_version_wins(tier: LeasingTier, other: LeasingTier) -> None:
    """On each node as on one server."""
    assert len(await tier.write({key: value(NEW, VERSION + 1) for key in MANY})) == len(MANY)
    assert await other.write({key: value(OLD, VERSION) for key in MANY}) == {}
    assert await values(other, *MANY) == dict.fromkeys(MANY, "new")
    deletes = {key: Write(None, version=VERSION + 2) for key in MANY}
    assert await tier.write(deletes) == dict.fromkeys(MANY, VERSION + 2)
    floor = await _floor(other)
    late = {key: Write(OLD, version=VERSION + 1, floor=floor) for key in MANY}
    assert await other.write(late) == {}


async def test_leases(tier: LeasingTier, other: LeasingTier) -> None:
    """One of two is granted each, and only its fill is taken, unless somebody wrote."""
    leases = await tier.lease(dict.fromkeys(MANY, LeaseRequest()))
    assert all(isinstance(lease, Lease) and lease.is_granted for lease in leases.values())
    busy = await other.lease(dict.fromkeys(MANY, LeaseRequest()))
    assert busy == dict.fromkeys(MANY, Lease(b""))
    await other.write({"k0": value(NEW)})
    tokens = {key: lease.token for key, lease in leases.items() if isinstance(lease, Lease)}
    await tier.renew(tokens)
    await tier.release({"k1": tokens["k1"]})
    fills = {
        key: Write(OLD, lease=lease.token, floor=lease.floor)
        for key, lease in leases.items()
        if isinstance(lease, Lease)
    }
    assert (await tier.write(fills)).keys() == set(MANY) - {"k0", "k1"}
    answers = await other.lease({"k0": LeaseRequest(), "k2": LeaseRequest()})
    assert [answer.value for answer in answers.values() if isinstance(answer, Entry)] == [
        "new",
        "old",
    ]


async def test_tags_span_the_nodes(tier: LeasingTier, other: LeasingTier) -> None:
    """Keys of all nodes are found under tags of all nodes, as are those being loaded."""
    tags = [f"t{number}" for number in range(9)]
    await tier.write({key: value(ONE, tags=("all", *tags, key)) for key in MANY})
    assert await other.tagged(["all"]) == set(MANY)
    for tag in tags:
        assert await other.tagged([tag]) == set(MANY)
    assert await other.tagged(["k7", "k8", "none"]) == {"k7", "k8"}
    assert (await other.read(["k7"])).entries["k7"].tags == ("all", *tags, "k7")
    await _granted(tier, "loading", "all", "t5")
    assert await other.tagged(["t5"]) == {*MANY, "loading"}


async def test_a_long_load_keeps_its_tags(
    tier: LeasingTier, nodes: list[str], namespace: str
) -> None:
    """Each renewal of its lease renews them, until it ends."""
    lease = await _granted(tier, "a", "t", "u")
    name = ClusterNames(namespace)
    with Redis.from_url(nodes[0]) as client:
        assert client.execute_command("CLUSTER", "KEYSLOT", name.of_tag("t")) >= 0
    for tag in "tu":
        await _on_its_node(nodes, "ZADD", name.of_tag(tag), 1, name.of("a"))
    assert await tier.tagged(["t", "u"]) == set()
    await tier.renew({"a": lease.token})
    assert await tier.tagged(["t"]) == await tier.tagged(["u"]) == {"a"}
    await tier.release({"a": lease.token})
    for tag in "tu":
        await _on_its_node(nodes, "ZADD", name.of_tag(tag), 1, name.of("a"))
    await tier.renew({"a": lease.token})
    assert await tier.tagged(["t", "u"]) == set()


async def _on_its_node(urls: list[str], command: str, name: str, *arguments: object) -> None:
    number = key_slot(name.encode()) * len(urls) // SLOTS
    async with plain_client(urls[number]) as client:
        await client.execute_command(command, name, *arguments)


async def test_the_floor_is_the_same_on_each_node(tier: LeasingTier, other: LeasingTier) -> None:
    """From the start, and after each clear; what was missed under an older one is refused."""
    assert {(await tier.read([key])).floor for key in MANY} == {await _floor(other)}
    floor = await other.clear()
    assert {(await tier.read([key])).floor for key in MANY} == {floor}
    lease = await _granted(tier)
    promotions = {key: Write(OLD, version=VERSION, floor=await _floor(tier)) for key in MANY}
    assert await other.clear(VERSION) == VERSION
    assert {(await tier.read([key])).floor for key in MANY} == {VERSION}
    assert await tier.write(promotions) == {}
    assert await tier.write({"a": Write(OLD, lease=lease.token, floor=lease.floor)}) == {}
    assert await tier.write({key: value(OLD, VERSION) for key in MANY}) == {}
    assert len(await tier.write({key: value(NEW, VERSION + 1) for key in MANY})) == len(MANY)


async def test_clear_leaves_nothing_of_its_own(
    tier: LeasingTier, nodes: list[str], namespace: str
) -> None:
    """On no node; other namespaces stay."""
    async with opened(_tier(nodes[1], f"{namespace}:b")) as (stranger,):
        for each in (tier, stranger):
            await each.write({key: value(ONE, tags=("t", key)) for key in MANY})
            await each.lease({"l": LeaseRequest(tags=("t",))})
        await tier.clear()
        for url in nodes:
            async with plain_client(url) as server:
                left = await server.keys(f"*{namespace}:*")
                assert left == []
                assert len(await server.keys(f"floor~{namespace}{{*")) == 1
        assert await tier.tagged(["t"]) == set()
        assert await values(stranger, *MANY) == dict.fromkeys(MANY, 1)
        assert await stranger.tagged(["t"]) == {*MANY, "l"}


async def test_a_key_of_another_type_is_a_miss(
    tier: LeasingTier, nodes: list[str], namespace: str
) -> None:
    """A list under our name fails no batch; what no one can decode is counted."""
    names = ClusterNames(namespace)
    await _on_its_node(nodes, "RPUSH", names.of("a"), "x")
    await _on_its_node(nodes, "SET", names.of("b"), "x")
    await tier.write({"c": value(ONE)})
    assert await values(tier, "a", "b", "c") == {"c": 1}
    assert tier.undecodable == 1
    await tier.write({"a": value(NEW), "b": value(NEW)})
    assert await values(tier, "a", "b") == {"a": "new", "b": "new"}


async def test_all_nodes_tell_of_writes(
    tier: LeasingTier, other: LeasingTier, nodes: list[str]
) -> None:
    """And one that is flushed tells that all keys may have gone."""
    pushes = Pushes(tier)
    await other.write(dict.fromkeys([*MANY, *ODD], DELETE))
    await wait_until_async(lambda: set(pushes.seen) == {*MANY, *ODD}, what="the deletes")
    pushes.seen.clear()
    await tier.write(dict.fromkeys(MANY, DELETE))
    await tier.tend()
    assert pushes.seen == []
    async with plain_client(nodes[1]) as server:
        await server.flushdb()
    await wait_until_async(lambda: None in pushes.seen, what="the flush")


async def test_a_set_whose_tags_a_clear_took_deletes(
    tier: LeasingTier, other: LeasingTier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies between the noting of the tags and the value; no value is left without its tags."""
    noted, cleared = asyncio.Event(), asyncio.Event()
    index = ClusterNode.index

    async def index_and_wait(node: ClusterNode, keys: Any) -> int:
        floor = await index(node, keys)
        noted.set()
        await cleared.wait()
        return floor

    await tier.write({key: value(OLD) for key in "abc"})
    monkeypatch.setattr(ClusterNode, "index", index_and_wait)
    writing = asyncio.create_task(
        tier.write({"a": value(NEW, tags=("t",)), "b": value(NEW, VERSION, tags=("t",))})
    )
    await noted.wait()
    await other.clear()
    floor = await _floor(other)
    await other.write({"b": Write(OLD, version=VERSION - 1, floor=floor), "c": value(NEW)})
    cleared.set()
    assert await writing == {}
    assert await values(tier, "a", "b", "c") == {"a": MISS, "b": MISS, "c": "new"}


async def test_writes_take_effect_in_the_order_of_their_calls(tier: LeasingTier) -> None:
    """Also where the first has tags, which take a round trip of their own."""
    first = tier.write({key: value(OLD, tags=("t",)) for key in MANY})
    await asyncio.gather(first, tier.write(dict.fromkeys(MANY, DELETE)))
    assert await values(tier, *MANY) == dict.fromkeys(MANY, MISS)


async def test_before_it_is_open_nothing_is_asked() -> None:
    """Nor after a failed opening; the error says so."""
    tier = _tier(f"redis://{LOOPBACK}:{free_port()}", "n")
    for _ in range(2):
        with pytest.raises(TierError, match="not connected"):
            await tier.read(["a"])
        with pytest.raises(TierError, match="nothing listens"):
            await tier.open()
    await tier.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_plain_server_is_no_cluster(shared_redis: EmbeddedRedis) -> None:
    """One line says which URL to give."""
    with pytest.raises(ConfigError, match="is no node of a cluster: give redis://"):
        await _tier(shared_redis.url, "n").open()


async def test_a_cluster_with_gaps_is_not_used(tmp_path: Path) -> None:
    """Keys would have no place."""
    message = "no node for 16384 of its slots"
    with (
        valkey(tmp_path, cluster_enabled="yes") as url,
        pytest.raises(TierError, match=message),
    ):
        await _tier(url, "n").open()


async def test_users_and_passwords(tmp_path: Path) -> None:
    """They are the same on every node."""
    with cluster(tmp_path, 2, user="ann on >geheim ~* &* +@all") as urls:
        for url in urls:
            async with plain_client(url) as server:
                await server.execute_command("ACL", "SETUSER", "default", "off")
        good = f"redis+cluster://ann:geheim@{_place(urls[0])}"
        async with opened(redis_tier(CacheConfig(l2_url=good, namespace="n", l2_timeout_s=5))) as (
            tier,
        ):
            await tier.write({key: value(ONE) for key in MANY})
            assert len((await tier.read(MANY)).entries) == len(MANY)
        bad = redis_tier(CacheConfig(l2_url=good.replace("geheim", "falsch"), l2_timeout_s=5))
        with pytest.raises(TierError, match=r"WRONGPASS|invalid") as caught:
            await bad.open()
        assert "falsch" not in str(caught.value)


@pytest.mark.resilience
async def test_a_slot_that_moved_is_followed(tmp_path: Path, namespace: str) -> None:
    """A call to the old place fails, the next opening knows the new one, and nothing is doubted."""
    with cluster(tmp_path, 2) as urls:
        names = ClusterNames(namespace)
        slot = key_slot(names.of("a").encode())
        source, target = urls if slot < SLOTS // 2 else urls[::-1]
        async with opened(_tier(urls[0], namespace)) as (tier,):
            await tier.write({key: value(ONE) for key in MANY})
            _move(slot, source, target)
            with pytest.raises(MovedError):
                await tier.read(["a"])
            with pytest.raises(ResponseError, match="non local key"):
                await tier.write({"a": value(NEW, VERSION)})
            await tier.open()
            assert not tier.lost_writes()
            await tier.write({"a": value(NEW, VERSION)})
            assert await values(tier, "a") == {"a": "new"}
            assert len({(await tier.read([key])).floor for key in ["a", *MANY]}) == 1


def _move(slot: int, source: str, target: str) -> None:
    """Give an empty slot to another node, and wait until both know it."""
    with Redis.from_url(source) as old, Redis.from_url(target) as new:
        ids = [client.execute_command("CLUSTER", "MYID") for client in (old, new)]
        while keys := old.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 100):
            old.delete(*keys)
        for client in (new, old):
            client.execute_command("CLUSTER", "SETSLOT", slot, "NODE", ids[1])


@pytest.mark.resilience
async def test_a_lost_node_is_told(tmp_path: Path, namespace: str) -> None:
    """Its keys fail, and what may have been lost with it is not trusted when it is back."""
    settings = {"cluster_require_full_coverage": "no"}
    with cluster(tmp_path, 3, **settings) as urls:
        tier = _tier(urls[0], namespace)
        pushes = Pushes(tier)
        async with opened(tier):
            async with plain_client(urls[2]) as server:
                await server.client_kill_filter(skipme=True)
            await wait_until_async(lambda: pushes.losses, what="the loss")
            assert _place(urls[2]) in str(pushes.losses[0])
            with pytest.raises(Exception, match=r"[Cc]onnect"):
                await tier.read(MANY)
            await tier.open()
            assert not tier.lost_writes()
            assert (await tier.read(MANY)).floor
        assert len(pushes.losses) == 1


@pytest.mark.resilience
async def test_a_failover_is_followed(tmp_path: Path, namespace: str) -> None:
    """A replica takes over: the cluster is found by other nodes, and nothing is taken for sure."""
    with (
        cluster(tmp_path, 3, repl_diskless_sync_delay="0") as urls,
        valkey(tmp_path / "replica", cluster_enabled="yes", cluster_node_timeout="1000") as spare,
    ):
        clients = [Redis.from_url(url) for url in (*urls, spare)]
        join(clients)
        lost, replica = clients[0], clients[3]
        replica.execute_command("CLUSTER", "REPLICATE", lost.execute_command("CLUSTER", "MYID"))
        wait_until(lambda: replica.info("replication")["master_link_status"] == "up", what="a copy")
        tier = _tier(urls[0], namespace)
        async with opened(tier):
            await tier.write({key: value(ONE) for key in MANY})
            wait_until(lambda: len(replica.keys("*")) == len(lost.keys("*")), what="the copies")
            lost.shutdown(nosave=True, force=True)
            replica.execute_command("CLUSTER", "FAILOVER", "TAKEOVER")

            async def has_moved() -> bool:
                try:
                    await tier.open()
                except Exception:  # noqa: BLE001 - it is asked until it works
                    return False
                return True

            await wait_until_async(has_moved, timeout_s=60, what="the new primary")
            assert tier.lost_writes()
            assert len((await tier.read(MANY)).entries) == len(MANY)
            await tier.clear()
            await tier.write({key: value(NEW) for key in MANY})
            assert await values(tier, *MANY) == dict.fromkeys(MANY, "new")
            await tier.open()
            assert not tier.lost_writes()
        for client in clients:
            client.close()


@pytest.mark.docker
async def test_real_redis(namespace: str) -> None:
    """One node of Redis 7, which must take scripts over several slots too."""
    with cluster_container() as url:
        async with opened(_tier(url, namespace)) as (tier,):
            pushes = Pushes(tier)
            await tier.write({key: value(encode(key), tags=("t", key)) for key in MANY})
            assert await values(tier, *MANY) == {key: key for key in MANY}
            assert await tier.tagged(["t"]) == set(MANY)
            await wait_until_async(lambda: set(pushes.seen) == set(MANY), what="the echo")
            await tier.write(dict.fromkeys(MANY, DELETE))
            leases = await tier.lease(dict.fromkeys(MANY, LeaseRequest(tags=("u",))))
            tokens = {key: lease.token for key, lease in leases.items() if isinstance(lease, Lease)}
            await tier.renew(tokens)
            await tier.release(tokens)
            await tier.clear()
            assert (await tier.read(MANY)).entries == {}
