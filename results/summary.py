"""The arithmetic of every metric: from merged figures to the one number that a report shows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from results.errors import InvalidExpectationError
from results.figures import Figures
from results.metrics import METRICS, Metric, Source

_NS_PER_MS = 1_000_000
_TIERS = ("l1", "l2", "l3", "origin", "miss")
_SINGLE_READ = "get"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a figure is about; None is everything that was measured."""

    phase: str | None = None
    operation: str | None = None
    tier: str | None = None


def check_scope(name: str, scope: Scope) -> None:
    """Refuse to ask for a figure that is not kept so finely.

    Raises:
        InvalidExpectationError: The metric is not kept by operation or tier.
    """
    metric = METRICS[name]
    narrowed = scope.operation is not None or scope.tier is not None
    if narrowed and (metric.source is not Source.INTERVALS or metric.tier is not None):
        raise InvalidExpectationError(
            f"{name} is not kept by operation or tier; leave those out, or judge a response time"
        )


def metric_value(name: str, figures: Figures, scope: Scope = Scope()) -> float | None:
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
    for name, metric in METRICS.items():
        if not figures.unsupported.isdisjoint((name, metric.tier)):
            continue
        value = metric_value(name, figures, Scope(phase))
        if value is not None:
            yield name, value


def _of_intervals(metric: Metric, figures: Figures, scope: Scope) -> float | None:
    if metric.tier is not None:
        scope = Scope(scope.phase, _SINGLE_READ, metric.tier)
    return _FROM_INTERVALS[_measure(metric)](figures, scope)


def _measure(metric: Metric) -> str:
    return "avg_response_time_ms" if metric.tier is not None else metric.name


def _throughput(figures: Figures, scope: Scope) -> float | None:
    operations = _operations(figures, scope)
    time_s = figures.phase_time_s(scope.phase)
    return None if operations is None or not time_s else operations / time_s


def _mean(figures: Figures, scope: Scope) -> float | None:
    times = figures.histogram(scope.phase, scope.operation, scope.tier)
    return times.mean_ns / _NS_PER_MS if times.count else None


def _percentile(percentile: float) -> Callable[[Figures, Scope], float | None]:
    def value(figures: Figures, scope: Scope) -> float | None:
        times = figures.histogram(scope.phase, scope.operation, scope.tier)
        return times.percentile_ns(percentile) / _NS_PER_MS if times.count else None

    return value


def _operations(figures: Figures, scope: Scope) -> float | None:
    # None of some kind is a figure only where others were done; else nothing was measured.
    if not figures.histogram(scope.phase).count:
        return None
    return float(figures.histogram(scope.phase, scope.operation, scope.tier).count)


def _errors(figures: Figures, scope: Scope) -> float | None:
    if not figures.histogram(scope.phase, scope.operation).count:
        return None
    times = figures.histogram(scope.phase, scope.operation, scope.tier, failed_only=True)
    return float(times.count)


def _error_rate(figures: Figures, scope: Scope) -> float | None:
    operations = figures.histogram(scope.phase, scope.operation, scope.tier).count
    errors = _errors(figures, scope)
    return None if errors is None or not operations else errors / operations


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


def _sum_observed(metric: Metric, figures: Figures, scope: Scope) -> float | None:
    values = figures.observed(metric.name, scope.phase)
    return sum(values) if values else None


def _mean_observed(metric: Metric, figures: Figures, scope: Scope) -> float | None:
    values = figures.observed(metric.name, scope.phase)
    return sum(values) / len(values) if values else None


def _max_observed(metric: Metric, figures: Figures, scope: Scope) -> float | None:
    return max(figures.observed(metric.name, scope.phase), default=None)


_FROM_INTERVALS: dict[str, Callable[[Figures, Scope], float | None]] = {
    "throughput_ops_per_second": _throughput,
    "avg_response_time_ms": _mean,
    "p50_response_time_ms": _percentile(50),
    "p95_response_time_ms": _percentile(95),
    "p99_response_time_ms": _percentile(99),
    "p99_9_response_time_ms": _percentile(99.9),
    "max_response_time_ms": _percentile(100),
    "operations": _operations,
    "errors": _errors,
    "error_rate": _error_rate,
}

_SOURCES: dict[Source, Callable[[Metric, Figures, Scope], float | None]] = {
    Source.INTERVALS: _of_intervals,
    Source.READS: _of_reads,
    Source.TIMES: _of_times,
    Source.SUM: _sum_observed,
    Source.MEAN: _mean_observed,
    Source.MAX: _max_observed,
}
