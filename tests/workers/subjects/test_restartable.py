"""A subject that is restarted in mid-use keeps what it shares, and counts on."""

from pathlib import Path

import pytest

from pipeline.subject import SubjectSettings
from tests.workers.scenarios import DictSubject
from workers.subjects import multilevel
from workers.subjects.base import Addresses
from workers.subjects.restartable import RestartableSubject

SETTINGS = SubjectSettings(enable_l2=False, enable_warming=False)


@pytest.fixture
def subject(tmp_path: Path) -> RestartableSubject:
    """Our own cache in front of a database."""
    addresses = Addresses(
        namespace="restarts", l2_url=None, l3_url=f"sqlite:///{tmp_path / 'l3.db'}"
    )
    return RestartableSubject(lambda: multilevel.build(SETTINGS, addresses))


async def test_what_was_in_memory_is_gone_and_the_rest_is_there(
    subject: RestartableSubject,
) -> None:
    """L3 still has it, and L1 is filled again from there."""
    await subject.start()
    try:
        await subject.set("k", 1)
        before = await subject.get("k", None)
        await subject.restart(0.0)
        after = [await subject.get("k", None) for _ in range(2)]
    finally:
        await subject.stop()
    assert (before.tier, [each.tier for each in after]) == ("l1", ["l3", "l1"])
    assert {each.value for each in (before, *after)} == {1}


async def test_its_counts_are_those_of_all_instances(subject: RestartableSubject) -> None:
    """They are compared with what the load's generator counted."""
    await subject.start()
    try:
        await subject.set("k", 1)
        await subject.get("k", None)
        await subject.restart(0.0)
        await subject.get("k", None)
    finally:
        await subject.stop()
    statistics = subject.statistics()
    assert (statistics["l1_hits"], statistics["l3_hits"], statistics["reads"]) == (1, 1, 2)


async def test_a_subject_that_promises_nothing_still_does_not() -> None:
    """Nor does it tell of turns that it knows nothing of."""
    subject = RestartableSubject(DictSubject)
    subject.tell(lambda *_: None)
    assert subject.promises == {}
