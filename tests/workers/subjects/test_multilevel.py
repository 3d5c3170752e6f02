"""What our own cache can as a subject beside the contract."""

import pytest

from cache.multilevel import MultiLevelCache
from pipeline.subject import SubjectSettings
from workers.subjects.base import Addresses, Served
from workers.subjects.limits import cache_config
from workers.subjects.multilevel import MultiLevelSubject, build

VALUE = {"id": "users:1", "tags": ["a", None]}


@pytest.fixture
def addresses(redis_url: str, sqlite_url: str, namespace: str) -> Addresses:
    """Real tiers and a namespace of the test's own."""
    return Addresses(namespace=namespace, l2_url=redis_url, l3_url=sqlite_url)


async def _load(key: str) -> dict[str, str]:
    return {"loaded": key}


async def test_each_tier_can_be_emptied_alone(addresses: Addresses) -> None:
    """Emptying a tier leaves those below it, and the next read comes from there."""
    subject = build(SubjectSettings(), addresses)
    await subject.start()
    await subject.set("users:1", VALUE)
    served = []
    for tiers in (["l1"], ["l1", "l2"], ["l1", "l2", "l3"]):
        for tier in tiers:
            await subject.empty(tier)
        served.append((await subject.get("users:1", None)).tier)
    await subject.stop()
    assert served == ["l2", "l3", "miss"]


async def test_it_counts_reads_as_its_caller_does(addresses: Addresses) -> None:
    """Its own statistics name every answered read, however it was called, and it is well."""
    subject = build(SubjectSettings(), addresses)
    await subject.start()
    await subject.get("users:1", _load)
    await subject.get("users:1", None)
    await subject.get("users:1", _load, 60.0)
    await subject.get_many(["users:1", "users:2"])
    assert subject.statistics() == {"l1_hits": 3, "l2_hits": 0, "l3_hits": 0, "reads": 5}
    assert await subject.health() == "healthy"
    await subject.stop()


async def test_what_l1_held_once_is_not_said_to_come_from_it(addresses: Addresses) -> None:
    """What has ended there is answered by a tier below."""
    config = cache_config(SubjectSettings(l1_default_ttl=10.0), addresses)
    now = [1000.0]
    subject = MultiLevelSubject(MultiLevelCache(config, clock=lambda: now[0]))
    await subject.start()
    await subject.set("users:1", VALUE)
    assert await subject.get("users:1", _load) == Served(VALUE, "l1")
    now[0] += 10.0
    assert await subject.get("users:1", _load) == Served(VALUE, "l2")
    assert await subject.get("users:1", _load) == Served(VALUE, "l1")
    await subject.clear()
    await subject.stop()
