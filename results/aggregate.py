"""Aggregation of a run whose jobs have ended: merge, compute every metric, judge, store."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection

from results.details import details_of
from results.figures import Figures
from results.judgement import judge, verdict_of
from results.noise import noise_of_machine
from results.relative import Compared, Surroundings
from results.storage import history, measured, runs, summaries
from results.storage.planned import PlannedJobs, planned_jobs
from results.storage.summaries import Summary
from results.store import Store
from results.summary import all_metrics


def aggregate(store: Store, run_id: str) -> bool:
    """Merge and judge what a run's accepted attempts saw; doing it again changes nothing.

    A run that was imported or pruned keeps the figures that it has.

    Args:
        store: The results database.
        run_id: The whole id of the run.

    Returns:
        Whether the run is aggregated now; False while any of its jobs is open, and where it was
        resumed meanwhile.

    Raises:
        UnknownRunError: There is no such run.
        StoreUnavailableError: The database failed.
    """
    with store.database.write() as connection:
        if runs.find(connection, run_id).is_final:
            return True
        ended_at_s = _ended_at_s(connection, run_id)
        if ended_at_s is None:
            return False
        measured.mark_shared(connection, run_id)
    with store.database.read() as connection:
        found = list(_summaries(connection, run_id))
    with store.database.write() as connection:
        runs.lock_run(connection, run_id)
        if _ended_at_s(connection, run_id) != ended_at_s:
            return False
        if runs.find(connection, run_id).is_final:
            return True
        summaries.replace(connection, run_id, found)
    return True


def _ended_at_s(connection: Connection, run_id: str) -> float | None:
    """When a run's last job ended; None while one is open."""
    progress = runs.progress(connection, run_id)
    if progress.ended < progress.total:
        return None
    return history.last_change_s(connection, run_id) or 0.0


def _summaries(connection: Connection, run_id: str) -> Iterator[Summary]:
    jobs_of_run = planned_jobs(connection, run_id)
    for scenario, of_scenario in groupby(jobs_of_run, key=attrgetter("scenario")):
        subjects = {jobs.subject: jobs for jobs in of_scenario}
        figures = _figures(connection, run_id, scenario, subjects)
        around = Surroundings(
            subjects={
                subject: Compared(figures[subject], jobs.counts.shortfall)
                for subject, jobs in subjects.items()
            },
            noise=partial(_noise, connection),
        )
        for subject, jobs in subjects.items():
            yield from _of_subject(jobs, figures[subject], around)


def _figures(
    connection: Connection, run_id: str, scenario: str, subjects: Mapping[str, PlannedJobs]
) -> dict[str, Figures]:
    attempts = measured.accepted(connection, run_id, scenario)
    return {
        subject: Figures([each for each in attempts if each.subject == subject])
        for subject in subjects
    }


def _noise(connection: Connection, figures: Figures) -> dict[str, float]:
    return noise_of_machine(connection, figures.environment_class, len(figures.repeats))


def _of_subject(jobs: PlannedJobs, figures: Figures, around: Surroundings) -> Iterator[Summary]:
    judgements = judge(jobs.expectations, figures, jobs.counts.shortfall, around)
    yield replace(
        _summary(jobs, None, figures),
        verdict=verdict_of(judgements, jobs.counts),
        judgements=judgements,
        details=details_of(figures),
    )
    for repeat, of_repeat in figures.by_repeat.items():
        yield _summary(jobs, repeat, of_repeat)


def _summary(jobs: PlannedJobs, repeat: int | None, figures: Figures) -> Summary:
    scopes = (None, *figures.phases)
    return Summary(
        scenario=jobs.scenario,
        subject=jobs.subject,
        repeat=repeat,
        parameters=jobs.parameters,
        environment_class=figures.environment_class,
        shared=figures.shared,
        metrics={phase: dict(all_metrics(figures, phase)) for phase in scopes},
    )
