"""What a report reads of each scenario on each subject: summaries where they say it all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import TypeVar

from sqlalchemy import Connection

from results.compare import COMPARED
from results.details import Details, details_of
from results.figures import Figures
from results.records import Run
from results.report_scenario import ScenarioRecords
from results.storage import history, measured, summaries
from results.storage.planned import planned_jobs
from results.storage.summaries import Summary

_Placed = TypeVar("_Placed", history.AttemptRecord, Summary)


def records_of(
    connection: Connection, run: Run, attempts: Sequence[history.AttemptRecord]
) -> Iterator[ScenarioRecords]:
    """The records of each scenario on each subject, by scenario, in the order of the plan.

    Args:
        connection: A reading transaction.
        run: The run.
        attempts: All attempts of its jobs.
    """
    compared = COMPARED if len(run.subjects) > 1 else ()
    found = summaries.load(connection, run.run_id, of_repeats_phases=compared)
    summarised = _by_place(found)
    attempted = _by_place(attempts)
    errors = history.failed_jobs(connection, run.run_id)
    peers = set(run.subjects[1:])
    planned = planned_jobs(connection, run.run_id)
    for scenario, of_scenario in groupby(planned, key=attrgetter("scenario")):
        jobs_of = list(of_scenario)
        mine = {jobs.subject: summarised[scenario, jobs.subject] for jobs in jobs_of}
        merged = {
            subject: next((each for each in of_subject if each.repeat is None), None)
            for subject, of_subject in mine.items()
        }
        details = _details(connection, run.run_id, scenario, merged)
        for jobs in jobs_of:
            place = (scenario, jobs.subject)
            yield ScenarioRecords(
                jobs=jobs,
                peer=jobs.subject in peers,
                merged=merged[jobs.subject],
                repeats=[each for each in mine[jobs.subject] if each.repeat is not None],
                details=details[jobs.subject],
                attempts=attempted[place],
                job_errors=[(job, reason) for *at, job, reason in errors if tuple(at) == place],
            )


def _details(
    connection: Connection,
    run_id: str,
    scenario: str,
    merged: Mapping[str, summaries.Summary | None],
) -> dict[str, Details]:
    """What aggregation kept; made of the raw records of a run that isn't aggregated (so) yet."""
    kept = {subject: summary.details for subject, summary in merged.items() if summary is not None}
    found = {subject: details for subject, details in kept.items() if details is not None}
    if len(found) == len(merged):
        return found
    attempts = measured.accepted(connection, run_id, scenario)
    return {
        subject: details_of(Figures([each for each in attempts if each.subject == subject]))
        for subject in merged
    }


def _by_place(found: Iterable[_Placed]) -> defaultdict[tuple[str, str], list[_Placed]]:
    places: defaultdict[tuple[str, str], list[_Placed]] = defaultdict(list)
    for each in found:
        places[each.scenario, each.subject].append(each)
    return places
