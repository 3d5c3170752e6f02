"""The tables of the results database; `results/migrations` brings a database to this layout."""

from results.tables.judged import judgements, metrics, summaries
from results.tables.layout import metadata
from results.tables.planned import files, jobs, runs, workers
from results.tables.seen import (
    attempts,
    environments,
    fault_windows,
    intervals,
    observations,
    phases,
)

__all__ = [
    "attempts",
    "environments",
    "fault_windows",
    "files",
    "intervals",
    "jobs",
    "judgements",
    "metadata",
    "metrics",
    "observations",
    "phases",
    "runs",
    "summaries",
    "workers",
]
