"""What other caches have in common: what they leave behind, and what they refuse."""

import asyncio

import pytest
import redis
from cashews import Cache
from cashews.backends.memory import Memory

from pipeline.subject import SubjectSettings
from tests.support.servers import EmbeddedRedis, free_port
from workers.errors import SubjectError, UnsupportedError
from workers.subjects.base import Addresses
from workers.subjects.cashews_client_side import CashewsClientSideSubject
from workers.subjects.peer import Peer, milliseconds, unlink_all
from workers.subjects.registry import build_subject


async def test_only_keys_that_begin_with_the_prefix_are_removed(
    redis_url: str, namespace: str
) -> None:
    """However many there are, and whatever a pattern would make of the prefix."""
    prefix = f"{namespace}[ab]*?\\:"
    others = [f"{namespace}a", f"{namespace}[ab]*?:1", f"{namespace}a-\\:1"]
    with redis.Redis.from_url(redis_url) as client:
        client.mset({f"{prefix}{number}": "v" for number in range(2_500)})
        client.mset(dict.fromkeys(others, "v"))
        await unlink_all(redis_url, prefix)
        assert sorted(client.keys(f"{namespace}*")) == sorted(other.encode() for other in others)
        client.delete(*others)


async def test_what_a_peer_has_no_call_for_is_refused() -> None:
    """A load that asked for it all the same would measure an error, not a loop of ours."""
    with pytest.raises(UnsupportedError, match="get_many of 2 keys"):
        await Peer().get_many(["a", "b"])
    with pytest.raises(UnsupportedError, match="set_many of 1 keys"):
        await Peer().set_many({"a": 1})


def test_a_ttl_never_becomes_none_at_all() -> None:
    """Redis takes whole milliseconds from 1."""
    assert [milliseconds(ttl_s) for ttl_s in (None, 0.0001, 0.0101, 2)] == [None, 1, 11, 2000]


@pytest.mark.parametrize("name", ["coredis", "dogpile-redis", "aiocache-redis", "redis-py"])
async def test_without_redis_it_says_what_it_needs(name: str) -> None:
    """A worker may have no L2."""
    with pytest.raises(SubjectError, match="it needs Redis"):
        build_subject(
            name, SubjectSettings(), Addresses(namespace="test", l2_url=None, l3_url=None)
        )


@pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")
async def test_a_cancelled_call_leaves_nothing_behind(redis_url: str, namespace: str) -> None:
    """Its thread goes on and writes; a clear waits for that."""
    addresses = Addresses(namespace=namespace, l2_url=redis_url, l3_url=None)
    subject = build_subject("dogpile-redis", SubjectSettings(), addresses)
    await subject.start()
    loading, may_end = asyncio.Event(), asyncio.Event()

    async def slow(key: str) -> str:
        loading.set()
        await may_end.wait()
        return key

    reading = asyncio.create_task(subject.get("users:1", slow))
    await loading.wait()
    reading.cancel()
    clearing = asyncio.create_task(subject.clear())
    asyncio.get_running_loop().call_later(0.05, may_end.set)
    await clearing
    await subject.stop()
    with redis.Redis.from_url(redis_url) as client:
        assert client.keys(f"{namespace}*") == []
    assert reading.cancelled()


async def test_a_client_that_can_not_connect_leaves_no_task() -> None:
    """Coredis's client has a task of its own, which ends with it."""
    url = f"redis://127.0.0.1:{free_port()}/0"
    addresses = Addresses(namespace="test", l2_url=url, l3_url=None)
    subject = build_subject("coredis", SubjectSettings(), addresses)
    before = asyncio.all_tasks()
    try:
        await subject.start()
    except OSError:
        pass
    else:
        await subject.stop()
    assert asyncio.all_tasks() == before


async def test_a_client_that_never_heard_of_redis_can_be_stopped() -> None:
    """The end of a task of its own must not look as if the job had been cancelled."""
    local, cache = Memory(), Cache()
    cache.setup(
        f"redis://127.0.0.1:{free_port()}/0",
        client_side=True,
        local_cache=local,
        client_side_listen_timeout=0.05,
    )
    subject = CashewsClientSideSubject(cache, local, asyncio.Event(), None)
    await subject.start()
    await subject.stop()


@pytest.mark.filterwarnings("ignore:Call to deprecated (setex|close):DeprecationWarning")
async def test_what_a_caller_is_told_of_a_dead_server(own_redis: EmbeddedRedis) -> None:
    """Libraries raise, and that is recorded as an error; cashews by itself tells of nothing."""
    addresses = Addresses(namespace="test", l2_url=own_redis.url, l3_url=None)
    names = ("redis-py", "aiocache-redis", "dogpile-redis", "cashews-redis")
    subjects = {name: build_subject(name, SubjectSettings(), addresses) for name in names}
    for subject in subjects.values():
        await subject.start()
        await subject.set("users:1", 1)
    own_redis.kill()
    told = {}
    for name, subject in subjects.items():
        answers = await asyncio.gather(
            subject.get("users:1", None), subject.set("users:1", 2), return_exceptions=True
        )
        told[name] = [type(each).__name__ for each in answers]
        await subject.stop()
    raised = ["ConnectionError", "ConnectionError"]
    assert told == {**dict.fromkeys(names[:-1], raised), "cashews-redis": ["Served", "NoneType"]}


@pytest.mark.filterwarnings("ignore:Call to deprecated close:DeprecationWarning")
async def test_memory_that_redis_does_not_keep_up_to_date_answers_nothing(
    redis_url: str, namespace: str
) -> None:
    """While cashews is told nothing it reads from Redis, whatever its memory holds."""
    addresses = Addresses(namespace=namespace, l2_url=redis_url, l3_url=None)
    subject = build_subject("cashews-client-side", SubjectSettings(), addresses)
    assert isinstance(subject, CashewsClientSideSubject)
    await subject.start()
    await subject.set("users:1", 1)
    is_told = subject._is_told
    tiers = [(await subject.get("users:1", None)).tier]
    is_told.clear()
    tiers.append((await subject.get("users:1", None)).tier)
    is_told.set()
    await subject.clear()
    await subject.stop()
    assert tiers == ["l1", "l2"]


@pytest.mark.parametrize("name", ["cachetools", "cashews-memory", "multilevel-l1", "theine"])
async def test_what_was_emptied_holds_as_much_as_before(name: str) -> None:
    """A scenario that empties memory measures a cache of the same size afterwards."""
    addresses = Addresses(namespace="test", l2_url=None, l3_url=None)
    subject = build_subject(name, SubjectSettings(l1_max_size=50), addresses)
    keys = [f"users:{number}" for number in range(50)]
    await subject.start()
    for _ in range(2):
        await subject.empty("l1")
        for key in keys:
            await subject.set(key, key)
    held = [key for key in keys if (await subject.get(key, None)).tier == "l1"]
    await subject.stop()
    assert len(held) == 50
