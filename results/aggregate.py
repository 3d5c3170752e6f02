"""Aggregation of a run whose jobs have ended: merge, compute every metric, judge, store."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection

from results.expectation import Judgement, Verdict
from results.figures import AcceptedAttempt, Figures
from results.judgement import judge, verdict_of
from results.storage import measured, runs, summaries
from results.storage.planned import PlannedJobs, planned_jobs
from results.storage.summaries import Summary
from results.store import Store
from results.summary import all_metrics


def aggregate(store: Store, run_id: str) -> bool:
    """Merge and judge what a run's accepted attempts saw; doing it again changes nothing.

    Args:
        store: The results database.
        run_id: The whole id of the run.

    Returns:
        Whether the run is aggregated now; False while any of its jobs is open.

    Raises:
        UnknownRunError: There is no such run.
        StoreUnavailableError: The database failed.
    """
    with store.database.write() as connection:
        runs.find(connection, run_id)
        progress = runs.progress(connection, run_id)
        if progress.ended < progress.total:
            return False
        measured.mark_shared(connection, run_id)
    with store.database.read() as connection:
        found = list(_summaries(connection, run_id))
    with store.database.write() as connection:
        summaries.replace(connection, run_id, found)
    return True


def _summaries(connection: Connection, run_id: str) -> Iterator[Summary]:
    jobs_of_run = planned_jobs(connection, run_id)
    for scenario, subjects in groupby(jobs_of_run, key=attrgetter("scenario")):
        attempts = measured.accepted(connection, run_id, scenario)
        for jobs in subjects:
            of_subject = [each for each in attempts if each.subject == jobs.subject]
            yield from _of_subject(jobs, of_subject)


def _of_subject(jobs: PlannedJobs, attempts: Sequence[AcceptedAttempt]) -> Iterator[Summary]:
    whole = Figures(attempts)
    repeats = {repeat: whole.of_repeat(repeat) for repeat in whole.repeats}
    judgements = judge(jobs.expectations, whole, jobs.counts.shortfall)
    yield _summary(jobs, None, whole, verdict_of(judgements, jobs.counts), judgements)
    for repeat, figures in repeats.items():
        yield _summary(jobs, repeat, figures)


def _summary(
    jobs: PlannedJobs,
    repeat: int | None,
    figures: Figures,
    verdict: Verdict | None = None,
    judgements: tuple[Judgement, ...] = (),
) -> Summary:
    scopes = (None, *figures.phases)
    return Summary(
        scenario=jobs.scenario,
        subject=jobs.subject,
        repeat=repeat,
        parameters=jobs.parameters,
        environment_class=figures.environment_class,
        shared=figures.shared,
        metrics={phase: dict(all_metrics(figures, phase)) for phase in scopes},
        verdict=verdict,
        judgements=judgements,
    )
