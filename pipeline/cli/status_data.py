"""What `bench status` tells, as JSON-able data: runs, their jobs and the workers that are alive."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from results.records import JobState, JobStatus, Progress, StoredRun
from results.store import Store

RUNS = 10
_STATES = tuple(state.value for state in JobState)


def overview(store: Store) -> dict[str, Any]:
    """The latest runs, newest first, with the jobs of those that still have open ones."""
    runs = [_run(store, stored) for stored in store.runs(RUNS)]
    for run in runs:
        if run["state"] == "open":
            run["jobs"] = _jobs(store, run["run_id"])
    return {"runs": runs, "workers": _workers(store)}


def one_run(store: Store, stored: StoredRun) -> dict[str, Any]:
    """One run with all its jobs, in the order of its plan."""
    run = _run(store, stored)
    return {**run, "jobs": _jobs(store, stored.run.run_id), "workers": _workers(store)}


def local_time(epoch_s: float) -> str:
    """A stored time in this machine's zone, such as `2026-11-22T11:02:59+01:00`."""
    return datetime.fromtimestamp(epoch_s).astimezone().isoformat(timespec="seconds")


def _run(store: Store, stored: StoredRun) -> dict[str, Any]:
    progress = store.progress(stored.run.run_id)
    return {
        "run_id": stored.run.run_id,
        "state": _state(stored, progress),
        "names": list(stored.run.names),
        "created_at": local_time(stored.created_at_s),
        "counts": {state: getattr(progress, state) for state in _STATES},
        "total": progress.total,
        "excluded": stored.excluded,
    }


def _state(stored: StoredRun, progress: Progress) -> str:
    if progress.ended < progress.total:
        return "open"
    return "cancelled" if stored.cancelled_at_s is not None else "ended"


def _jobs(store: Store, run_id: str) -> list[Mapping[str, Any]]:
    return [_job(job) for job in store.job_rows(run_id)]


def _job(job: JobStatus) -> dict[str, Any]:
    worker = job.worker
    return {
        "job_id": job.job_id,
        "state": job.state.value,
        "scenario": job.scenario,
        "subject": job.subject,
        "repeat": job.repeat,
        "shard": job.shard,
        "attempt": job.attempt,
        "worker": worker and {"host": worker.host, "pid": worker.pid, "id": worker.worker_id},
        "since": local_time(job.since_s),
        "reason": job.reason,
    }


def _workers(store: Store) -> list[dict[str, Any]]:
    return [
        {"host": worker.host, "pid": worker.pid, "id": worker.worker_id}
        for worker in store.live_workers()
    ]
