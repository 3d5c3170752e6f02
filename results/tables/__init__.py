"""The tables of the results database; `results/migrations` brings a database to this layout."""

from results.tables.judged import judgements, kinds, metrics, summaries
from results.tables.layout import metadata
from results.tables.marked import acknowledgements, baselines, notes
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
    "acknowledgements",
    "attempts",
    "baselines",
    "changes",
    "distributions",
    "environments",
    "fault_windows",
    "files",
    "findings",
    "intervals",
    "jobs",
    "judgements",
    "kinds",
    "meetings",
    "metadata",
    "metrics",
    "notes",
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
