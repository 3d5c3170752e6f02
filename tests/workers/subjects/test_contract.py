"""One contract for every subject that comes with Tierbench, on real tiers."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import entry_points

import pytest
import redis

from pipeline.subject import SubjectSettings
from tests.docs.examples import ROOT
from tests.support.values import VALUES_OF_EACH_KIND
from tests.support.waiting import wait_until_async
from workers.subjects.base import CAPABILITIES, TIERS, Addresses, Served, Subject
from workers.subjects.registry import build_subject

# aiocache, cashews and dogpile.cache call what redis-py has deprecated.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Call to deprecated (p?setex|close):DeprecationWarning"
)

PEERS = (
    "aiocache-memory",
    "aiocache-redis",
    "cachetools",
    "cashews-client-side",
    "cashews-memory",
    "cashews-redis",
    "coredis",
    "dogpile-memory",
    "dogpile-redis",
    "redis-py",
    "theine",
)
KEEPING = ("multilevel", "multilevel-l1", *PEERS)
PROTECTED = {name for name in KEEPING if name.startswith(("multi", "aio", "cashews", "dogpile"))}
LEASED = {"aiocache-redis"}
"""Its lock is a lease, which runs out where the machine stands still for long enough."""
LOSES = {"aiocache-memory": {"none"}, "aiocache-redis": {"none"}}
"""Values that a library itself does not give back."""

PAGE = ROOT / "docs" / "reference" / "subjects.md"
VALUE = {"id": "users:1", "tags": ["a", None]}


@pytest.fixture
def addresses(redis_url: str, sqlite_url: str, namespace: str) -> Addresses:
    """Real tiers and a namespace of the test's own."""
    return Addresses(namespace=namespace, l2_url=redis_url, l3_url=sqlite_url)


@pytest.fixture(params=KEEPING)
def name(request: pytest.FixtureRequest) -> str:
    """The name of each subject that keeps something."""
    return request.param


@pytest.fixture
async def subject(name: str, addresses: Addresses) -> AsyncIterator[Subject]:
    """Each of them, started."""
    async with started(name, addresses) as subject:
        yield subject


@asynccontextmanager
async def started(
    name: str, addresses: Addresses, settings: SubjectSettings | None = None
) -> AsyncIterator[Subject]:
    """A subject for the length of the block; its namespace is empty afterwards."""
    subject = build_subject(name, settings or SubjectSettings(), addresses)
    await subject.start()
    try:
        yield subject
    finally:
        await subject.clear()
        await subject.stop()


async def load(key: str) -> dict[str, str]:
    """The origin."""
    return {"loaded": key}


async def test_a_read_says_what_served_it(subject: Subject) -> None:
    """A miss without a loader, the origin with one, then its uppermost tier, for its own write."""
    (uppermost, *_lower) = [tier for tier in TIERS if tier not in subject.lacks]
    assert await subject.get("users:1", None) == Served(None, "miss")
    assert await subject.get("users:1", load) == Served({"loaded": "users:1"}, "origin")
    assert await subject.get("users:1", load) == Served({"loaded": "users:1"}, uppermost)
    await subject.set("users:1", VALUE)
    assert await subject.get("users:1", load) == Served(VALUE, uppermost)
    await subject.delete("users:1")
    assert await subject.get("users:1", None) == Served(None, "miss")
    await subject.delete("users:1")


async def test_values_come_back_as_they_were(subject: Subject, name: str) -> None:
    """Those that a library itself loses are known."""
    for key, value in VALUES_OF_EACH_KIND.items():
        await subject.set(key, value)
    read = {key: await subject.get(key, None) for key in VALUES_OF_EACH_KIND}
    lost = {key for key, served in read.items() if served.tier == "miss"}
    assert lost == LOSES.get(name, set())
    assert {key: served.value for key, served in read.items() if key not in lost} == {
        key: value for key, value in VALUES_OF_EACH_KIND.items() if key not in lost
    }


async def test_many_keys_are_answered_every_one(subject: Subject) -> None:
    """Missing keys are in the answer too; who has no such call says so."""
    if "set_many" in subject.lacks:
        await subject.set("users:1", VALUE)
    else:
        await subject.set_many({"users:1": VALUE, "users:3": 3})
    assert (await subject.get("users:1", None)).value == VALUE
    if "get_many" in subject.lacks:
        assert "scan" in subject.lacks
        return
    answer = await subject.get_many(["users:2", "users:1", "users:3"])
    assert list(answer) == ["users:2", "users:1", "users:3"]
    assert answer["users:2"] == Served(None, "miss")
    assert (answer["users:1"].value, answer["users:3"].value) == (VALUE, 3)


async def test_of_many_callers_at_once_one_loads(
    subject: Subject, name: str, record_property: Callable[[str, object], None]
) -> None:
    """Where the library protects from stampedes; elsewhere the number of loads is noted."""
    loads = 0

    async def slow(key: str) -> dict[str, str]:
        nonlocal loads
        loads += 1
        await asyncio.sleep(0.02)
        return {"loaded": key}

    answers = await asyncio.gather(*(subject.get("users:1", slow) for _ in range(20)))
    record_property("loads", loads)
    assert all(answer.value == {"loaded": "users:1"} for answer in answers)
    # Who is so late that another has stored already reads that where nobody waits for a load.
    tiers = {"origin"} if name in PROTECTED else {"origin", "l2"}
    assert {answer.tier for answer in answers} <= tiers
    most = {name in PROTECTED: 1, name in LEASED: 19}.get(True, 20)
    assert (1 if name in PROTECTED else 2) <= loads <= most


async def test_values_end_with_their_ttl(name: str, addresses: Addresses) -> None:
    """The default one and, where the library has it, each key's own."""
    short = SubjectSettings(l1_default_ttl=0.05, l2_default_ttl=0.05, l3_default_ttl=0.05)
    async with started(name, addresses, short) as subject:
        await subject.set("users:1", VALUE)
        await _gone(subject, "users:1")
        await subject.get("users:2", load)
        await _gone(subject, "users:2")
    async with started(name, addresses) as subject:
        if "ttl" in subject.lacks:
            return
        await subject.set("users:1", VALUE, 0.05)
        await subject.get("users:2", load, 0.05)
        await subject.set("users:3", VALUE)
        await _gone(subject, "users:1")
        await _gone(subject, "users:2")
        assert (await subject.get("users:3", None)).value == VALUE


async def test_nothing_is_left_and_nobody_else_is_disturbed(
    name: str, addresses: Addresses, redis_url: str
) -> None:
    """Neither by a clear, nor by a tier that is emptied: a server is shared."""
    with redis.Redis.from_url(redis_url) as client:
        client.set(f"{addresses.namespace}-other:users:1", "b")
        async with started(name, addresses) as subject:
            await subject.set("users:1", VALUE)
            await subject.get("users:2", load)
            assert client.keys(f"{addresses.namespace}:*") or "l2" in subject.lacks
            for tier in TIERS:
                await subject.empty(tier)
            assert (await subject.get("users:1", None)).tier == "miss"
            await subject.set("users:1", VALUE)
            await subject.clear()
            assert (await subject.get("users:1", None)).tier == "miss"
            await subject.get("users:1", load)
        assert client.delete(f"{addresses.namespace}-other:users:1")
        left = client.keys(f"*{addresses.namespace}*")
        # What ours leaves, so that no write that comes late counts, ends by itself.
        assert not left if name in PEERS else all(client.pttl(key) > 0 for key in left)


async def test_what_a_tier_lacks_can_be_emptied_all_the_same(subject: Subject) -> None:
    """Emptying a tier that a subject lacks leaves the others."""
    await subject.set("users:1", VALUE)
    for tier in TIERS:
        if tier in subject.lacks:
            await subject.empty(tier)
    assert (await subject.get("users:1", None)).value == VALUE


@pytest.mark.parametrize("any_name", sorted(entry_points(group="tierbench.subjects").names))
async def test_every_subject_is_built_and_knows_what_it_lacks(
    any_name: str, addresses: Addresses
) -> None:
    """What the reference page says of it is so; the registry refuses names that nobody knows."""
    async with started(any_name, addresses) as subject:
        lacks = " ".join(sorted(subject.lacks & CAPABILITIES))
        tiers = " ".join(tier for tier in TIERS if tier not in subject.lacks)
        row = rf"^\| `{any_name}` \| [^|]+ \| *{tiers} *\| *{lacks} *\|$"
        assert re.search(row, PAGE.read_text(), re.MULTILINE)
        assert await subject.warm() == 0
        assert set(subject.statistics()) <= {"l1_hits", "l2_hits", "l3_hits", "reads"}
        assert await subject.health() in {None, "healthy"}
        assert ("statistics_mismatches" in subject.lacks) == (subject.statistics() == {})


async def _gone(subject: Subject, key: str) -> None:
    async def is_missed() -> bool:
        return (await subject.get(key, None)).tier == "miss"

    await wait_until_async(is_missed, what=f"the end of {key}")
