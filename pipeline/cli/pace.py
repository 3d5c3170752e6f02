"""How far a run is and roughly how long it still takes, by what its scenarios say they take."""

import time
from collections.abc import Callable, Mapping, Sequence

from pipeline.jobspec import decode
from pipeline.plan import Plan
from results.records import JobState, JobStatus

ENDED = (JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED)
# A job that takes longer than its scenario says is almost done for as long as it takes.
_ALMOST = 0.95


def expected_times(plan: Plan) -> dict[str, float]:
    """How many seconds each job takes by its scenario's own word, by the job's id."""
    return {job.job_id: decode(job.spec).scenario.time_s for job in plan.jobs}


class Pace:
    """The done share of a run's work, and the time that the rest takes at the pace so far.

    Args:
        expected_s: Seconds that each job is expected to take, by its id; only ratios matter.
        clock: Seconds from any origin.
    """

    def __init__(
        self, expected_s: Mapping[str, float], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._expected_s = expected_s
        self._clock = clock
        self._started_s: dict[tuple[str, int], float] = {}

    def done(self, jobs: Sequence[JobStatus]) -> float:
        """The share of the work that is done, from 0 to 1."""
        all_s = sum(self._expected_s.values())
        return sum(self._done_s(job) for job in jobs) / all_s if all_s else 1.0

    def left_s(self, jobs: Sequence[JobStatus]) -> float | None:
        """Seconds that the rest takes at the pace so far; None before the first job began."""
        done = self.done(jobs)
        if not self._started_s or not done:
            return None
        return (self._clock() - min(self._started_s.values())) * (1 - done) / done

    def _done_s(self, job: JobStatus) -> float:
        expected_s = self._expected_s[job.job_id]
        if job.state == JobState.RUNNING:
            now_s = self._clock()
            started_s = self._started_s.setdefault((job.job_id, job.attempt), now_s)
            return min(now_s - started_s, _ALMOST * expected_s)
        return expected_s if job.state in ENDED else 0.0
