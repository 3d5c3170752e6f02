"""Series that say the same: in a closed loop service times are response times."""

from collections.abc import Iterable

from results.metrics import Metric, Source
from results.series import Series


def echoes(metric: Metric) -> bool:
    """Whether figures of this metric that equal another one's say nothing of their own.

    Counts that are equal, most of them 0, are about different things all the same.
    """
    return metric.source is Source.INTERVALS and metric.unit != "count"


def without_echoes(found: Iterable[Series]) -> list[Series]:
    """The series without those whose figures an earlier one has already, in one place and unit.

    Args:
        found: In the order of the table of metrics, so that what callers meet comes first.
    """
    kept: dict[tuple[object, ...], Series] = {}
    for series in found:
        kept.setdefault(_figures(series), series)
    return list(kept.values())


def _figures(series: Series) -> tuple[object, ...]:
    key, metric = series.key, series.metric
    if not echoes(metric):
        return (key,)
    place = (key.scenario, key.subject, key.parameters, key.environment_class, key.phase)
    figures = tuple((point.run_id, point.values, point.shared_values) for point in series.points)
    return (*place, metric.unit, figures)
