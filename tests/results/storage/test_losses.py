"""Which of a job's attempts were lost because their workers died."""

from results.store import Store
from tests.results.build import OTHER_WORKER, WORKER, a_job, plan, take


def test_a_claim_tells_of_the_deaths_before_it(store: Store) -> None:
    """In their order, with how long ago each was noticed."""
    job = a_job()
    plan(store, [job])
    first = take(store, job)
    assert first.lost == ()
    store.lose(first.attempt_id, "its worker process died (killed by signal 9)")
    take(store, job, period_s=0)
    store.release_expired(store.expired_claims())
    lost = take(store, job, OTHER_WORKER).lost
    assert [each.number for each in lost] == [1, 2]
    assert lost[0].reason == "its worker process died (killed by signal 9)"
    assert lost[1].reason.startswith("its claim ran out")
    assert lost[0].ended_ago_s >= lost[1].ended_ago_s >= 0


def test_deaths_before_a_resumption_are_forgotten(store: Store) -> None:
    """Between them and the next attempt a person took their time."""
    job = a_job()
    plan(store, [job])
    store.lose(take(store, job).attempt_id, "its worker process died (killed by signal 9)")
    store.cancel_run("run-1")
    store.resume_run("run-1", "urls")
    assert take(store, job).lost == ()


def test_who_was_told_to_stop_did_not_die(store: Store) -> None:
    """What was given back resumes nothing; neither does another job's death."""
    job, other = a_job(), a_job(position=1)
    plan(store, [job, other])
    store.lose(take(store, other).attempt_id, "its worker process died (exit code 1)")
    store.give_back(take(store, job).attempt_id, "its worker process was stopped")
    store.give_back(take(store, job).attempt_id, "its worker was told to stop")
    claim = store.claim(job.job_id, WORKER, 60)
    assert claim is not None
    assert claim.lost == ()
