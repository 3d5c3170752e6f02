"""How long questions to a full results database take, on SQLite and on PostgreSQL."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

from results.series import Selection
from results.storage import series
from results.store import Store
from tests.perf.bench import Bench
from tests.perf.errors import WrongAnswersError
from tests.perf.result import Measured
from tests.perf.stored_history import DAY_S, NEWEST_S, SCENARIOS, fill
from tests.support.postgres import database_of, installed, postgresql

_BENCH: Final = Path(sys.executable).with_name("bench")
_METRIC: Final = "p99_response_time_ms"
_ROUNDS: Final = 5
_RUNS_A_DAY: Final = 10
_DETECTED_SCENARIOS: Final = "scenario-[0-3]"


async def measure(bench: Bench) -> list[Measured]:
    """Fill a database of each kind, and ask it."""
    return [
        *_of("sqlite", bench, f"sqlite:///{bench.folder / 'history.db'}"),
        *_on_postgresql(bench),
    ]


def _on_postgresql(bench: Bench) -> list[Measured]:
    if not installed():
        reason = "no PostgreSQL binaries; install `postgresql`"
        names = ("query", "trends", "detect")
        return [Measured(f"history-{name}-postgresql", None, reason=reason) for name in names]
    with postgresql() as server, database_of(server) as url:
        return _of("postgresql", bench, url)


def _of(kind: str, bench: Bench, url: str) -> list[Measured]:
    with Store.open(url) as store:
        fill(store, bench.sizes.stored_runs)
        query_s = _median(lambda: _query(store, bench.sizes.stored_runs // SCENARIOS))
    help_s = _median(lambda: _command(url, "--help"))
    trends_s = _median(lambda: _command(url, "trends", _METRIC, "--scenario", "scenario-3"))
    more_s = trends_s - help_s
    detect_s = _timed(lambda: _detect(bench, url))
    return [
        Measured(f"history-query-{kind}", query_s * 1e3, query_s),
        Measured(f"history-trends-{kind}", more_s, trends_s, help_s),
        Measured(f"history-detect-{kind}", detect_s, detect_s),
    ]


def _query(store: Store, points: int) -> None:
    wanted = Selection(metrics=(_METRIC,), scenario="scenario-3")
    with store.database.read() as connection:
        found = series.figures(connection, wanted)
        facts = series.facts(connection, wanted)
    if (len(found), len(facts)) != (points, points):
        raise WrongAnswersError(f"{len(found)} figures of {len(facts)} runs, not {points}")


def _detect(bench: Bench, url: str) -> None:
    """Four scenarios of fifty metrics, half of their runs: 200 series of 500 points."""
    days = bench.sizes.stored_runs / _RUNS_A_DAY / 2
    since = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(NEWEST_S - days * DAY_S))
    _command(url, "detect", "--scenario", _DETECTED_SCENARIOS, "--since", since, codes={0, 3, 4})


def _command(url: str, *arguments: str, codes: set[int] | frozenset[int] = frozenset({0})) -> None:
    done = subprocess.run(
        [_BENCH, *arguments],
        env={**os.environ, "BENCH_RESULTS_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in codes:
        raise WrongAnswersError(f"bench {' '.join(arguments)}: {done.stderr}")


def _median(work: Callable[[], None]) -> float:
    return median(_timed(work) for _ in range(_ROUNDS))


def _timed(work: Callable[[], None]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s
