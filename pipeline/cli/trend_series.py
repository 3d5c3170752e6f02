"""Series of a trend as they are told: each point with its change against the one before."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from pipeline import catalogue
from pipeline.errors import PipelineError, UnknownNameError
from pipeline.nearest import suggest
from pipeline.subjects import names as subject_names
from results.series import Point, Selection, Series, find_series
from results.store import Store


class NoFiguresError(PipelineError):
    """No run has figures of what was asked for."""


@dataclass(frozen=True)
class Trend:
    """A series, and each point's change against the one before."""

    series: Series

    @property
    def points(self) -> tuple[Point, ...]:
        """Its points, oldest first."""
        return self.series.points

    @property
    def place(self) -> tuple[str, str]:
        """The scenario and the subject."""
        return self.series.key.scenario, self.series.key.subject

    @property
    def parameters(self) -> str:
        """What the user set to something else than the scenario says, as it was asked for."""
        return " ".join(f"{key}={_plain(value)}" for key, value in self._parameters.items())

    @cached_property
    def changes(self) -> list[float | None]:
        """The ratio to the value before less 1; None where there is none to compare with.

        What takes no part is compared with nothing.
        """
        found: list[float | None] = []
        before: float | None = None
        for point in self.points:
            found.append(point.value / before - 1 if point.counts and before else None)
            before = point.value if point.counts else before
        return found

    @cached_property
    def _parameters(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.series.key.parameters)
        return found

    def told(self) -> dict[str, Any]:
        """The series as JSON-able data."""
        key, metric = self.series.key, self.series.metric
        return {
            "metric": metric.name,
            "unit": metric.unit,
            "direction": metric.direction.value,
            "scenario": key.scenario,
            "subject": key.subject,
            "phase": key.phase,
            "parameters": dict(self._parameters),
            "environment_class": key.environment_class,
            "points": [_told(*pair) for pair in zip(self.points, self.changes, strict=True)],
        }


def find_trends(store: Store, wanted: Selection) -> list[Trend]:
    """The series that were asked for, in the order of scenarios and subjects.

    Raises:
        UnknownNameError: No such scenario or subject is known here.
        NoFiguresError: There is nothing to show.
    """
    found = find_series(store, wanted)
    if not found:
        _explain(find_series(store, Selection(metrics=wanted.metrics)), wanted)
    return [Trend(each) for each in found]


def _explain(there: Sequence[Series], wanted: Selection) -> None:
    scenarios = {each.key.scenario for each in there} | set(catalogue.names())
    subjects = {each.key.subject for each in there} | set(subject_names())
    _require("scenario", wanted.scenario, scenarios)
    _require("subject", wanted.subject, subjects)
    of = f" of {wanted.scenario}" if wanted.scenario else ""
    hint = f"try `bench run {wanted.scenario}`" if wanted.scenario and not there else "ask for less"
    names = wanted.metrics[0] if len(wanted.metrics) == 1 else "such a metric"
    raise NoFiguresError(f"no run has {names}{of} as asked for; {hint}")


def _require(what: str, name: str | None, known: Iterable[str]) -> None:
    if name is not None and not {"*", "?"}.intersection(name) and name not in known:
        raise UnknownNameError(f"no {what} is called {name}{suggest(name, known)}")


def _told(point: Point, change: float | None) -> dict[str, Any]:
    of_all = point.values or point.shared_values
    return {
        "run_id": point.run_id,
        "at": datetime.fromtimestamp(point.created_at_s).astimezone().isoformat(timespec="seconds"),
        "code_version": point.code_version.name,
        "dirty": point.code_version.dirty,
        "value": point.value,
        "least": min(of_all),
        "greatest": max(of_all),
        "repeats": len(of_all),
        "shared": not point.values,
        "excluded": point.excluded,
        "change": change,
    }


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
