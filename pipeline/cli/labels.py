"""Jobs as people know them, and what is under way: `stampede (null, repeat 2, worker 1)`."""

from collections.abc import Sequence

from results.records import JobState, JobStatus

_Place = tuple[str, str, int]


def label(job: JobStatus, *, with_subject: bool = True, with_shard: bool = False) -> str:
    """One job: its scenario, and what sets it apart from the run's others.

    Args:
        job: The job.
        with_subject: Whether the run has several subjects.
        with_shard: Whether several workers make the load together.
    """
    details = [job.subject] if with_subject else []
    if job.repeat:
        details.append(f"repeat {job.repeat + 1}")
    if with_shard:
        details.append(f"worker {job.shard + 1}")
    return _with_details(job.scenario, details)


def sharded(jobs: Sequence[JobStatus]) -> frozenset[_Place]:
    """Scenario, subject and repeat of each load that several workers make together."""
    return frozenset(place_of(job) for job in jobs if job.shard)


def place_of(job: JobStatus) -> _Place:
    """The scenario, the subject and the repeat that a job is about."""
    return job.scenario, job.subject, job.repeat


def under_way(jobs: Sequence[JobStatus], *, with_subject: bool) -> list[str]:
    """What runs now; of workers that make a load together: how many of them are still to come.

    Args:
        jobs: All jobs of a run.
        with_subject: Whether the run has several subjects.
    """
    running = {place_of(job): job for job in jobs if job.state == JobState.RUNNING}
    queued = [place_of(job) for job in jobs if job.state == JobState.QUEUED]
    return [
        _with_waiting(label(job, with_subject=with_subject), queued.count(place))
        for place, job in running.items()
    ]


def _with_waiting(text: str, missing: int) -> str:
    return f"{text} waits for {missing} more worker{'s' * (missing > 1)}" if missing else text


def _with_details(scenario: str, details: Sequence[str]) -> str:
    return f"{scenario} ({', '.join(details)})" if details else scenario
