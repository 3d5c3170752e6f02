"""Whether a percentile stands on enough samples to be judged."""

from results.fault_metrics import FAULT_TIMES
from results.figures import Figures
from results.metrics import METRICS, Source
from results.operation_metrics import PERCENTILES
from results.scope import Scope

WANTED_ABOVE = 5
"""Samples that have to lie above a percentile: 100 in all for a p95, 500 for a p99."""


def too_few(name: str, figures: Figures, scope: Scope) -> str | None:
    """Why a metric's figure can't be judged; None where it can, or is no percentile.

    Args:
        name: A name of `results.metrics.METRICS`.
        figures: The merged attempts.
        scope: The phase, operation and tier that it is about.
    """
    percentile = METRICS[name].percentile
    if percentile is None:
        return None
    count = _count(name, figures, scope)
    wanted = round(100 * WANTED_ABOVE / (100 - percentile))
    if not 0 < count < wanted:
        return None
    return f"{count} samples are too few for a p{percentile:g}: {wanted} or more are enough"


def _count(name: str, figures: Figures, scope: Scope) -> int:
    metric = METRICS[name]
    if metric.source is Source.DISTRIBUTIONS:
        values = figures.distribution(metric.of or "", scope.phase)
        return values.count if values else 0
    if metric.source is Source.WINDOWS:
        return FAULT_TIMES[name].times(figures, scope).count
    return PERCENTILES[name].times(figures, scope).count
