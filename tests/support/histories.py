"""Histories of runs written straight into the tables: many runs cost little so."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert

from results.metrics import METRICS
from results.storage import kinds
from results.store import Store
from results.tables import metrics, runs, summaries

FIRST_S = 1_780_000_000.0
DAY_S = 86_400.0


def store_history(
    store: Store,
    figures: Mapping[str, Sequence[float]],
    *,
    prefix: str = "run",
    runs_too: bool = True,
    changes: Mapping[int, Mapping[str, Any]] | None = None,
    **of_summary: Any,
) -> list[str]:
    """Store runs of one repeat each, a day apart, of the versions v1, v2 and so on.

    Args:
        store: The results database.
        figures: Those of each metric, one for each run.
        prefix: What the runs' ids begin with.
        runs_too: Whether the runs are new, or further figures of runs that are there.
        changes: Columns of runs, by number from 0, that are to be different.
        of_summary: Columns of each summary that are to be different.

    Returns:
        The ids of the runs: `run-1`, `run-2` and so on.
    """
    count = max(map(len, figures.values()))
    run_ids = [f"{prefix}-{number + 1}" for number in range(count)]
    changes = changes or {}
    with store.database.write() as connection:
        numbers = kinds.ids(connection, {name: METRICS[name].unit for name in figures})
        if runs_too:
            rows = [_run(each, number, changes) for number, each in enumerate(run_ids)]
            connection.execute(insert(runs), rows)
        for at, run_id in enumerate(run_ids):
            added = insert(summaries).values(_summary(run_id, of_summary))
            summary_id = connection.execute(added).inserted_primary_key[0]
            rows = [
                {"summary_id": summary_id, "kind_id": numbers[name], "value": values[at]}
                for name, values in figures.items()
            ]
            connection.execute(insert(metrics), rows)
    return run_ids


def _run(run_id: str, number: int, changes: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    created_at = FIRST_S + number * DAY_S
    return {
        "run_id": run_id,
        "created_at": created_at,
        "aggregated_at": created_at,
        "names": ["quick"],
        "seed": number,
        "repeats": 1,
        "services": "embedded",
        "subjects": ["multilevel"],
        "code_name": f"v{number + 1}",
        "code_dirty": False,
        "code_committed_at": created_at - 60,
        "code_branch": "main",
        "excluded_at": None,
        "excluded_reason": None,
        "labels": {},
        "parameters": {},
        **changes.get(number, {}),
    }


def _summary(run_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "scenario": "basic_operations",
        "subject": "multilevel",
        "repeat": 0,
        "parameters": "{}",
        "environment_class": "2 cores",
        "shared": False,
        **changes,
    }
