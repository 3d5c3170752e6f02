"""A results database with the figures of thousands of runs, as if they had been measured."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, insert

from results.metrics import METRICS, Direction
from results.storage import kinds
from results.store import Store
from results.tables import metrics, runs, summaries

SCENARIOS: Final = 10
DAY_S: Final = 86_400.0
NEWEST_S: Final = 1_760_000_000.0
_METRICS_OF_A_RUN: Final = 50
_AT_ONCE: Final = 250
# Of each run the figures of its only repeat, and those of all repeats together.
_REPEATS: Final = (None, 0)

METRIC_NAMES: Final = tuple(
    metric.name for metric in METRICS.values() if metric.direction is not Direction.NEITHER
)[:_METRICS_OF_A_RUN]


def fill(store: Store, run_count: int) -> int:
    """Store so many runs, each of one of ten scenarios; how many figures they have together."""
    random = np.random.default_rng(11)
    levels = random.lognormal(0, 2, (SCENARIOS, len(METRIC_NAMES)))
    with store.database.write() as connection:
        ids = kinds.ids(connection, {name: METRICS[name].unit for name in METRIC_NAMES})
        numbers = [ids[name] for name in METRIC_NAMES]
        for begin in range(0, run_count, _AT_ONCE):
            places = range(begin, min(begin + _AT_ONCE, run_count))
            connection.execute(insert(runs), [_run(place, run_count) for place in places])
            _store_figures(connection, places, numbers, levels, random)
    return run_count * len(METRIC_NAMES) * len(_REPEATS)


def _store_figures(
    connection: Connection,
    places: range,
    numbers: list[int],
    levels: np.ndarray,
    random: np.random.Generator,
) -> None:
    rows = [row for place in places for row in _summaries(place)]
    connection.execute(insert(summaries), rows)
    values: list[dict[str, Any]] = []
    for row in rows:
        noise = random.lognormal(0, 0.03, len(numbers))
        figures = (levels[_scenario_of(_place_of(row)), :] * noise).tolist()
        values += [
            {"summary_id": row["id"], "kind_id": number, "phase": None, "value": value}
            for number, value in zip(numbers, figures, strict=True)
        ]
    connection.execute(insert(metrics), values)


def _scenario_of(place: int) -> int:
    return place % SCENARIOS


def _place_of(row: dict[str, Any]) -> int:
    return int(row["run_id"].rpartition("-")[2])


def _run(place: int, run_count: int) -> dict[str, Any]:
    created_at = NEWEST_S - (run_count - place) * DAY_S / 10
    return {
        "run_id": f"run-{place}",
        "created_at": created_at,
        "aggregated_at": created_at,
        "names": ["all"],
        "seed": place,
        "repeats": 1,
        "services": "embedded",
        "subjects": ["multilevel"],
        "code_name": f"commit-{place}",
        "code_dirty": False,
        "code_committed_at": created_at - 60,
        "code_branch": "main" if place % 3 else "other",
        "labels": {"release": f"1.{place % 7}"},
        "parameters": {},
    }


def _summaries(place: int) -> Iterator[dict[str, Any]]:
    for number, repeat in enumerate(_REPEATS):
        yield {
            "id": place * len(_REPEATS) + number + 1,
            "run_id": f"run-{place}",
            "scenario": f"scenario-{_scenario_of(place)}",
            "subject": "multilevel",
            "repeat": repeat,
            "parameters": "{}",
            "environment_class": "2 cores, Linux, Python 3.11",
            "shared": False,
            "verdict": None if number else "pass",
        }
