"""The tables of the results database; `results/migrations` brings a database to this layout."""

from results.tables.judged import judgements, metrics, summaries
from results.tables.layout import metadata
from results.tables.planned import files, jobs, meetings, runs, workers
from results.tables.seen import (
    attempts,
    changes,
    distributions,
    environments,
    fault_windows,
    findings,
    intervals,
    observations,
    phases,
    readings,
    trials,
    window_figures,
    window_times,
)

__all__ = [
    "attempts",
    "changes",
    "distributions",
    "environments",
    "fault_windows",
    "files",
    "findings",
    "intervals",
    "jobs",
    "judgements",
    "meetings",
    "metadata",
    "metrics",
    "observations",
    "phases",
    "readings",
    "runs",
    "summaries",
    "trials",
    "window_figures",
    "window_times",
    "workers",
]
