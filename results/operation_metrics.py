"""The metrics that are made of operations' times: counts, means, percentiles and throughput."""

from collections.abc import Callable
from dataclasses import dataclass

from results.figures import Figures
from results.histogram import Histogram
from results.merging import Ending
from results.metrics import Metric
from results.scope import Scope

NS_PER_MS = 1_000_000
_SINGLE_READ = "get"


@dataclass(frozen=True, slots=True)
class Percentile:
    """One percentile of operations' times: of which ending, from when they were due or sent."""

    percentile: float
    ending: Ending = Ending.ANY
    service: bool = False

    def times(self, figures: Figures, scope: Scope) -> Histogram:
        """The times that it is a percentile of."""
        return figures.comparable_times(
            scope.phase, scope.operation, scope.tier, ending=self.ending, service=self.service
        )

    def value_ms(self, figures: Figures, scope: Scope) -> float | None:
        """It, in milliseconds; None where there is no such operation."""
        times = self.times(figures, scope)
        return times.percentile_ns(self.percentile) / NS_PER_MS if times.count else None


PERCENTILES = {
    "p50_response_time_ms": Percentile(50),
    "p95_response_time_ms": Percentile(95),
    "p99_response_time_ms": Percentile(99),
    "p99_9_response_time_ms": Percentile(99.9),
    "max_response_time_ms": Percentile(100),
    "p50_ok_response_time_ms": Percentile(50, Ending.OK),
    "p95_ok_response_time_ms": Percentile(95, Ending.OK),
    "p99_ok_response_time_ms": Percentile(99, Ending.OK),
    "p50_service_time_ms": Percentile(50, service=True),
    "p95_service_time_ms": Percentile(95, service=True),
    "p99_service_time_ms": Percentile(99, service=True),
    "max_service_time_ms": Percentile(100, service=True),
}


def of_operations(metric: Metric, figures: Figures, scope: Scope) -> float | None:
    """One metric of the operations in a scope; None where there are none that it is about."""
    if metric.tier is not None:
        return _mean(figures, Scope(scope.phase, _SINGLE_READ, metric.tier))
    if metric.name in PERCENTILES:
        return PERCENTILES[metric.name].value_ms(figures, scope)
    return _OTHERS[metric.name](figures, scope)


def _throughput(figures: Figures, scope: Scope) -> float | None:
    if not figures.comparable_times(scope.phase).count:
        return None
    operations = figures.comparable_times(scope.phase, scope.operation, scope.tier).count
    time_s = figures.phase_time_s(scope.phase, without=figures.searches)
    return operations / time_s if time_s else None


def _mean(figures: Figures, scope: Scope) -> float | None:
    return _mean_ms(figures.comparable_times(scope.phase, scope.operation, scope.tier))


def _mean_service(figures: Figures, scope: Scope) -> float | None:
    times = figures.comparable_times(scope.phase, scope.operation, scope.tier, service=True)
    return _mean_ms(times)


def _mean_ms(times: Histogram) -> float | None:
    return times.mean_ns / NS_PER_MS if times.count else None


def _operations(figures: Figures, scope: Scope) -> float | None:
    # None of some kind is a figure only where others were done; else nothing was measured.
    if not figures.times(scope.phase).count:
        return None
    return float(figures.times(scope.phase, scope.operation, scope.tier).count)


def _errors(figures: Figures, scope: Scope) -> float | None:
    if not figures.times(scope.phase, scope.operation).count:
        return None
    failed = figures.times(scope.phase, scope.operation, scope.tier, ending=Ending.FAILED)
    return float(failed.count)


def _error_rate(figures: Figures, scope: Scope) -> float | None:
    operations = figures.times(scope.phase, scope.operation, scope.tier).count
    errors = _errors(figures, scope)
    return None if errors is None or not operations else errors / operations


_OTHERS: dict[str, Callable[[Figures, Scope], float | None]] = {
    "throughput_ops_per_second": _throughput,
    "avg_response_time_ms": _mean,
    "avg_service_time_ms": _mean_service,
    "operations": _operations,
    "errors": _errors,
    "error_rate": _error_rate,
}
