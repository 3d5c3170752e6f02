"""Faults on payloads: they spoil a share of the job's own values, and nothing else, and leave."""

from collections.abc import Iterator

import pytest
import redis

from cache import CacheConfig, MultiLevelCache
from pipeline.servers import EmbeddedServer
from tests.support.waiting import wait_until_async
from tests.workers.faults.l2_grounds import NAMESPACE, break_with, make, mend
from workers.errors import FaultError
from workers.faults import l2_payload
from workers.faults.ground import L2Ground
from workers.faults.l2_payload import L2Payload
from workers.faults.l2_spoiled import OVERSIZED_BYTES

KINDS = ["l2_corrupt", "l2_truncated", "l2_foreign", "l2_oversized"]
# The names of our own cache, and those of the others.
PREFIXES = ["tierbench%3Ajob-1:", "tierbench:job-1:"]
OTHERS = {
    "tierbench:job-10:k": b"another job's",
    "lease~tierbench%3Ajob-1:k": b"a lease",
    "k": b"somebody's",
}


@pytest.fixture(scope="module")
def module_client() -> Iterator[redis.Redis]:
    """A client of a server that the tests of this file share."""
    with EmbeddedServer() as server, redis.Redis.from_url(server.url) as client:
        yield client


@pytest.fixture
def client(module_client: redis.Redis) -> redis.Redis:
    """The same, with nothing there but what is not this job's."""
    module_client.flushall()
    module_client.mset(OTHERS)
    return module_client


def _l2(client: redis.Redis) -> L2Ground:
    """A server that others use, which may not be broken as a whole."""
    port = client.connection_pool.connection_kwargs["port"]
    return L2Ground(url=f"redis://127.0.0.1:{port}/0")


def _fill(client: redis.Redis, prefix: str, keys: int = 60) -> dict[bytes, bytes]:
    values = {f"{prefix}k{n}".encode(): f'["value {n}"]'.encode() for n in range(keys)}
    for name, value in values.items():
        client.set(name, value, px=60_000)
    return values


def _stands(client: redis.Redis, name: bytes) -> bytes | None:
    return client.get(name) if client.type(name) == b"string" else b"another type"


def _spoiled(client: redis.Redis, values: dict[bytes, bytes]) -> dict[bytes, bytes | None]:
    now = {name: _stands(client, name) for name in values}
    return {name: value for name, value in now.items() if value != values[name]}


@pytest.mark.parametrize(
    ("kind", "prefix"), [*((kind, PREFIXES[0]) for kind in KINDS), ("l2_corrupt", PREFIXES[1])]
)
async def test_values_are_spoiled_and_removed(kind: str, prefix: str, client: redis.Redis) -> None:
    """Their times to live stay, what is not the job's stays, and nothing spoiled is left."""
    values = _fill(client, prefix)
    fault = make(kind, _l2(client), share=0.5 if kind != "l2_oversized" else 0.05)
    assert not await fault.is_effective()
    await break_with(fault)
    assert not await fault.is_cleared()
    spoiled = _spoiled(client, values)
    assert 0 < len(spoiled) < 60
    assert all(0 < client.pttl(name) <= 60_000 for name in spoiled)
    await mend(fault)
    assert {name: client.get(name) for name in OTHERS} == OTHERS
    assert set(client.keys(f"{prefix}*")) == values.keys() - spoiled.keys()


async def test_the_seed_says_which(client: redis.Redis) -> None:
    """Of the same keys the same are met, and others with another seed."""
    met = []
    for seed in (1, 1, 2):
        values = _fill(client, PREFIXES[0])
        fault = make("l2_corrupt", _l2(client), seed=seed, share=0.2)
        await break_with(fault)
        met.append(_spoiled(client, values))
        await mend(fault)
    assert met[0] == met[1] != met[2]


async def test_what_is_written_anew_is_spoiled_anew(client: redis.Redis) -> None:
    """For as long as the fault lasts; what was deleted stays so."""
    values = _fill(client, PREFIXES[0])
    fault = make("l2_corrupt", _l2(client), share=1.0)
    await break_with(fault)
    await wait_until_async(lambda: len(_spoiled(client, values)) == 60)
    client.delete(f"{PREFIXES[0]}k0")
    client.mset({name: value for name, value in values.items() if not name.endswith(b"k0")})
    await wait_until_async(lambda: len(_spoiled(client, values)) == 60)
    assert not client.exists(f"{PREFIXES[0]}k0")
    await mend(fault)


async def test_what_stands_is_removed_once_the_server_is_back(client: redis.Redis) -> None:
    """Another fault may keep it away when this one ends."""
    values = _fill(client, PREFIXES[0])
    fault = make("l2_corrupt", _l2(client), share=1.0)
    await break_with(fault)
    await wait_until_async(lambda: len(_spoiled(client, values)) == 60)
    client.config_set("requirepass", "another")
    await fault.undo()
    assert not await fault.is_cleared()
    assert client.dbsize() == len(OTHERS) + 60
    client.config_set("requirepass", "")
    await wait_until_async(fault.is_cleared, what="the fault's end")
    assert client.dbsize() == len(OTHERS)


async def test_only_so_many_values_are_huge(
    client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large share of many keys would fill the machine, or a server that others use."""
    monkeypatch.setattr(l2_payload, "_MOST_OVERSIZED", 3)
    values = _fill(client, PREFIXES[0])
    fault = make("l2_oversized", _l2(client), share=1.0)
    await break_with(fault)
    assert isinstance(fault, L2Payload)
    await fault._spoil_again()
    client.delete(*_spoiled(client, values))
    values = _fill(client, PREFIXES[0])
    await wait_until_async(lambda: len(_spoiled(client, values)) == 3)
    await mend(fault)


async def test_what_the_cache_has_replaced_is_left(client: redis.Redis) -> None:
    """The end of the fault takes nothing but its own."""
    values = _fill(client, PREFIXES[0])
    fault = make("l2_truncated", _l2(client), share=1.0)
    await break_with(fault)
    assert isinstance(fault, L2Payload)
    await fault._spoiling.end()
    client.set(f"{PREFIXES[0]}k0", "good")
    await mend(fault)
    assert client.get(f"{PREFIXES[0]}k0") == b"good"
    assert client.dbsize() == len(OTHERS) + 1
    assert len(values) == 60


async def test_each_kind_spoils_in_its_own_way(client: redis.Redis) -> None:
    """One byte, the end, the size; or bytes, types and values that are not the key's."""
    seen: dict[str, dict[bytes, bytes | None]] = {}
    values = _fill(client, PREFIXES[0])
    for kind in KINDS:
        _fill(client, PREFIXES[0])
        fault = make(kind, _l2(client), share=1.0 if kind != "l2_oversized" else 0.05)
        await break_with(fault)
        await wait_until_async(
            lambda kind=kind: len(_spoiled(client, values)) == 60 or kind == "l2_oversized"
        )
        seen[kind] = _spoiled(client, values)
        await mend(fault)
    for name, value in seen["l2_corrupt"].items():
        assert value is not None
        assert len(value) == len(values[name])
        assert sum(a != b for a, b in zip(value, values[name], strict=True)) == 1
    for name, value in seen["l2_truncated"].items():
        assert value is not None
        assert values[name].startswith(value)
    assert {len(value or b"") for value in seen["l2_oversized"].values()} == {OVERSIZED_BYTES}
    strange = set(seen["l2_foreign"].values())
    assert strange > {b"", b"another type", b'{"written": "by another program"}'}
    assert strange & set(values.values())


@pytest.mark.parametrize("kind", KINDS)
async def test_our_cache_serves_none_of_it(kind: str, client: redis.Redis, sqlite_url: str) -> None:
    """What is spoiled is a miss, counted and replaced: from L3, or by the loader."""
    l2 = _l2(client)
    config = CacheConfig(namespace=NAMESPACE, l2_url=l2.url, l3_url=sqlite_url)
    values = {f"k{number}": {"value": number} for number in range(60)}
    async with MultiLevelCache(config) as cache:
        await cache.set_many(values)
        fault = make(kind, l2, share=1.0 if kind != "l2_oversized" else 0.05)
        await break_with(fault)

        async def is_noticed() -> bool:
            await cache.clear_tier("l1")
            assert await cache.get_many(list(values)) == values
            return cache.get_performance_stats()["l2_cache"]["undecodable"] > 0

        await wait_until_async(is_noticed, what="a payload that can't be decoded")
        await mend(fault)
        await cache.clear_tier("l1")
        assert await cache.get_many(list(values)) == values


def test_a_subject_without_l2_has_nothing_to_spoil() -> None:
    """It is told before anything happens."""
    with pytest.raises(FaultError, match=r"^l2_corrupt: the subject has no L2$"):
        make("l2_corrupt", None)


def test_the_namespace_is_one_as_jobs_have_them() -> None:
    """With a character that our cache escapes in names."""
    assert PREFIXES[1][:-1] == NAMESPACE
