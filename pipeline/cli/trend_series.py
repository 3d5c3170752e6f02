"""Points of a trend put into series: one scenario, one subject, one class of machine each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from pipeline import catalogue
from pipeline.errors import PipelineError, UnknownNameError
from pipeline.nearest import suggest
from pipeline.subjects import names as subject_names
from results.metrics import Metric
from results.store import Store
from results.trends import TrendPoint, trend


class NoFiguresError(PipelineError):
    """No run has figures of what was asked for."""


@dataclass(frozen=True, slots=True)
class Series:
    """Points that may be compared, oldest first, and each one's change against the one before."""

    points: Sequence[TrendPoint]

    @property
    def place(self) -> tuple[str, str]:
        """The scenario and the subject."""
        return self.points[0].scenario, self.points[0].subject

    @property
    def changes(self) -> list[float | None]:
        """The ratio to the previous value less 1; None where there is none to compare with."""
        later = (
            after.value / before.value - 1 if before.value else None
            for before, after in pairwise(self.points)
        )
        return [None, *later]

    def told(self) -> dict[str, Any]:
        """The series as JSON-able data."""
        first = self.points[0]
        return {
            "scenario": first.scenario,
            "subject": first.subject,
            "environment_class": first.environment_class,
            "points": [_told(*pair) for pair in zip(self.points, self.changes, strict=True)],
        }


def find_series(
    store: Store,
    metric: Metric,
    scenario: str | None,
    subject: str | None,
    *,
    last: int | None,
    since_s: float | None,
) -> list[Series]:
    """The series of a metric, in the order of scenarios and subjects.

    Args:
        store: The results database.
        metric: What is asked for.
        scenario: Only this scenario.
        subject: Only this subject.
        last: Only the newest so many runs of each series.
        since_s: Only runs of the last so many seconds.

    Raises:
        UnknownNameError: No such scenario or subject is known here.
        NoFiguresError: There is nothing to show.
    """
    points = trend(
        store, metric.name, scenario=scenario, subject=subject, last=last, since_s=since_s
    )
    if not points:
        _explain(trend(store, metric.name), metric, scenario, subject)
    by_place: dict[tuple[str, str, str | None], list[TrendPoint]] = {}
    for point in points:
        place = (point.scenario, point.subject, point.environment_class)
        by_place.setdefault(place, []).append(point)
    return [Series(each) for each in by_place.values()]


def _explain(
    there: Sequence[TrendPoint], metric: Metric, scenario: str | None, subject: str | None
) -> None:
    scenarios = {point.scenario for point in there} | set(catalogue.names())
    subjects = {point.subject for point in there} | set(subject_names())
    _require("scenario", scenario, scenarios)
    _require("subject", subject, subjects)
    of = f" of {scenario}" if scenario else ""
    hint = f"try `bench run {scenario}`" if scenario and not there else "ask for less"
    raise NoFiguresError(f"no run has {metric.name}{of} as asked for; {hint}")


def _require(what: str, name: str | None, known: Iterable[str]) -> None:
    if name is not None and name not in known:
        raise UnknownNameError(f"no {what} is called {name}{suggest(name, known)}")


def _told(point: TrendPoint, change: float | None) -> dict[str, Any]:
    return {
        "run_id": point.run_id,
        "at": datetime.fromtimestamp(point.at_s).astimezone().isoformat(timespec="seconds"),
        "code_version": point.code_version,
        "dirty": point.dirty,
        "value": point.value,
        "least": point.least,
        "greatest": point.greatest,
        "repeats": point.repeats,
        "shared": point.shared,
        "change": change,
    }
