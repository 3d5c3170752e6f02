"""What a metric was at some time: any percentile from stored histograms, any figure by period."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from statistics import median
from typing import Literal

from results.asked import Asked
from results.histogram import Histogram
from results.operation_metrics import NS_PER_MS
from results.series import Point, Selection, Series, SeriesKey, find_series
from results.storage.times import times_of_runs
from results.store import Store

By = Literal["run", "commit", "day", "week", "month"]

_RUNS_AT_ONCE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """How a metric is asked for over time.

    Args:
        asked: What `results.asked.resolve` returned.
        wanted: Which series and runs; its metrics are not looked at.
        by: What makes a period; days, weeks and months are in UTC. A run is in that of the commit
            that it measured, where its time is known.
        at_s: Only what there was then, in seconds since the epoch.
        newest: Only so many periods of each series.
        operation: Only the times of this operation.
        tier: Only the times of what this tier served.
    """

    asked: Asked
    wanted: Selection = field(default_factory=Selection)
    by: By = "run"
    at_s: float | None = None
    newest: int | None = None
    operation: str | None = None
    tier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A metric over the runs of one period.

    Args:
        name: The period: a day, an ISO week, a month, a code version or a run's id.
        runs: Its runs, in the order of the series.
        versions: The code versions that were measured, each once; None where one isn't known.
        value: The percentile of all their times together, or the median of their figures.
        least: The lowest figure of one run.
        greatest: The highest figure of one run.
        operations: How many times it stands on; None of a stored figure.
    """

    name: str
    runs: tuple[str, ...]
    versions: tuple[str | None, ...]
    value: float
    least: float
    greatest: float
    operations: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A series by periods, oldest first; `without_times` are runs whose histograms are gone."""

    key: SeriesKey
    periods: tuple[Period, ...]
    without_times: tuple[str, ...] = ()


def find_history(store: Store, question: Question) -> list[History]:
    """A metric by periods, for each series that has runs which take part.

    Raises:
        StoreUnavailableError: The database failed.
    """
    wanted = replace(question.wanted, metrics=(question.asked.counting,))
    answer = _of_figures if question.asked.percentile is None else _of_times
    found = ((each, _periods(each, question)) for each in find_series(store, wanted))
    return [answer(store, each.key, periods, question) for each, periods in found if periods]


_Periods = Mapping[str, Sequence[Point]]


def _periods(series: Series, question: Question) -> _Periods:
    found: defaultdict[str, list[Point]] = defaultdict(list)
    for point in series.counted:
        if question.at_s is None or point.at_s <= question.at_s:
            found[_NAMES[question.by](point)].append(point)
    names = list(found)
    kept = names if question.newest is None else names[-question.newest :]
    return {name: found[name] for name in kept}


def _of_figures(_store: Store, key: SeriesKey, periods: _Periods, _question: Question) -> History:
    made = (
        _period(name, points, median(point.value for point in points), _values(points))
        for name, points in periods.items()
    )
    return History(key=key, periods=tuple(made))


def _of_times(store: Store, key: SeriesKey, periods: _Periods, question: Question) -> History:
    run_ids = [point.run_id for points in periods.values() for point in points]
    times = _times_of(store, key, run_ids, question)
    percentile = question.asked.percentile or 0.0
    made = []
    for name, points in periods.items():
        there = [point for point in points if point.run_id in times]
        if there:
            merged = Histogram.merge(times[point.run_id] for point in there)
            each = [_value_ms(times[point.run_id], percentile) for point in there]
            made.append(_period(name, there, _value_ms(merged, percentile), each, merged.count))
    gone = tuple(run_id for run_id in run_ids if run_id not in times)
    return History(key=key, periods=tuple(made), without_times=gone)


def _times_of(
    store: Store, key: SeriesKey, run_ids: Sequence[str], question: Question
) -> dict[str, Histogram]:
    """The merged times of each run; nothing of one that has none of them."""
    found: defaultdict[str, list[Histogram]] = defaultdict(list)
    for begin in range(0, len(run_ids), _RUNS_AT_ONCE):
        with store.database.read() as connection:
            seen = times_of_runs(
                connection,
                run_ids[begin : begin + _RUNS_AT_ONCE],
                scenario=key.scenario,
                subject=key.subject,
                phase=key.phase,
                operation=question.operation,
                tier=question.tier,
                service=question.asked.service,
            )
        for each in seen:
            if (each.parameters, each.environment_class) == (key.parameters, key.environment_class):
                found[each.run_id].append(each.histogram)
    return {run_id: Histogram.merge(each) for run_id, each in found.items()}


def _value_ms(times: Histogram, percentile: float) -> float:
    return times.percentile_ns(percentile) / NS_PER_MS


def _values(points: Sequence[Point]) -> list[float]:
    return [point.value for point in points]


def _period(
    name: str,
    points: Sequence[Point],
    value: float,
    of_runs: Sequence[float],
    operations: int | None = None,
) -> Period:
    return Period(
        name=name,
        runs=tuple(point.run_id for point in points),
        versions=tuple(dict.fromkeys(point.code_version.name for point in points)),
        value=value,
        least=min(of_runs),
        greatest=max(of_runs),
        operations=operations,
    )


def _day(point: Point) -> datetime:
    return datetime.fromtimestamp(point.at_s, UTC)


def _week(point: Point) -> str:
    year, week, _ = _day(point).isocalendar()
    return f"{year}-W{week:02}"


_NAMES: dict[By, Callable[[Point], str]] = {
    "run": lambda point: point.run_id,
    "commit": lambda point: point.code_version.name or point.run_id,
    "day": lambda point: f"{_day(point):%Y-%m-%d}",
    "week": _week,
    "month": lambda point: f"{_day(point):%Y-%m}",
}
