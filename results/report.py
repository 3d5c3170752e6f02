"""The report of a run as JSON-able data, built from stored records alone."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from results.compare import SubjectFigures, compare
from results.expectation import Verdict
from results.marks import Note, notes_in
from results.moment import iso_time
from results.records import Progress, Run, StoredRun
from results.report_records import records_of
from results.report_scenario import ScenarioRecords, invalid_attempts, scenario_report
from results.storage import history, runs
from results.store import Store

_SUITE = "Tierbench: multi-level cache benchmark"


def build_report(store: Store, run_id: str) -> dict[str, Any]:
    """The whole report of a run; of one that is not aggregated yet nothing is judged.

    Args:
        store: The results database.
        run_id: A run's id or its unique beginning.

    Returns:
        JSON-able data with keys in a stable order.

    Raises:
        UnknownRunError: There is no such run.
        StoreUnavailableError: The database failed.
    """
    with store.database.read() as connection:
        stored = runs.find(connection, run_id)
        course = _course(connection, stored)
        scenarios = _scenarios(connection, stored.run, course.attempts)
    return {**_head(course), "results": scenarios, "summary": _summary(course, scenarios)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """How a run went as a whole."""

    stored: StoredRun
    progress: Progress
    attempts: Sequence[history.AttemptRecord]
    participants: Sequence[history.Participant]
    environments: Sequence[history.Ran]
    notes: Sequence[Note]
    ended_at_s: float | None


def _course(connection: Connection, stored: StoredRun) -> _Course:
    run_id = stored.run.run_id
    attempts = history.attempts_of(connection, run_id)
    hashes = dict.fromkeys(each.fingerprint_hash for each in attempts if each.fingerprint_hash)
    return _Course(
        stored=stored,
        progress=runs.progress(connection, run_id),
        attempts=attempts,
        participants=history.participants(connection, run_id),
        environments=history.environments_of(connection, list(hashes)),
        notes=notes_in(connection, [run_id]),
        ended_at_s=history.last_change_s(connection, run_id),
    )


def _head(course: _Course) -> dict[str, Any]:
    run = course.stored.run
    code = run.code_version
    environments = [asdict(each) for each in course.environments]
    return {
        "benchmark_suite": _SUITE,
        "timestamp": iso_time(course.stored.created_at_s),
        "run_id": run.run_id,
        "names": list(run.names),
        "subjects": list(run.subjects),
        "seed": run.seed,
        "code_version": {
            "name": code.name,
            "dirty": code.dirty,
            "committed": iso_time(code.committed_at_s),
            "branch": code.branch,
        },
        "labels": dict(run.labels),
        "excluded": course.stored.excluded,
        "notes": [{"at": iso_time(note.at_s), "text": note.text} for note in course.notes],
        "parameters": dict(run.parameters),
        "services": run.services,
        "environment": environments[0] if environments else None,
        "environments": environments,
        "workers": [asdict(each) for each in course.participants],
    }


def _scenarios(
    connection: Connection, run: Run, attempts: Sequence[history.AttemptRecord]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for scenario, of_scenario in groupby(
        records_of(connection, run, attempts), key=lambda each: each.jobs.scenario
    ):
        records = sorted(of_scenario, key=lambda each: each.peer)
        subjects = {each.jobs.subject: scenario_report(each) for each in records}
        found[scenario] = {
            **next(iter(subjects.values())),
            "subjects": subjects,
            **_comparison(records),
        }
    return found


def _comparison(records: Sequence[ScenarioRecords]) -> dict[str, Any]:
    subjects = [
        SubjectFigures(
            name=each.jobs.subject,
            unsupported=frozenset(each.details["unsupported"]),
            merged=each.merged.metrics,
            repeats={of.repeat: of.metrics for of in each.repeats if of.repeat is not None},
        )
        for each in records
        if each.merged is not None
    ]
    return {"comparison": compare(subjects)} if len(subjects) > 1 else {}


def _summary(course: _Course, scenarios: Mapping[str, Any]) -> dict[str, Any]:
    everyone = [each for scenario in scenarios.values() for each in scenario["subjects"].values()]
    reports = [each for each in everyone if not each["peer"]]
    succeeded = sum(each["success"] for each in reports)
    cancelled = course.stored.cancelled_at_s is not None
    verdict = _verdict([each["verdict"] for each in reports], cancelled=cancelled)
    return {
        "overall_success": verdict is Verdict.PASS,
        "verdict": verdict.value,
        "total_execution_time_seconds": sum(each["execution_time_seconds"] for each in everyone),
        "wall_time_seconds": _wall_time_s(course),
        "success_rate": succeeded / len(reports) if reports else 0.0,
        **{
            count: sum(each[count] for each in reports)
            for count in ("tests_passed", "tests_failed", "tests_unknown")
        },
        "jobs": {**asdict(course.progress), "total": course.progress.total},
        "invalid_attempts": invalid_attempts(course.attempts),
        "aggregated": course.stored.aggregated_at_s is not None,
        "cancelled": cancelled,
    }


def _verdict(verdicts: Sequence[str], *, cancelled: bool) -> Verdict:
    if Verdict.FAIL in verdicts:
        return Verdict.FAIL
    if cancelled or Verdict.UNKNOWN in verdicts or not verdicts:
        return Verdict.UNKNOWN
    return Verdict.PASS


def _wall_time_s(course: _Course) -> float:
    ended_at_s = course.ended_at_s or course.stored.created_at_s
    return max(ended_at_s - course.stored.created_at_s, 0.0)
