"""One contract for every subject of this room."""

from collections.abc import AsyncIterator

import pytest

from pipeline.subject import SubjectSettings
from workers.errors import SubjectError
from workers.subjects.base import Addresses, Served, Subject
from workers.subjects.multilevel import build
from workers.subjects.registry import build_subject

VALUE = {"id": "users:1", "tags": ["a", None]}


@pytest.fixture
def addresses(redis_url: str, sqlite_url: str, namespace: str) -> Addresses:
    """Real tiers and a namespace of the test's own."""
    return Addresses(namespace=namespace, l2_url=redis_url, l3_url=sqlite_url)


@pytest.fixture(params=["multilevel", "null"])
async def subject(request: pytest.FixtureRequest, addresses: Addresses) -> AsyncIterator[Subject]:
    """Each subject, started."""
    subject = build_subject(request.param, SubjectSettings(), addresses)
    await subject.start()
    yield subject
    await subject.stop()


async def _load(key: str) -> dict[str, str]:
    return {"loaded": key}


async def test_a_read_says_what_served_it(subject: Subject) -> None:
    """A miss without a loader, the origin with one, then whatever tier it has."""
    assert await subject.get("users:1", None) == Served(None, "miss")
    assert await subject.get("users:1", _load) == Served({"loaded": "users:1"}, "origin")
    again = await subject.get("users:1", _load)
    assert again == Served({"loaded": "users:1"}, "origin" if "l1" in subject.lacks else "l1")


async def test_many_keys_are_answered_every_one(subject: Subject) -> None:
    """Missing keys are in the answer too."""
    await subject.set_many({"users:1": VALUE})
    answer = await subject.get_many(["users:1", "users:2"])
    assert set(answer) == {"users:1", "users:2"}
    assert answer["users:2"] == Served(None, "miss")
    if "l1" not in subject.lacks:
        assert answer["users:1"] == Served(VALUE, "l1")


async def test_what_was_deleted_or_cleared_is_gone(subject: Subject) -> None:
    """From every tier."""
    await subject.set("users:1", VALUE)
    await subject.delete("users:1")
    await subject.set("users:2", VALUE)
    await subject.clear()
    answer = await subject.get_many(["users:1", "users:2"])
    assert {served.tier for served in answer.values()} == {"miss"}


async def test_each_tier_of_ours_can_be_emptied_alone(addresses: Addresses) -> None:
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


async def test_ours_counts_reads_as_its_caller_does(addresses: Addresses) -> None:
    """Its own statistics name every answered read, and its health is good."""
    subject = build(SubjectSettings(), addresses)
    await subject.start()
    await subject.get("users:1", _load)
    await subject.get("users:1", None)
    await subject.get_many(["users:1", "users:2"])
    assert subject.statistics() == {"l1_hits": 2, "l2_hits": 0, "l3_hits": 0, "reads": 4}
    assert await subject.health() == "healthy"
    await subject.stop()


def test_settings_replace_what_the_preset_says(addresses: Addresses) -> None:
    """None leaves a value, `"none"` is no TTL, and a missing tier is one that it lacks."""
    subject = build(
        SubjectSettings(preset="l2_disabled", l1_max_size=7, l1_default_ttl="none"), addresses
    )
    config = subject._cache.config
    assert (config.l1_max_size, config.l1_default_ttl, config.l2_default_ttl) == (7, None, 300)
    assert {"l2", "l2_hit_ratio"} <= subject.lacks
    assert "l3" not in subject.lacks


def test_an_unknown_subject_is_named(addresses: Addresses) -> None:
    """With those that there are."""
    with pytest.raises(SubjectError, match=r"'cashews-lru' is not installed .*multilevel"):
        build_subject("cashews-lru", SubjectSettings(), addresses)
