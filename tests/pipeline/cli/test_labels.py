"""How jobs are called while they are waited for."""

from pipeline.cli.labels import label, sharded, under_way
from results.records import JobState, JobStatus

_QUEUED, _RUNNING, _COMPLETED = JobState.QUEUED, JobState.RUNNING, JobState.COMPLETED


def a_status(
    state: JobState, shard: int = 0, repeat: int = 0, scenario: str = "coherence"
) -> JobStatus:
    """A job in that state."""
    return JobStatus(
        job_id=f"{scenario}-{repeat}-{shard}",
        state=state,
        scenario=scenario,
        subject="null",
        repeat=repeat,
        shard=shard,
        attempt=1,
        worker=None,
        since_s=0.0,
        reason=None,
    )


def test_a_job_is_called_by_what_sets_it_apart() -> None:
    """Subject, repeat and worker, where there are several."""
    job = a_status(_RUNNING, shard=1, repeat=1)
    assert label(job, with_subject=False) == "coherence (repeat 2)"
    assert label(job, with_shard=True) == "coherence (null, repeat 2, worker 2)"
    assert label(a_status(_RUNNING), with_subject=False) == "coherence"


def test_jobs_of_one_group_are_told_once() -> None:
    """With the number of workers that are still to come."""
    jobs = [
        a_status(_COMPLETED, scenario="small"),
        a_status(_RUNNING),
        a_status(_RUNNING, shard=1),
        a_status(_QUEUED, shard=2),
        a_status(_QUEUED, repeat=1),
    ]
    assert under_way(jobs, with_subject=False) == ["coherence waits for 1 more worker"]
    assert under_way(jobs[:3], with_subject=True) == ["coherence (null)"]
    assert sharded(jobs) == {("coherence", "null", 0)}
