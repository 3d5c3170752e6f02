"""One metric over runs: a point a run in each series.

A series is one scenario on one subject with the same parameters on one class of machine.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby
from statistics import median
from typing import Any

from results.errors import UnknownMetricError
from results.metrics import METRICS, Metric
from results.storage import series
from results.store import Store

_RESPONSE_TIME = "_response_time_ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """A metric of one scenario on one subject in one run.

    `value` is the median over repeats, `least` and `greatest` are their spread. `at_s` is when the
    run was created, in the database's seconds since the epoch. `shared` says that an attempt
    overlapped another on its machine. `parameters` are what the user set to something else than
    the scenario says. `environment_class` is None where shards ran on several.
    """

    run_id: str
    at_s: float
    code_version: str | None
    dirty: bool | None
    scenario: str
    subject: str
    parameters: Mapping[str, Any]
    environment_class: str | None
    shared: bool
    value: float
    least: float
    greatest: float
    repeats: int


def resolve_metric(name: str) -> Metric:
    """The metric with this name, or the only one whose name begins so; of `p95` the response time.

    Raises:
        UnknownMetricError: There is none, or there are several; it knows the nearest names.
    """
    for whole in (name, f"{name}{_RESPONSE_TIME}"):
        if whole in METRICS:
            return METRICS[whole]
    begin_so = tuple(each for each in METRICS if name and each.startswith(name))
    if len(begin_so) == 1:
        return METRICS[begin_so[0]]
    if begin_so:
        several = ", ".join(begin_so)
        raise UnknownMetricError(f"several metrics begin with {name!r}: {several}", begin_so)
    nearest = tuple(get_close_matches(name, METRICS, n=3, cutoff=0.4))
    hint = f"; the nearest are {', '.join(nearest)}" if nearest else ""
    raise UnknownMetricError(f"no metric {name!r}{hint}", nearest)


def trend(
    store: Store,
    metric: str,
    *,
    scenario: str | None = None,
    subject: str | None = None,
    last: int | None = None,
    since_s: float | None = None,
) -> list[TrendPoint]:
    """The points of a metric over all its measured phases.

    Args:
        store: The results database.
        metric: A metric's name or its unique beginning.
        scenario: Only this scenario; all where None.
        subject: Only this subject; all where None.
        last: Only the newest so many runs of each series; all where None.
        since_s: Only runs of the last so many seconds; all where None.

    Returns:
        Points by series, each one's in the order of time.

    Raises:
        UnknownMetricError: There is no such metric.
        StoreUnavailableError: The database failed.
    """
    name = resolve_metric(metric).name
    with store.database.read() as connection:
        rows = series.repeats(
            connection, name, scenario=scenario, subject=subject, last=last, since_s=since_s
        )
    return [_point(list(repeats)) for _, repeats in groupby(rows, key=_place)]


def _place(row: Any) -> tuple[Any, ...]:
    return (*(getattr(row, name) for name in series.SERIES), row.run_id)


def _point(repeats: Sequence[Any]) -> TrendPoint:
    first = repeats[0]
    values = [row.value for row in repeats]
    return TrendPoint(
        run_id=first.run_id,
        at_s=first.created_at,
        code_version=first.code_name,
        dirty=first.code_dirty,
        scenario=first.scenario,
        subject=first.subject,
        parameters=json.loads(first.parameters),
        environment_class=first.environment_class,
        shared=any(row.shared for row in repeats),
        value=median(values),
        least=min(values),
        greatest=max(values),
        repeats=len(values),
    )
