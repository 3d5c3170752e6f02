"""Points of a trend put into series: one scenario, subject, setting and class of machine each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
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
    def parameters(self) -> str:
        """What the user set to something else than the scenario says, as it was asked for."""
        return " ".join(f"{key}={_plain(value)}" for key, value in self._parameters.items())

    @property
    def changes(self) -> list[float | None]:
        """The ratio to the value before less 1; None where there is none to compare with.

        What was measured beside another attempt on its machine is compared with nothing.
        """
        found: list[float | None] = []
        before: float | None = None
        for point in self.points:
            alone = not point.shared
            found.append(point.value / before - 1 if alone and before else None)
            before = point.value if alone else before
        return found

    @property
    def _parameters(self) -> Mapping[str, Any]:
        return self.points[0].parameters

    def told(self) -> dict[str, Any]:
        """The series as JSON-able data."""
        first = self.points[0]
        return {
            "scenario": first.scenario,
            "subject": first.subject,
            "parameters": dict(first.parameters),
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
    return [Series(list(each)) for _, each in groupby(points, key=_series_of)]


def _series_of(point: TrendPoint) -> tuple[Any, ...]:
    return point.scenario, point.subject, point.parameters, point.environment_class


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


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
