"""Which attempts may have left something that nobody clears."""

from results.records import AbandonedAttempt
from results.store import Store
from tests.results.build import a_job, a_result, complete, plan, take


def test_what_was_not_done_again_is_abandoned_until_another_was_accepted(store: Store) -> None:
    """A job that is still to be done is cleared after by its own next attempt."""
    cancelled, other = a_job(), a_job("run-2")
    plan(store, [cancelled])
    plan(store, [other])
    store.lose(take(store, cancelled).attempt_id, "its worker process died")
    take(store, cancelled)
    assert store.abandoned_attempts() == []
    store.cancel_run("run-1")
    expected = [
        AbandonedAttempt(job_id="run-1-0", number=number, group="run-1-0", generation=0)
        for number in (2, 1)
    ]
    assert store.abandoned_attempts() == expected
    complete(store, other, a_result(invalid_reason="saturated"))
    assert store.abandoned_attempts() == expected
    complete(store, other)
    assert store.abandoned_attempts() == []


def test_who_began_before_a_death_has_not_cleared_after_it(store: Store) -> None:
    """It could not know of it."""
    cancelled, other = a_job(), a_job("run-2")
    plan(store, [cancelled])
    plan(store, [other])
    begun = take(store, other)
    take(store, cancelled)
    store.cancel_run("run-1")
    assert store.finish(begun.attempt_id, a_result())
    assert [each.job_id for each in store.abandoned_attempts()] == ["run-1-0"]
