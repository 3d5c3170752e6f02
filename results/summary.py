"""The arithmetic of every metric: from merged figures to the one number that a report shows."""

from collections.abc import Callable, Iterator

from results.fault_metrics import of_faults
from results.figures import Figures
from results.metrics import METRICS, Metric, Source
from results.operation_metrics import NS_PER_MS, of_operations
from results.scope import EVERYTHING, Scope, check_scope

_TIERS = ("l1", "l2", "l3", "origin", "miss")


def metric_value(name: str, figures: Figures, scope: Scope = EVERYTHING) -> float | None:
    """One metric of the figures.

    Args:
        name: A name of `results.metrics.METRICS`.
        figures: The merged attempts.
        scope: The phase, operation and tier that it is about.

    Returns:
        The figure in the metric's unit; None where nothing was seen that it could be about.

    Raises:
        InvalidExpectationError: The metric is not kept by operation or tier.
    """
    check_scope(name, scope)
    return _SOURCES[METRICS[name].source](METRICS[name], figures, scope)


def all_metrics(figures: Figures, phase: str | None) -> Iterator[tuple[str, float]]:
    """Every metric that has a figure in a phase, in the order of the table.

    What the subject lacks has none: a tier that isn't there has no hit ratio of 0.
    """
    unsupported = figures.unsupported
    for name, metric in METRICS.items():
        if not unsupported.isdisjoint((name, metric.tier)):
            continue
        value = metric_value(name, figures, Scope(phase))
        if value is not None:
            yield name, value


def _of_reads(metric: Metric, figures: Figures, scope: Scope) -> float | None:
    seen = {tier: figures.observed(f"reads_{tier}", scope.phase) for tier in _TIERS}
    reads = {tier: sum(values) for tier, values in seen.items()}
    if metric.tier is None:
        return _ratio(reads["l1"] + reads["l2"] + reads["l3"], sum(reads.values()))
    reached = sum(reads[tier] for tier in _TIERS[_TIERS.index(metric.tier) :])
    return _ratio(reads[metric.tier], reached)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _of_times(metric: Metric, figures: Figures, scope: Scope) -> float | None:
    if metric.name == "phase_duration_s":
        return figures.phase_time_s(scope.phase)
    return figures.execution_time_s() if scope.phase is None else None


def _of_distributions(metric: Metric, figures: Figures, scope: Scope) -> float | None:
    values = figures.distribution(metric.of or "", scope.phase)
    if values is None:
        return None
    if metric.percentile is not None:
        return values.percentile_ns(metric.percentile) / NS_PER_MS if values.count else None
    # Nothing seen while it was watched for is a total and a maximum of 0.
    return (values.sum_ns if metric.adds_up else values.max_ns) / NS_PER_MS


def _sum_observed(metric: Metric, figures: Figures, scope: Scope) -> float | None:
    values = figures.observed(metric.name, scope.phase)
    return sum(values) if values else None


def _mean_observed(metric: Metric, figures: Figures, scope: Scope) -> float | None:
    values = figures.observed(metric.name, scope.phase)
    return sum(values) / len(values) if values else None


def _max_observed(metric: Metric, figures: Figures, scope: Scope) -> float | None:
    return max(figures.observed(metric.name, scope.phase), default=None)


def _spread_observed(metric: Metric, figures: Figures, scope: Scope) -> float | None:
    return figures.spread(metric.of or metric.name, scope.phase)


_SOURCES: dict[Source, Callable[[Metric, Figures, Scope], float | None]] = {
    Source.INTERVALS: of_operations,
    Source.WINDOWS: of_faults,
    Source.READS: _of_reads,
    Source.TIMES: _of_times,
    Source.DISTRIBUTIONS: _of_distributions,
    Source.SUM: _sum_observed,
    Source.MEAN: _mean_observed,
    Source.MAX: _max_observed,
    Source.SPREAD: _spread_observed,
}
