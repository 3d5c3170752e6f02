"""Waits for a run's jobs and shows on stderr how far they are and what runs."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from pipeline.cli.consoles import console
from pipeline.cli.durations import in_words
from pipeline.cli.errors import say
from pipeline.cli.labels import label, place_of, sharded, under_way
from pipeline.cli.pace import ENDED, Pace, expected_times
from pipeline.plan import Plan
from results.errors import StoreUnavailableError
from results.records import JobState, JobStatus
from results.store import Store

# Looking more often would take the processor from what is being measured.
_POLL_S = 0.5
# For as long as a worker keeps what it has measured.
_AWAY_S = 120.0


class Display(Protocol):
    """Shows where a run's jobs stand."""

    def show(self, jobs: Sequence[JobStatus]) -> None:
        """Show these jobs, all of the run's."""


def wait_for(store: Store, plan: Plan, still_able: Callable[[], None]) -> None:
    """Wait until every job of a run has ended.

    Args:
        store: Where the run is kept.
        plan: The run.
        still_able: Called again and again; raises where waiting has become pointless.

    Raises:
        StoreUnavailableError: The results database was away for two minutes.
    """
    looks = _Looks(store, plan.run.run_id)
    with _display(plan) as display:
        while True:
            jobs = looks.jobs()
            if jobs is not None:
                display.show(jobs)
                if all(job.state in ENDED for job in jobs):
                    return
            still_able()
            time.sleep(_POLL_S)


class _Looks:
    """Looks at a run's jobs, in a database that may be away for a while."""

    def __init__(self, store: Store, run_id: str) -> None:
        self._store = store
        self._run_id = run_id
        self._away_since: float | None = None

    def jobs(self) -> Sequence[JobStatus] | None:
        """All jobs of the run; None while the database is away."""
        try:
            jobs = self._store.job_rows(self._run_id)
        except StoreUnavailableError as error:
            self._bear(error)
            return None
        self._away_since = None
        return jobs

    def _bear(self, error: StoreUnavailableError) -> None:
        if self._away_since is None:
            self._away_since = time.monotonic()
            say(f"{error}; waiting for it, as the workers do")
        if time.monotonic() - self._away_since > _AWAY_S:
            raise error


@contextmanager
def _display(plan: Plan) -> Iterator[Display]:
    stderr = console(stderr=True)
    if not stderr.is_terminal:
        yield Lines(stderr)
        return
    columns = (
        BarColumn(bar_width=24),
        TextColumn("{task.fields[jobs]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        TextColumn("{task.description}"),
    )
    with Bar(*columns, console=stderr, refresh_per_second=2) as bar:
        yield BarDisplay(bar, plan)


class BarDisplay:
    """One line: a bar that moves within jobs too, the jobs done, the time left, what runs now."""

    def __init__(self, bar: Bar, plan: Plan) -> None:
        self._bar = bar
        self._pace = Pace(expected_times(plan))
        self._several = len(plan.run.subjects) > 1
        self._task = bar.add_task("starting", total=1.0, jobs="", left="")

    def show(self, jobs: Sequence[JobStatus]) -> None:
        """Show these jobs, all of the run's."""
        running = under_way(jobs, with_subject=self._several)
        ended = sum(job.state in ENDED for job in jobs)
        done, left_s = self._pace.done(jobs), self._pace.left_s(jobs)
        self._bar.update(
            self._task,
            completed=done,
            jobs=f"{ended}/{len(jobs)}",
            left="" if left_s is None or ended == len(jobs) else f"{in_words(left_s)} left",
            description=", ".join(running) or ("" if ended else "waiting for a worker"),
        )


class Lines:
    """One line for each job that begins or ends, for logs."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._seen: dict[str, tuple[JobState, int]] = {}

    def show(self, jobs: Sequence[JobStatus]) -> None:
        """Show these jobs, all of the run's."""
        done = sum(job.state in ENDED for job in jobs)
        together = sharded(jobs)
        for job in jobs:
            now = (job.state, job.attempt)
            before = self._seen.get(job.job_id)
            if now != before and (before or job.state != JobState.QUEUED):
                told = label(job, with_shard=place_of(job) in together)
                self._out.print(f"{done}/{len(jobs)} {told}: {job.state}", soft_wrap=True)
            self._seen[job.job_id] = now
