"""What other caches have in common: what they leave behind, and what they refuse."""

import asyncio

import pytest
import redis
from cashews import Cache
from cashews.backends.memory import Memory

from pipeline.subject import SubjectSettings
from tests.support.servers import free_port
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
    subject = CashewsClientSideSubject(cache, local, None)
    await subject.start()
    await subject.stop()
