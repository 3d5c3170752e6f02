"""The done share of a run and the time that the rest takes."""

import pytest

from pipeline.cli.durations import in_words
from pipeline.cli.pace import Pace
from results.records import JobState, JobStatus

EXPECTED_S = {"a": 10.0, "b": 30.0}


class Clock:
    """Seconds that pass when a test says so."""

    now_s = 100.0

    def __call__(self) -> float:
        """The time now."""
        return self.now_s


def job(job_id: str, state: JobState) -> JobStatus:
    """A job of that id in that state."""
    return JobStatus(
        job_id=job_id,
        state=state,
        scenario="small",
        subject="multilevel",
        repeat=0,
        shard=0,
        attempt=1,
        worker=None,
        since_s=0.0,
        reason=None,
    )


def test_nothing_is_known_before_the_first_job_begins() -> None:
    """No share, no time left."""
    pace = Pace(EXPECTED_S)
    waiting = [job("a", JobState.QUEUED), job("b", JobState.QUEUED)]
    assert pace.done(waiting) == 0
    assert pace.left_s(waiting) is None


def test_a_running_job_counts_by_its_time() -> None:
    """Within a job the share grows; one that takes too long stays almost done."""
    clock = Clock()
    pace = Pace(EXPECTED_S, clock)
    jobs = [job("a", JobState.RUNNING), job("b", JobState.QUEUED)]
    assert pace.done(jobs) == 0
    clock.now_s += 5
    assert pace.done(jobs) == pytest.approx(5 / 40)
    clock.now_s += 500
    assert pace.done(jobs) == pytest.approx(9.5 / 40)


def test_the_time_left_follows_the_pace_so_far() -> None:
    """On a machine that is half as fast as expected the rest takes twice as long."""
    clock = Clock()
    pace = Pace(EXPECTED_S, clock)
    pace.done([job("a", JobState.RUNNING), job("b", JobState.QUEUED)])
    clock.now_s += 20
    assert pace.left_s([job("a", JobState.COMPLETED), job("b", JobState.QUEUED)]) == 60
    assert pace.left_s([job("a", JobState.COMPLETED), job("b", JobState.FAILED)]) == 0


def test_times_are_told_roughly() -> None:
    """Seconds while they matter, minutes afterwards."""
    assert in_words(0.2) == "about 1 s"
    assert in_words(24.6) == "about 25 s"
    assert in_words(170) == "about 3 min"
