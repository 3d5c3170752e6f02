"""Series: one metric of one scenario, subject, setting and class of machine over code versions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from sqlalchemy import Connection, Row

from results.metrics import METRICS, Metric
from results.records import CodeVersion
from results.storage import kinds, rows, series
from results.storage.series import Selection
from results.store import Store

__all__ = [
    "Point",
    "Selection",
    "Series",
    "SeriesKey",
    "find_series",
    "other_units",
    "series_in",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesKey:
    """What must be equal for figures to be compared.

    `parameters` are what the user set to something else than the scenario says, as JSON;
    `environment_class` is None where shards ran on several; `phase` is None for all measured ones.
    """

    metric: str
    scenario: str
    subject: str
    parameters: str = "{}"
    environment_class: str | None
    phase: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One run in a series.

    Args:
        run_id: The run.
        created_at_s: When it was created, by the database's clock, in seconds since the epoch.
        code_version: What was measured.
        values: The figures of its repeats that take part, in the order of repeats.
        repeats: The numbers of these repeats.
        shared_values: Those of repeats that overlapped another attempt on their machine.
        excluded: Why the run takes no part; None where it does.
        labels: The run's labels.
    """

    run_id: str
    created_at_s: float
    code_version: CodeVersion = field(default_factory=CodeVersion)
    values: tuple[float, ...]
    repeats: tuple[int, ...] = ()
    shared_values: tuple[float, ...] = ()
    excluded: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def at_s(self) -> float:
        """What points are ordered by: when the code was committed, else when the run was made."""
        committed_at_s = self.code_version.committed_at_s
        return self.created_at_s if committed_at_s is None else committed_at_s

    @property
    def value(self) -> float:
        """The median of its repeats; of those that take no part where there are no others."""
        return median(self.values or self.shared_values)

    @property
    def counts(self) -> bool:
        """Whether it takes part in what is judged."""
        return self.excluded is None and bool(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Points that may be compared, in the order of time; see `Point.at_s`."""

    key: SeriesKey
    points: tuple[Point, ...]

    @property
    def metric(self) -> Metric:
        """What it is about."""
        return METRICS[self.key.metric]

    @property
    def counted(self) -> tuple[Point, ...]:
        """The points that take part."""
        return tuple(point for point in self.points if point.counts)


def find_series(store: Store, wanted: Selection) -> list[Series]:
    """The series that were asked for, with all their points, also those that take no part.

    Args:
        store: The results database.
        wanted: What is asked for.

    Returns:
        By scenario, subject (those without parameters first), class, and the order of metrics.

    Raises:
        StoreUnavailableError: The database failed.
    """
    with store.database.read() as connection:
        return series_in(connection, wanted)


def series_in(connection: Connection, wanted: Selection) -> list[Series]:
    """As `find_series`, in a reading transaction."""
    figures = series.figures(connection, wanted)
    facts = {run.run_id: _facts(run) for run in series.facts(connection, wanted)}
    found: defaultdict[tuple[Any, ...], defaultdict[str, list[Row[Any]]]]
    found = defaultdict(lambda: defaultdict(list))
    for row in figures:
        # Of a hundred thousand rows each is told apart by its plain values: a key costs more.
        found[tuple(row[: len(series.PLACE)])][row.run_id].append(row)
    order = {name: place for place, name in enumerate(METRICS)}
    made = (
        Series(key=_key(place, wanted.phase), points=_newest(_points(by_run, facts), wanted.last))
        for place, by_run in found.items()
    )
    return sorted(made, key=lambda each: _place(each.key, order))


def other_units(store: Store, metrics: Iterable[str]) -> dict[str, frozenset[str]]:
    """Units other than today's in which these metrics are stored too; such figures are left out.

    Raises:
        StoreUnavailableError: The database failed.
    """
    with store.database.read() as connection:
        stored = kinds.units_of(connection, tuple(metrics))
    others = {name: units - {METRICS[name].unit} for name, units in stored.items()}
    return {name: units for name, units in others.items() if units}


def _key(place: tuple[Any, ...], phase: str | None) -> SeriesKey:
    return SeriesKey(**dict(zip(series.PLACE, place, strict=True)), phase=phase)


def _facts(run: Row[Any]) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "created_at_s": run.created_at,
        "code_version": rows.to_code_version(run),
        "excluded": run.excluded_reason,
        "labels": run.labels,
    }


def _place(key: SeriesKey, order: Mapping[str, int]) -> tuple[Any, ...]:
    set_apart = (key.parameters != "{}", key.parameters, key.environment_class or "")
    return key.scenario, key.subject, *set_apart, order[key.metric]


def _points(
    by_run: Mapping[str, Sequence[Row[Any]]], facts: Mapping[str, Mapping[str, Any]]
) -> tuple[Point, ...]:
    # A run may be stored between the two questions; it is in the next answer.
    made = (_point(facts[run_id], found) for run_id, found in by_run.items() if run_id in facts)
    return tuple(sorted(made, key=lambda point: (point.at_s, point.created_at_s, point.run_id)))


def _point(run: Mapping[str, Any], repeats: Sequence[Row[Any]]) -> Point:
    alone = [row for row in repeats if not row.shared]
    return Point(
        **run,
        values=tuple(row.value for row in alone),
        repeats=tuple(row.repeat for row in alone),
        shared_values=tuple(row.value for row in repeats if row.shared),
    )


def _newest(points: tuple[Point, ...], last: int | None) -> tuple[Point, ...]:
    return points if last is None else points[-last:]
