"""Meetings: shards of one generation see each other, and nobody else."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from results.records import Claim
from results.store import Store
from results.tables import meetings
from tests.results.build import a_result, plan
from tests.results.storage.test_groups import a_group, begun


def test_shards_see_who_has_come_and_what_they_brought(store: Store) -> None:
    """Each comes once, at the database's time; coming twice changes nothing."""
    jobs = a_group()
    plan(store, jobs)
    first, second = begun(store, jobs)
    before_s = store.now_s()
    store.arrive(first, "begin", b"one")
    assert list(store.meeting(second, "begin").arrived_at_s) == [0]
    store.arrive(second, "begin", b"two")
    store.arrive(second, "begin", b"changed")
    meeting = store.meeting(first, "begin")
    assert meeting.wanted
    assert store.handed_over(first, "begin") == {0: b"one", 1: b"two"}
    assert before_s <= meeting.arrived_at_s[0] <= meeting.arrived_at_s[1] <= store.now_s()
    assert store.meeting(first, "end").arrived_at_s == {}


def test_a_new_generation_meets_afresh(store: Store) -> None:
    """Who is still in the old one learns that nobody wants it any more."""
    jobs = a_group()
    plan(store, jobs)
    first, second = begun(store, jobs)
    for claim in (first, second):
        store.arrive(claim, "begin", b"old")
    store.lose(first.attempt_id, "its worker died")
    assert not store.meeting(second, "begin").wanted
    again, _second = begun(store, jobs)
    store.arrive(second, "begin", b"late")
    store.arrive(again, "begin", b"new")
    assert store.handed_over(again, "begin") == {0: b"new"}


def test_meetings_are_forgotten_with_their_group(store: Store) -> None:
    """What was handed over is kept until the last shard has it, and no longer."""
    jobs = a_group()
    plan(store, jobs)
    first, second = begun(store, jobs)
    store.arrive(first, "log", b"many bytes")
    store.finish(first.attempt_id, a_result())
    assert store.handed_over(second, "log") == {0: b"many bytes"}
    store.finish(second.attempt_id, a_result())
    assert store.handed_over(second, "log") == {}


@pytest.mark.parametrize(
    "ending",
    [
        lambda store, claim: store.cancel_run(claim.job.run_id),
        lambda store, claim: store.give_up(claim.attempt_id, "not started together"),
        lambda store, claim: store.finish(claim.attempt_id, a_result(error="KeyError: 'x'")),
    ],
    ids=["cancelled", "given up", "failed"],
)
def test_nothing_is_left_of_a_group_that_ended_badly(
    store: Store, ending: Callable[[Store, Claim], object]
) -> None:
    """Neither what was brought before, nor what a shard brings that has not heard of it."""
    jobs = a_group()
    plan(store, jobs)
    first, second = begun(store, jobs)
    store.arrive(first, "begin", b"one")
    ending(store, first)
    store.arrive(second, "begin", b"two")
    with store.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(meetings)).scalar_one() == 0
