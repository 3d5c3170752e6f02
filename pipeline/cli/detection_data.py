"""What `bench detect` found as JSON-able data, for programs."""

from typing import Any

from pipeline.cli.series_titles import told_key
from results.changepoints import FEWEST_POINTS
from results.detection import Detection
from results.found_changes import Change, Group, Unconfirmed
from results.series import Point, Series


def told(found: Detection, min_change: float) -> dict[str, Any]:
    """Everything that was found, known changes too."""
    return {
        "judged": found.judged,
        "min_change": min_change,
        "regressed": found.regressed,
        "groups": [_told_group(each) for each in found.groups],
        "unconfirmed": [_told_unconfirmed(each) for each in found.unconfirmed],
        "too_short": [
            {**_of(each), "runs": len(each.counted), "wanted": FEWEST_POINTS}
            for each in found.too_short
        ],
        "before_their_commit": [_run(point) for point in found.early_runs],
    }


def told_change(change: Change) -> dict[str, Any]:
    """A change as JSON-able data."""
    return {
        **_of(change.series),
        **_run(change.run),
        "last_before": _run(change.last_before),
        "first_after": _run(change.first_after),
        "before": change.found.before,
        "after": change.found.after,
        "ratio": change.found.ratio,
        "p": change.found.p,
        "worse": change.worse,
        "mended": change.mended,
        "fresh": change.fresh,
        "acknowledged": None if change.known is None else change.known.reason,
    }


def _told_group(group: Group) -> dict[str, Any]:
    return {
        "scenario": group.surest.series.key.scenario,
        "subject": group.surest.series.key.subject,
        **_run(group.surest.run),
        "regressed": group.counts,
        "changes": [told_change(change) for change in group.changes],
    }


def _told_unconfirmed(each: Unconfirmed) -> dict[str, Any]:
    return {
        **_of(each.series),
        "points": [{**_run(point), "value": point.value} for point in each.points],
        "level": each.level,
        "worse": each.worse,
        "runs_wanted": each.more,
    }


def _of(series: Series) -> dict[str, Any]:
    metric = series.metric
    return {
        "metric": metric.name,
        "unit": metric.unit,
        "direction": metric.direction.value,
        **told_key(series.key),
    }


def _run(point: Point) -> dict[str, Any]:
    return {"run_id": point.run_id, "code_version": point.code_version.name}
