"""The tables of the results database; `results/migrations` brings a database to this layout."""

from results.tables.judged import judgements, metrics, summaries
from results.tables.layout import metadata
from results.tables.planned import files, jobs, meetings, runs, workers
from results.tables.seen import (
    attempts,
    distributions,
    environments,
    fault_windows,
    intervals,
    observations,
    phases,
    readings,
    trials,
)

__all__ = [
    "attempts",
    "distributions",
    "environments",
    "fault_windows",
    "files",
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
    "workers",
]
