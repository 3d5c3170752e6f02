"""Waits for a run's jobs and shows on stderr how far they are and what runs."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from pipeline.cli.consoles import console
from results.records import JobState, JobStatus
from results.store import Store

# Looking more often would take the processor from what is being measured.
_POLL_S = 0.5
_ENDED = (JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED)


class Display(Protocol):
    """Shows where a run's jobs stand."""

    def show(self, jobs: Sequence[JobStatus]) -> None:
        """Show these jobs, all of the run's."""


def wait_for(store: Store, run_id: str, still_able: Callable[[], None]) -> None:
    """Wait until every job of a run has ended.

    Args:
        store: Where the run is kept.
        run_id: The run.
        still_able: Called again and again; raises where waiting has become pointless.
    """
    with _display() as display:
        while True:
            jobs = store.job_rows(run_id)
            display.show(jobs)
            if all(job.state in _ENDED for job in jobs):
                return
            still_able()
            time.sleep(_POLL_S)


def label(job: JobStatus) -> str:
    """A job as people know it: `stampede (null, repeat 2)`."""
    repeat = f", repeat {job.repeat + 1}" if job.repeat else ""
    return f"{job.scenario} ({job.subject}{repeat})"


@contextmanager
def _display() -> Iterator[Display]:
    stderr = console(stderr=True)
    if not stderr.is_terminal:
        yield Lines(stderr)
        return
    columns = (
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Bar(*columns, console=stderr, refresh_per_second=2) as bar:
        yield BarDisplay(bar)


class BarDisplay:
    """One line with a bar, the jobs done and what runs now."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("starting", total=None)

    def show(self, jobs: Sequence[JobStatus]) -> None:
        """Show these jobs, all of the run's."""
        running = [label(job) for job in jobs if job.state == JobState.RUNNING]
        self._bar.update(
            self._task,
            total=len(jobs),
            completed=sum(job.state in _ENDED for job in jobs),
            description=", ".join(running),
        )


class Lines:
    """One line for each job that begins or ends, for logs."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._seen: dict[str, tuple[JobState, int]] = {}

    def show(self, jobs: Sequence[JobStatus]) -> None:
        """Show these jobs, all of the run's."""
        done = sum(job.state in _ENDED for job in jobs)
        for job in jobs:
            now = (job.state, job.attempt)
            before = self._seen.get(job.job_id)
            if now != before and (before or job.state != JobState.QUEUED):
                self._out.print(f"{done}/{len(jobs)} {label(job)}: {job.state}", soft_wrap=True)
            self._seen[job.job_id] = now
