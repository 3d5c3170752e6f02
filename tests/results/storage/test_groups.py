"""Groups: the shards of one load count together, from one generation, or not at all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from results.aggregate import aggregate
from results.expectation import Expectation
from results.records import AttemptOutcome, Claim, Job, JobState
from results.report import build_report
from results.storage import history
from results.storage.groups import MAX_CLAIMS
from results.store import Store
from tests.results.build import OTHER_WORKER, WORKER, a_job, a_result, plan, take

TOGETHER = "not started together: 1 of 2 workers had come after 30 s"


def a_group(shards: int = 2, position: int = 0, **changes: Any) -> list[Job]:
    """The jobs of one load."""
    jobs = [a_job(position=position + shard, shard=shard, **changes) for shard in range(shards)]
    return [replace(job, group=jobs[0].job_id) for job in jobs]


def begun(store: Store, jobs: list[Job]) -> list[Claim]:
    """All shards, each in the hands of a worker."""
    workers = (WORKER, OTHER_WORKER)
    return [take(store, job, workers[job.shard % 2]) for job in jobs]


def states(store: Store) -> list[JobState]:
    """The jobs' states in the order of the plan."""
    return [row.state for row in store.job_rows("run-1")]


def outcomes(store: Store) -> list[AttemptOutcome]:
    """What became of each attempt, by job and number."""
    with store.database.read() as connection:
        return [AttemptOutcome(each.outcome) for each in history.attempts_of(connection, "run-1")]


def reasons(store: Store) -> list[str | None]:
    """Why each attempt ended so, by job and number."""
    with store.database.read() as connection:
        return [each.reason for each in history.attempts_of(connection, "run-1")]


def test_a_group_is_done_when_all_its_shards_are_accepted(store: Store) -> None:
    """Each is claimed and accepted alone, from the same generation."""
    jobs = a_group()
    plan(store, jobs)
    claims = begun(store, jobs)
    assert [claim.generation for claim in claims] == [0, 0]
    assert all(store.finish(claim.attempt_id, a_result()) for claim in claims)
    assert states(store) == [JobState.COMPLETED] * 2
    assert outcomes(store) == [AttemptOutcome.ACCEPTED] * 2


ENDINGS: dict[str, Callable[[Store, Claim], object]] = {
    "lost": lambda store, claim: store.lose(claim.attempt_id, "its worker died"),
    "given back": lambda store, claim: store.give_back(claim.attempt_id, "its worker died"),
    "invalid": lambda store, claim: store.finish(
        claim.attempt_id, a_result(invalid_reason="its worker died")
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("partner", ["running", "accepted"])
def test_a_group_that_lost_a_shard_begins_again_as_a_whole(
    store: Store, ending: str, partner: str
) -> None:
    """What the other shard does or has done is void; its worker learns it as it renews."""
    jobs = a_group()
    plan(store, jobs)
    store.mark_sent([job.job_id for job in jobs])
    first, second = begun(store, jobs)
    if partner == "accepted":
        assert store.finish(second.attempt_id, a_result())
    ENDINGS[ending](store, first)
    assert states(store) == [JobState.QUEUED] * 2
    assert store.unsent_jobs(60) == [job.job_id for job in jobs]
    assert outcomes(store)[1] is AttemptOutcome.REJECTED
    assert reasons(store)[1] == "another shard of its group ended: its worker died"
    assert not store.renew(second.attempt_id, 60)
    assert not store.finish(second.attempt_id, a_result())
    again = begun(store, jobs)
    assert [(claim.generation, claim.number) for claim in again] == [(1, 2), (1, 2)]
    assert all(store.finish(claim.attempt_id, a_result()) for claim in again)
    assert states(store) == [JobState.COMPLETED] * 2


def test_a_late_shard_of_an_old_generation_is_rejected(store: Store) -> None:
    """A lost attempt may come back, but its group has begun again without it."""
    jobs = a_group()
    plan(store, jobs)
    late = take(store, jobs[0], period_s=0)
    take(store, jobs[1])
    assert store.release_expired(store.expired_claims()) == [jobs[0].job_id]
    assert not store.finish(late.attempt_id, a_result())
    assert states(store) == [JobState.QUEUED] * 2
    assert reasons(store)[0] == "it ended after its group was begun again"


def test_a_shard_that_raised_fails_its_group(store: Store) -> None:
    """The reason stands at the shard; nobody tries again, and nothing of it counts."""
    jobs = a_group(3)
    plan(store, jobs)
    first, second = take(store, jobs[0]), take(store, jobs[1])
    assert store.finish(first.attempt_id, a_result())
    assert not store.finish(second.attempt_id, a_result(error="KeyError: 'x'"))
    assert states(store) == [JobState.FAILED] * 3
    assert [row.reason for row in store.job_rows("run-1")] == [
        "another shard of its group failed",
        "KeyError: 'x'",
        "another shard of its group failed",
    ]
    assert outcomes(store) == [AttemptOutcome.REJECTED, AttemptOutcome.FAILED]
    assert store.claim(jobs[2].job_id, WORKER, 60) is None


def test_a_group_whose_attempts_are_used_up_has_failed(store: Store) -> None:
    """A shard that is lost each time takes the others with it in the end."""
    jobs = a_group()
    plan(store, jobs)
    for _ in range(MAX_CLAIMS):
        assert states(store) == [JobState.QUEUED] * 2
        claims = begun(store, jobs)
        store.lose(claims[1].attempt_id, "its worker died")
    assert states(store) == [JobState.FAILED] * 2
    reason = store.job_rows("run-1")[1].reason
    assert reason == f"its worker died; given up after {MAX_CLAIMS} attempts"


def test_a_group_is_attempted_no_oftener_than_one_of_its_jobs(store: Store) -> None:
    """Whichever shard is lost, and whether the others had been claimed by then."""
    jobs = a_group()
    plan(store, jobs)
    for _ in range(MAX_CLAIMS - 1):
        store.lose(take(store, jobs[0]).attempt_id, "its worker died")
    claims = begun(store, jobs)
    store.lose(claims[1].attempt_id, "its worker died too")
    assert states(store) == [JobState.FAILED] * 2


def test_a_group_is_invalid_no_oftener_than_one_of_its_jobs(store: Store) -> None:
    """Each time another shard is in doubt; what was lost between does not count."""
    jobs = a_group(max_attempts=2)
    plan(store, jobs)
    for shard in (0, 1):
        assert states(store) == [JobState.QUEUED] * 2
        store.lose(take(store, jobs[0]).attempt_id, "its worker died")
        claims = begun(store, jobs)
        store.finish(claims[shard].attempt_id, a_result(invalid_reason="saturated"))
    assert states(store) == [JobState.FAILED] * 2


def _verdict(store: Store) -> tuple[str, dict[str, int]]:
    aggregate(store, "run-1")
    result = build_report(store, "run-1")["results"]["basic_operations"]
    return result["verdict"], result["jobs"]


EXPECTED = (Expectation(metric="errors", equals=0),)


def test_a_group_that_did_not_start_together_is_given_up_as_invalid(store: Store) -> None:
    """Nobody tries again, whether a shard waited or never came; the verdict is unknown."""
    jobs = a_group(3, expectations=EXPECTED)
    plan(store, jobs)
    waiting, also_waiting = take(store, jobs[0]), take(store, jobs[1], OTHER_WORKER)
    store.give_up(waiting.attempt_id, TOGETHER)
    store.give_up(also_waiting.attempt_id, "twice")
    assert not store.renew(also_waiting.attempt_id, 60)
    assert not store.finish(also_waiting.attempt_id, a_result())
    assert {row.reason for row in store.job_rows("run-1")} == {TOGETHER}
    assert outcomes(store) == [AttemptOutcome.INVALID] * 2
    verdict, counts = _verdict(store)
    assert verdict == "unknown"
    assert (counts["invalid"], counts["failed"]) == (3, 0)


def test_a_shard_that_was_rejected_before_is_not_counted_as_failed(store: Store) -> None:
    """What became of its earlier attempts says nothing about a group that was given up."""
    jobs = a_group(expectations=EXPECTED)
    plan(store, jobs)
    first, _second = begun(store, jobs)
    store.lose(first.attempt_id, "its worker died")
    store.give_up(take(store, jobs[0]).attempt_id, TOGETHER)
    verdict, counts = _verdict(store)
    assert (verdict, counts["invalid"], counts["failed"]) == ("unknown", 2, 0)


def test_a_group_that_stays_invalid_is_not_counted_as_failed(store: Store) -> None:
    """All of its shards count as invalid, though one of them alone was in doubt."""
    jobs = a_group(expectations=EXPECTED, max_attempts=1)
    plan(store, jobs)
    first, second = begun(store, jobs)
    assert store.finish(first.attempt_id, a_result())
    assert not store.finish(second.attempt_id, a_result(invalid_reason="saturated"))
    verdict, counts = _verdict(store)
    assert (verdict, counts["accepted"], counts["invalid"], counts["failed"]) == (
        "unknown",
        0,
        2,
        0,
    )


def test_cancelling_takes_back_what_a_group_did_in_part(store: Store) -> None:
    """A completed shard of an open group counts for nothing; a completed group stays."""
    done, half = a_group(), a_group(position=2)
    plan(store, done + half)
    for claim in begun(store, done):
        store.finish(claim.attempt_id, a_result())
    first, _second = begun(store, half)
    store.finish(first.attempt_id, a_result())
    assert store.cancel_run("run-1") == 2
    assert states(store) == [JobState.COMPLETED] * 2 + [JobState.CANCELLED] * 2
    assert outcomes(store) == [AttemptOutcome.ACCEPTED] * 2 + [AttemptOutcome.CANCELLED] * 2


def test_shards_of_a_group_do_not_share_their_machine_with_strangers(store: Store) -> None:
    """They overlap as they should; a job beside them on the same machine disturbs them."""
    jobs = [*a_group(), *a_group(position=2, scenario="other"), a_job(position=4, scenario="other")]
    plan(store, jobs)
    for claim in [take(store, job) for job in jobs[:2]]:
        store.finish(claim.attempt_id, a_result())
    for claim in [take(store, job) for job in jobs[2:]]:
        store.finish(claim.attempt_id, a_result())
    aggregate(store, "run-1")
    with store.database.read() as connection:
        found = [each.shared for each in history.attempts_of(connection, "run-1")]
    assert found == [False, False, True, True, True]


def test_a_shard_that_waits_disturbs_nobody(store: Store) -> None:
    """It has started when its group begins, not when it was claimed while others ended."""
    first, second = a_group(), a_group(position=2)
    plan(store, first + second)
    claims = begun(store, first)
    waiting = take(store, second[0])
    for claim in claims:
        store.finish(claim.attempt_id, a_result())
    for claim in (waiting, take(store, second[1], OTHER_WORKER)):
        store.begin(claim.attempt_id)
        store.finish(claim.attempt_id, a_result())
    aggregate(store, "run-1")
    with store.database.read() as connection:
        assert [each.shared for each in history.attempts_of(connection, "run-1")] == [False] * 4


def test_shards_that_end_at_once_never_wait_for_each_other_in_a_circle(store: Store) -> None:
    """Over and over, one shard is accepted while the other is lost: the group begins again."""
    jobs = a_group()
    plan(store, jobs)
    with ThreadPoolExecutor(3) as pool:
        for _ in range(MAX_CLAIMS - 1):
            first, second = begun(store, jobs)
            barrier = Barrier(3)

            def at_once(step: Callable[[], object], barrier: Barrier = barrier) -> object:
                barrier.wait()
                return step()

            steps = (
                lambda attempt=first: store.finish(attempt.attempt_id, a_result()),
                lambda attempt=second: store.lose(attempt.attempt_id, "its worker died"),
                lambda: store.mark_sent([job.job_id for job in reversed(jobs)]),
            )
            list(pool.map(at_once, steps))
            assert states(store) == [JobState.QUEUED] * 2
