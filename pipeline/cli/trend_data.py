"""Trends as JSON-able data, for programs."""

from typing import Any

from pipeline.cli.series_titles import told_key
from results.changepoints import ChangePoint
from results.moment import iso_time
from results.series import Point
from results.trends import Trend


def told(trend: Trend) -> dict[str, Any]:
    """A trend as JSON-able data."""
    metric = trend.series.metric
    return {
        "metric": metric.name,
        "unit": metric.unit,
        "direction": metric.direction.value,
        **told_key(trend.series.key),
        "median": trend.median,
        "run_to_run": trend.run_to_run,
        "points": [_told_point(trend, point) for point in trend.series.points],
        "changes": [_told_change(trend, change) for change in trend.changes],
    }


def _told_point(trend: Trend, point: Point) -> dict[str, Any]:
    of_all = point.values or point.shared_values
    version = point.code_version
    return {
        "run_id": point.run_id,
        "at": iso_time(point.at_s),
        "created_at": iso_time(point.created_at_s),
        "code_version": version.name,
        "branch": version.branch,
        "dirty": version.dirty,
        "value": point.value,
        "least": min(of_all),
        "greatest": max(of_all),
        "repeats": len(of_all),
        "shared": not point.values,
        "excluded": point.excluded,
        "labels": dict(point.labels),
        "change": trend.against_before.get(point.run_id),
    }


def _told_change(trend: Trend, change: ChangePoint) -> dict[str, Any]:
    counted = trend.series.counted
    return {
        "run_id": counted[change.index].run_id,
        "code_version": counted[change.index].code_version.name,
        "before_run_id": counted[change.index - 1].run_id,
        "before_code_version": counted[change.index - 1].code_version.name,
        "before": change.before,
        "after": change.after,
        "p": change.p,
    }
