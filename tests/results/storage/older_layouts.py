"""Databases of earlier layouts, with rows in every table that each had."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, create_engine, insert

import results
from results.storage import address
from tests.results.build import a_histogram

METRICS = {
    "p50_response_time_ms": 1.5,
    "throughput_ops_per_second": 100.0,
    "error_rate": 0.0,
    "operations": 200.0,
    "server_memory_mib": 2.5,
    "time_to_recover_s": 0.75,
    "recorder_cost_us": 0.2,
    "execution_time_seconds": 2.0,
}
DETAILS = {
    "unsupported": [],
    "loop": "closed",
    "loops": {"load": "closed"},
    "percentiles": {},
    "distributions": {},
    "search": [],
    "fault_windows": [],
    "errors_by_kind": {},
    "timeline": [],
}
_OF_ATTEMPT = {"attempt_id": "a", "phase": "load"}
_OPERATION = {"operation": "get", "tier": "l1", "outcome": "ok"}
_HISTOGRAM = a_histogram(1.0, 2.0).encode()
_JOB = {
    "run_id": "run-1",
    "scenario": "basic_operations",
    "subject": "multilevel",
    "shard": 0,
    "role": "load",
    "deadline_s": 60.0,
    "max_attempts": 3,
    "expectations": [{"metric": "error_rate", "at_most": 0.0}],
    "spec": {},
    "parameters": {},
    "since": 2.0,
    "attempts": 1,
}
_SUMMARY = {
    "run_id": "run-1",
    "scenario": "basic_operations",
    "subject": "multilevel",
    "parameters": "{}",
    "environment_class": "2 cores",
    "shared": False,
}

# What a newer layout added is left out of an older one.
ROWS: dict[str, list[dict[str, Any]]] = {
    "runs": [
        {
            "run_id": "run-1",
            "created_at": 1.0,
            "aggregated_at": 3.0,
            "names": ["quick"],
            "seed": 42,
            "repeats": 1,
            "services": "embedded",
            "subjects": ["multilevel"],
            "code_name": "abc1234",
            "code_dirty": False,
            "code_committed_at": 0.5,
            "labels": {"release": "1"},
            "parameters": {},
            "idempotency_key": "nightly",
        }
    ],
    "jobs": [
        {
            **_JOB,
            "job_id": "job-1",
            "position": 0,
            "repeat": 0,
            "state": "completed",
            "job_group": "group-1",
        },
        {
            **_JOB,
            "job_id": "job-2",
            "position": 1,
            "repeat": 1,
            "state": "failed",
            "job_group": "group-2",
            "reason": "boom",
        },
    ],
    "meetings": [
        {
            "job_group": "group-1",
            "generation": 0,
            "meeting": "start",
            "shard": 0,
            "arrived_at": 1.0,
            "content": b"x",
        }
    ],
    "files": [{"sha256": "0" * 64, "name": "t.trace", "content": b"1 2 3"}],
    "workers": [
        {"worker_id": "w", "host": "host-1", "pid": 11, "started_at": 1.0, "alive_until": 2.0}
    ],
    "environments": [
        {"fingerprint_hash": "f", "environment_class": "2 cores", "fingerprint": {"cpu": "x"}}
    ],
    "attempts": [
        {
            "attempt_id": "a",
            "job_id": "job-1",
            "number": 1,
            "worker_id": "w",
            "host": "host-1",
            "outcome": "accepted",
            "started_at": 1.0,
            "claimed_until": 2.0,
            "ended_at": 2.0,
            "shared": False,
            "execution_time_s": 1.0,
            "fingerprint_hash": "f",
            "unsupported": ["l3"],
            "promises": {"max_staleness_ms": 5.0},
        }
    ],
    "phases": [{**_OF_ATTEMPT, "warmup": False, "start_s": 0.5, "end_s": 1.5, "loop": "closed"}],
    "intervals": [
        {**_OF_ATTEMPT, **_OPERATION, "warmup": False, "second": 0, "histogram": _HISTOGRAM}
    ],
    "distributions": [
        {**_OF_ATTEMPT, "name": "loop_lag", "warmup": False, "histogram": _HISTOGRAM}
    ],
    "readings": [{**_OF_ATTEMPT, "name": "loop_lag_ms", "second": 0, "value": 0.5}],
    "trials": [{**_OF_ATTEMPT, "number": 0, "rate": 10.0, "achieved_rate": 9.5, "held": True}],
    "observations": [{**_OF_ATTEMPT, "metric": "loads", "value": 3.0, "warmup": False}],
    "fault_windows": [
        {
            **_OF_ATTEMPT,
            "kind": "l2_stop",
            "requested_s": 1.0,
            "effective_s": 1.5,
            "cleared_s": 3.0,
        }
    ],
    "window_times": [
        {"attempt_id": "a", "window": 0, "part": "during", **_OPERATION, "histogram": _HISTOGRAM}
    ],
    "window_figures": [{"attempt_id": "a", "window": 0, "name": "recover_s", "value": 0.75}],
    "changes": [
        {"attempt_id": "a", "at_s": 1.0, "what": "health", "state": "degraded", "reason": "x"}
    ],
    "findings": [{**_OF_ATTEMPT, "kind": "stale_reads", "count": 1, "text": "one", "example": []}],
    "summaries": [
        {**_SUMMARY, "id": 1, "repeat": None, "verdict": "pass", "details": DETAILS},
        {**_SUMMARY, "id": 2, "repeat": 0},
    ],
    "metrics": [
        {"summary_id": summary, "phase": phase, "name": name, "value": value}
        for summary in (1, 2)
        for phase in (None, "load")
        for name, value in METRICS.items()
    ],
    "judgements": [
        {
            "summary_id": 1,
            "position": 0,
            "expectation": {"metric": "error_rate", "at_most": 0.0},
            "verdict": "pass",
            "actual": 0.0,
            "reason": "",
            "promised": False,
        }
    ],
}


def make(url: str, layout: str) -> set[str]:
    """A database as it was at an earlier layout; the names of its tables."""
    at = address.parse(url)
    address.make_folder(at)
    engine = create_engine(at)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(results.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, layout)
        filled = _fill(connection)
    engine.dispose()
    return filled


def _fill(connection: Connection) -> set[str]:
    older = MetaData()
    older.reflect(connection)
    tables = [table for table in older.sorted_tables if table.name != "alembic_version"]
    for table in tables:
        columns = set(table.c.keys())
        rows = [
            {name: value for name, value in row.items() if name in columns}
            for row in ROWS[table.name]
        ]
        for row in rows:
            connection.execute(insert(table).values(row))
    return {table.name for table in tables}
